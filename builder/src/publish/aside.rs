//! The names beside a destination: `app.exe.ekiben-new-…` for a copy that is being made, `app.exe.ekiben-old-…` for a
//! version that somebody was running when it was replaced. Who finds one later can tell whether it is still needed: a
//! copy is locked as long as it is made, and Windows keeps a running program from being removed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

const NEW: &str = ".ekiben-new-";
const OLD: &str = ".ekiben-old-";
/// How many letters and digits tell the files of one publish from those of another.
const RANDOM: usize = 8;

/// The names that belong to one destination.
pub(super) struct Names {
    path: PathBuf,
    directory: PathBuf,
    name: OsString,
}

impl Names {
    /// Those of this file.
    ///
    /// # Errors
    /// When it has no name.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let nameless = || io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file");
        let name = path.file_name().ok_or_else(nameless)?.to_owned();
        let directory = path.parent().ok_or_else(nameless)?.to_owned();
        Ok(Self { path: path.to_owned(), directory, name })
    }

    /// A new file for the copy.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(super) fn create_new(&self) -> io::Result<NamedTempFile> {
        let prefix = self.prefix(NEW);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).rand_bytes(RANDOM);
        // Opened by hand: a file of this crate's own making is marked as temporary on Windows.
        builder.make_in(&self.directory, |path| OpenOptions::new().read(true).write(true).create_new(true).open(path))
    }

    /// What the replaced file is called if it has to step aside for this copy.
    pub(super) fn old_of(&self, copy: &TempPath) -> PathBuf {
        let random = copy.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default();
        let random = String::from_utf8_lossy(&random[random.len().saturating_sub(RANDOM)..]).into_owned();
        let mut name = self.prefix(OLD);
        name.push(random);
        self.directory.join(name)
    }

    /// If a publish was killed after the old file had stepped aside and before the new one had its name: steps back.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn restore(&self) -> io::Result<()> {
        if self.path.exists() {
            return Ok(());
        }
        let old = self.leftovers(OLD)?.into_iter().max_by_key(|old| old.metadata().and_then(|m| m.modified()).ok());
        old.map_or(Ok(()), |old| fs::rename(old, &self.path))
    }

    /// Removes what earlier publishes have left. Answers what is still in use.
    ///
    /// # Errors
    /// When the directory can't be listed.
    pub(super) fn clean(&self) -> io::Result<Vec<PathBuf>> {
        for new in self.leftovers(NEW)? {
            if is_abandoned(&new) {
                drop(fs::remove_file(new));
            }
        }
        let old = self.leftovers(OLD)?.into_iter();
        Ok(old.filter(|old| fs::remove_file(old).is_err() && old.exists()).collect())
    }

    fn leftovers(&self, kind: &str) -> io::Result<Vec<PathBuf>> {
        let prefix = self.prefix(kind);
        let ours = |name: &OsStr| {
            let random = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
            random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
        };
        let entries = fs::read_dir(&self.directory)?.collect::<io::Result<Vec<_>>>()?;
        let mut found: Vec<_> = entries.iter().filter(|e| ours(&e.file_name())).map(fs::DirEntry::path).collect();
        found.sort();
        Ok(found)
    }

    fn prefix(&self, kind: &str) -> OsString {
        let mut prefix = self.name.clone();
        prefix.push(kind);
        prefix
    }
}

/// Whether nobody makes this copy any more.
fn is_abandoned(copy: &Path) -> bool {
    match File::open(copy).map(|file| file.try_lock().map(|()| file)) {
        Ok(Ok(_)) => true,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_publish_has_left_is_removed_and_only_if_nobody_is_at_work() {
        let directory = tempfile::tempdir().unwrap();
        let names = Names::of(&directory.path().join("app.exe")).unwrap();
        let copy = names.create_new().unwrap();
        copy.as_file().lock().unwrap();
        let foreign = ["app.exe", "app.exe.ekiben-old-", "app.exe.ekiben-old-x.y.zzzz", "b.exe.ekiben-old-12345678"];
        let ours = ["app.exe.ekiben-old-12345678", "app.exe.ekiben-new-abcdefgh"];
        for name in foreign.iter().chain(&ours) {
            fs::write(directory.path().join(name), "").unwrap();
        }
        assert_eq!(names.clean().unwrap(), [] as [PathBuf; 0]);
        for name in foreign {
            assert!(directory.path().join(name).exists(), "{name}");
        }
        for name in ours {
            assert!(!directory.path().join(name).exists(), "{name}");
        }
        assert!(copy.path().exists());
    }

    #[test]
    fn a_file_that_had_stepped_aside_for_nothing_steps_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("app.exe");
        let names = Names::of(&path).unwrap();
        names.restore().unwrap();
        assert!(!path.exists());
        let aside = names.old_of(&names.create_new().unwrap().into_temp_path());
        fs::write(&aside, "old").unwrap();
        names.restore().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), aside.exists()), ("old", false));
    }
}
