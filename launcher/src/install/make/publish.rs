//! The renames that put files into place: the one that makes a version exist, and those of a repair.

use std::fs;
use std::io;
use std::path::Path;

use crate::install::{fault, layout};
use crate::sys::renaming;

/// Publishes a staging dir: renames `staging` to `version_dir`. Fine as well when that is there already and sealed, because
/// someone else was first. A denied rename is retried as long as `goes_on` says so.
pub(in crate::install) fn publish(
    staging: &Path,
    version_dir: &Path,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<()> {
    let rename = || match fault::point("publish").and_then(|()| fs::rename(staging, version_dir)) {
        Err(_) if layout::seal(version_dir).exists() => Ok(()),
        result => result,
    };
    if fault::DENIALS_PASS { renaming::retry(&rename, goes_on) } else { rename() }?;
    fault::point("published")
}

/// Renames `from` to `to` and replaces the file that is there. A denied rename is retried.
pub(in crate::install) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let rename = || fault::point("replace").and_then(|()| fs::rename(from, to));
    if fault::DENIALS_PASS { renaming::retry(&rename, &mut || true) } else { rename() }
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
            publish(&path(name), &path("v"), &mut || true).unwrap();
        }
        assert_eq!(fs::read_to_string(path("v").join("mark")).unwrap(), "1");
        assert!(publish(&path("missing"), &path("w"), &mut || true).is_err());
    }
}
