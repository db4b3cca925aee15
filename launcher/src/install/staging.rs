//! Staging dirs: a version dir in the making. Only one that was filled completely can be published.

use std::fs;
use std::path::{Path, PathBuf};

use super::extract::Extraction;
use super::layout::{self, InstallRoot};
use super::reuse::{self, Older};
use super::roots::refusal::PUBLISH;
use super::seal::Seal;
use super::{InstallError, Watcher, fault, publish, system};
use crate::bundle::Bundle;
use crate::bundle::index::Index;
use crate::bundle::source::Source;

/// A directory of our own below `staging/`. Removed when dropped.
#[derive(Debug)]
pub(super) struct Staging {
    path: PathBuf,
}

/// A staging dir that holds everything the index lists.
#[derive(Debug)]
pub(super) struct Filled(Staging);

impl Staging {
    /// Creates an empty one, named after the version dir it will become, the process, and a number.
    pub(super) fn create(root: &InstallRoot, version_dir: &Path) -> Result<Self, InstallError> {
        let name = version_dir.file_name().unwrap_or_default();
        let mut attempt = 0_u32;
        loop {
            let mut unique = name.to_os_string();
            unique.push(format!(".{}-{attempt}", std::process::id()));
            let path = root.staging().join(unique);
            match system::create_directory(&path) {
                Ok(()) => {
                    let made = Self { path };
                    fault::point("staging dir").map_err(InstallError::io("use", &made.path))?;
                    return Ok(made);
                }
                // A leftover of an earlier process with our number, when locks do not work.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(e) => return Err(InstallError::io("create", &path)(e)),
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Extracts every frame, or takes its files from an older version dir; notes which frames there were, and seals it.
    pub(super) fn fill<S: Source>(
        self,
        root: &InstallRoot,
        bundle: &Bundle<S>,
        index: &Index,
        watcher: &mut dyn Watcher,
    ) -> Result<Filled, InstallError> {
        let directory = &self.path;
        let older = Older::find(&root.versions(), directory);
        Extraction { bundle, index, directory, wanted: &|_| true, older: &older }.run(watcher)?;
        reuse::record(index, directory)?;
        Seal::write(directory).map_err(InstallError::io("write", &layout::seal(directory)))?;
        Ok(Filled(self))
    }
}

impl Filled {
    /// Makes it the version dir, by one rename. When another process was first, its version dir stands and this one is
    /// dropped: both have the same content.
    ///
    /// # Errors
    /// When it is denied, or the watcher does not want to wait any longer.
    pub(super) fn publish(
        self,
        version_dir: &Path,
        index: &Index,
        watcher: &mut dyn Watcher,
    ) -> Result<(), InstallError> {
        let total = index.raw_len();
        let renamed = publish::rename(&self.0.path, version_dir, &mut || {
            watcher.extracted(total, total);
            !watcher.is_cancelled()
        });
        match renamed {
            Err(_) if watcher.is_cancelled() => Err(InstallError::Cancelled),
            renamed => renamed.map_err(InstallError::io(PUBLISH, version_dir)),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a publish there is nothing here any more; after a failure, what can't be removed is removed by the next
        // first start.
        let _ = system::remove_tree(&self.path);
    }
}

/// Moves a directory that has the version's name and no seal of its own out of the way: nothing that ekiben has published
/// looks like that, but a disk that was not written to its end may.
pub(super) fn set_aside(root: &InstallRoot, version_dir: &Path) {
    if layout::seal(version_dir).exists() || !version_dir.exists() {
        return;
    }
    discard(root, version_dir);
}

/// Removes a directory of this root in two steps, so that at no moment a part of it has its name. Whether it is gone from
/// there; what could not be deleted is a leftover.
pub(super) fn discard(root: &InstallRoot, directory: &Path) -> bool {
    let mut gone = directory.file_name().unwrap_or_default().to_os_string();
    gone.push(format!(".{}{GONE}", std::process::id()));
    let gone = root.staging().join(gone);
    if fault::point("discard").and_then(|()| fs::rename(directory, &gone)).is_err() {
        return false;
    }
    let _ = fault::point("discarded").and_then(|()| system::remove_tree(&gone));
    true
}

/// Removes what first starts that were killed left behind. To be called with the lock held.
///
/// Somebody may stage without it all the same: one who has waited too long, or whose locks do not work. So each leftover is
/// renamed before anything in it is deleted: whoever still works in it finds it gone and fails, and can't publish a tree
/// with holes. (Windows denies the rename while a file in it is open.)
pub(super) fn remove_leftovers(root: &InstallRoot) {
    let Ok(leftovers) = fs::read_dir(root.staging()) else { return };
    for leftover in leftovers.flatten() {
        let mut gone = leftover.file_name();
        if !gone.as_encoded_bytes().ends_with(GONE.as_bytes()) {
            gone.push(GONE);
        }
        let gone = root.staging().join(gone);
        if fault::point("leftover").and_then(|()| fs::rename(leftover.path(), &gone)).is_ok() {
            let _ = fault::point("leftover aside").and_then(|()| super::remove::remove_any(&gone));
        }
    }
}

/// Ends the name of a leftover that is being removed.
const GONE: &str = ".gone";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_removed_whole() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        root.create().unwrap();
        for name in ["1-abc.77-0", "1-abc.78-0.gone"] {
            fs::create_dir_all(root.staging().join(name).join("lib")).unwrap();
        }
        remove_leftovers(&root);
        assert_eq!(fs::read_dir(root.staging()).unwrap().count(), 0);
    }
}
