//! The one rename that makes a version exist.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::install::{fault, layout};

/// First wait after a denied rename; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// How often a denied rename is tried again: about ten seconds in all.
const RETRIES: u32 = 9;

/// Renames `from` to `to`; fine as well when `to` is there already and sealed, because someone else was first.
///
/// Windows denies renaming a directory while a file in it is open without `FILE_SHARE_DELETE`, as a virus scanner's may
/// be for a moment in a tree that has just been written; so a denied rename is tried again, as long as `goes_on`, which is
/// asked several times a second meanwhile, says so.
pub(in crate::install) fn rename(from: &Path, to: &Path, goes_on: &mut dyn FnMut() -> bool) -> io::Result<()> {
    let rename = || match fault::point("publish").and_then(|()| fs::rename(from, to)) {
        Err(_) if layout::seal(to).exists() => Ok(()),
        result => result,
    };
    with_patience(&rename, fault::DENIALS_PASS, goes_on)?;
    fault::point("published")
}

/// Renames `from` to `to` and replaces the file that is there. Denied, it is tried again, as above.
pub(in crate::install) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    with_patience(&|| fault::point("replace").and_then(|()| fs::rename(from, to)), fault::DENIALS_PASS, &mut || true)
}

fn with_patience(
    rename: &dyn Fn() -> io::Result<()>,
    denials_pass: bool,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<()> {
    let mut wait = FIRST_WAIT;
    let mut retries = 0;
    loop {
        let denied = match rename() {
            Err(e) if denials_pass && is_transient(&e) && retries < RETRIES => e,
            result => return result,
        };
        let begun = Instant::now();
        while begun.elapsed() < wait {
            if !goes_on() {
                return Err(denied);
            }
            thread::sleep(FIRST_WAIT);
        }
        wait *= 2;
        retries += 1;
    }
}

/// Access denied, sharing violation and busy (Microsoft's "System Error Codes", 5, 32, which Rust has no kind for, and 170).
pub(in crate::install) fn is_transient(error: &io::Error) -> bool {
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
            crate::install::version::seal::Seal::write(&path(name)).unwrap();
            fs::write(path(name).join("mark"), mark).unwrap();
            rename(&path(name), &path("v"), &mut || true).unwrap();
        }
        assert_eq!(fs::read_to_string(path("v").join("mark")).unwrap(), "1");
        assert!(rename(&path("missing"), &path("w"), &mut || true).is_err());
    }

    #[test]
    fn a_denied_rename_is_tried_again_until_nobody_wants_to_wait() {
        let tries = std::cell::Cell::new(0);
        let denied = || {
            tries.set(tries.get() + 1);
            Err(ErrorKind::PermissionDenied.into())
        };
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 4
        };
        let result = with_patience(&denied, true, &mut goes_on);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::PermissionDenied);
        // Asked while it waits, at least once each time.
        assert_eq!(asked, 4);
        assert!((2..=4).contains(&tries.get()), "{}", tries.get());
        assert!(with_patience(&denied, false, &mut || panic!("not asked")).is_err());
    }
}
