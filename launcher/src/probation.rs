//! A version that an update has brought is on probation until one of its starts went well. If its first starts fail within seconds,
//! the next one goes back to the version before.
//!
//! A file in the install root has a byte for each start that did not go well, or did not do so yet. It is removed:
//! - by the app when it ends without an uncaught exception (`builder/src/runtime/aliases.py`), which the launcher asks for by an
//!   option of the interpreter. A start that ends with another exit code than 0 only is not counted: programs use such codes to answer;
//! - after [`WELL_AFTER`], by a process beside the app, or by the launcher where that waits;
//! - on Windows, when an app with windows has come up.
//!
//! What an app that is killed has done wrong is not known, so that start counts. Starts at the same time can't be told
//! apart: as long as somebody runs the version, nothing goes back.
//!
//! The seal of a version on probation is not settled, which costs a start nothing to know. So a start of any other version
//! does not look for that file. A root that this account may not write to (an admin's) has no probation.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::install::Installed;
use crate::install::layout::{self, InstallRoot};
use crate::install::version::seal::Seal;
use crate::sys::{background, processes};

/// So many starts may fail.
const MOST_FAILURES: u64 = 3;
/// A start that lives so long went well.
const WELL_AFTER: Duration = Duration::from_secs(30);
/// Whoever started within this time may not be seen among the processes yet.
const UNSEEN: Duration = Duration::from_secs(1);

/// How a version begins this start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probation {
    /// It has proved itself, or was not brought by an update.
    None,
    /// This start will show. The file that says so.
    Start(PathBuf),
    /// It has failed.
    Failed,
}

/// Counts a start of a version that may be on probation.
pub fn count(app: &Installed) -> Probation {
    let file = layout::probation(&app.version_dir);
    let Ok(found) = fs::metadata(&file) else { return Probation::None };
    if found.len() >= MOST_FAILURES {
        let is_recent = found.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age < UNSEEN));
        let is_used = || processes::users(&app.version_dir).is_none_or(|users| !users.is_empty());
        return if is_recent || is_used() { Probation::None } else { Probation::Failed };
    }
    let counted = OpenOptions::new().append(true).open(&file).and_then(|mut file| file.write_all(b"."));
    if counted.is_err() {
        return Probation::None;
    }
    let version_dir = app.version_dir.clone();
    background::run_if_alive_after(WELL_AFTER, move || end(&version_dir));
    Probation::Start(file)
}

/// Puts a version on probation that is installed, and takes others off it.
///
/// # Errors
/// When the file can't be written.
pub fn begin(root: &InstallRoot, version_dir: &Path) -> io::Result<()> {
    for other in fs::read_dir(root.updates())?.flatten() {
        if other.file_name().to_str().is_some_and(layout::is_probation) {
            let _ = fs::remove_file(other.path());
        }
    }
    fs::write(layout::probation(version_dir), "")?;
    // It may have been settled when it was installed before. One that can't be renewed is not on probation.
    Seal::hold(version_dir).map_or(Ok(()), |seal| seal.renew())
}

/// The version has proved itself, or was left.
pub fn end(version_dir: &Path) {
    let _ = fs::remove_file(layout::probation(version_dir));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_on_probation() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        let versions = ["1-0123456789ab", "2-0123456789ab"].map(|name| root.versions().join(name));
        for version_dir in &versions {
            fs::create_dir_all(version_dir).unwrap();
        }
        fs::create_dir_all(root.updates()).unwrap();
        for version_dir in &versions {
            begin(&root, version_dir).unwrap();
        }
        assert_eq!(versions.each_ref().map(|version_dir| layout::probation(version_dir).exists()), [false, true]);
        end(&versions[1]);
        assert_eq!(fs::read_dir(root.updates()).unwrap().count(), 0);
    }
}
