//! The one rename that makes a version exist.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{fault, layout};

/// First wait after a denied rename; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// How often a denied rename is tried again: about ten seconds in all.
const RETRIES: u32 = 9;

/// Renames `from` to `to`; fine as well when `to` is there already and sealed, because someone else was first.
///
/// Windows denies renaming a directory while a file in it is open without `FILE_SHARE_DELETE`, as a virus scanner's may
/// be for a moment in a tree that has just been written; so a denied rename is tried again.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    with_patience(|| match fault::point("publish").and_then(|()| fs::rename(from, to)) {
        Err(_) if layout::seal(to).exists() => Ok(()),
        result => result,
    })?;
    fault::point("published")
}

/// Renames `from` to `to` and replaces the file that is there. Denied, it is tried again, as above.
pub(super) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    with_patience(|| fault::point("replace").and_then(|()| fs::rename(from, to)))
}

fn with_patience(rename: impl Fn() -> io::Result<()>) -> io::Result<()> {
    let mut wait = FIRST_WAIT;
    let mut retries = 0;
    loop {
        match rename() {
            Err(e) if fault::DENIALS_PASS && is_transient(&e) && retries < RETRIES => {}
            result => return result,
        }
        thread::sleep(wait);
        wait *= 2;
        retries += 1;
    }
}

/// Access denied, sharing violation and busy (Microsoft's "System Error Codes", 5, 32, which Rust has no kind for, and 170).
pub(super) fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy) || error.raw_os_error() == Some(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rename_wins() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for (name, mark) in [("a", "1"), ("b", "2")] {
            fs::create_dir(path(name)).unwrap();
            super::super::seal::Seal::write(&path(name)).unwrap();
            fs::write(path(name).join("mark"), mark).unwrap();
            rename(&path(name), &path("v")).unwrap();
        }
        assert_eq!(fs::read_to_string(path("v").join("mark")).unwrap(), "1");
        assert!(rename(&path("missing"), &path("w")).is_err());
    }
}
