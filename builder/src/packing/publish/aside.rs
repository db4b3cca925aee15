//! The names beside a destination: `app.exe.ekiben-new-…` for a copy that is being made, `app.exe.ekiben-old-…` for a
//! version that somebody was running when it was replaced. A later publish can tell whether one is still needed: a
//! copy is locked while it is being made, and Windows keeps a running program from being removed.
//!
//! # Security
//! Others may write to the directory as well. A name is random and taken by a new file of ours; a file that is found there is
//! put back or removed only if it is a regular file of this account's with no other name; and it is put back only if it holds
//! a bundle.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use bundle::Bundle;
use launcher::install::places::private;
use tempfile::{NamedTempFile, TempPath};

use crate::host::system;

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
        builder.make_in(&self.directory, system::create_new_private)
    }

    /// A new, empty file, which the old bundle replaces when it has to be renamed.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(super) fn create_old(&self) -> io::Result<TempPath> {
        let prefix = self.prefix(OLD);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).rand_bytes(RANDOM);
        Ok(builder.make_in(&self.directory, system::create_new_private)?.into_temp_path())
    }

    /// Renames the old file back, if a publish was killed between its two renames.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn restore(&self) -> io::Result<()> {
        if self.path.exists() {
            return Ok(());
        }
        let is_bundle = |old: &PathBuf| Bundle::open(old).is_ok();
        let old = self
            .leftovers(OLD)?
            .into_iter()
            .filter(is_bundle)
            .max_by_key(|old| old.metadata().and_then(|m| m.modified()).ok());
        old.map_or(Ok(()), |old| fs::rename(old, &self.path))
    }

    /// Removes files of earlier publishes. Returns those that are still in use.
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
        let found = entries.iter().filter(|e| ours(&e.file_name())).map(fs::DirEntry::path);
        let mut found: Vec<_> = found.filter(|path| is_own_file(path)).collect();
        found.sort();
        Ok(found)
    }

    fn prefix(&self, kind: &str) -> OsString {
        let mut prefix = self.name.clone();
        prefix.push(kind);
        prefix
    }
}

/// Whether it is a file that this account made, under the one name that it has.
fn is_own_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && system::has_one_name(&found))
        && private::is_owned(path)
}

/// Whether no running publish is making this copy.
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
    fn what_is_no_bundle_of_ours_is_not_put_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("app.exe");
        let names = Names::of(&path).unwrap();
        let planted = directory.path().join("app.exe.ekiben-old-12345678");
        fs::write(&planted, "#!/bin/sh\necho hostile\n").unwrap();
        names.restore().unwrap();
        assert!(!path.exists() && planted.exists());
        let old = names.create_old().unwrap();
        assert!(old.exists() && names.leftovers(OLD).unwrap().contains(&old.to_path_buf()));
        // Another name of a file of ours, which somebody else may have given it.
        let other = directory.path().join("other");
        fs::write(&other, "").unwrap();
        let link = directory.path().join("app.exe.ekiben-old-abcdefgh");
        if fs::hard_link(&other, &link).is_ok() && cfg!(unix) {
            names.clean().unwrap();
            assert!(link.exists());
        }
    }
}
