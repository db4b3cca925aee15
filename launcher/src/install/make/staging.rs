//! Staging dirs: unfinished version dirs. Only one that was filled completely can be published.

use std::path::{Path, PathBuf};

use super::extract::Extraction;
use super::publish::publish;
use super::reuse::{self, Older};
use crate::install::layout::{self, InstallRoot};
use crate::install::version::deletion::delete;
use crate::install::version::file_list::{self, Owner};
use crate::install::version::seal::Seal;
use crate::install::{InstallError, Watcher, fault};
use crate::sys::files;
use bundle::Bundle;
use bundle::index::Index;
use bundle::source::Source;

/// A directory of our own below `staging/`. Removed when dropped.
#[derive(Debug)]
pub(in crate::install) struct Staging {
    path: PathBuf,
}

/// A staging dir that holds everything the index lists.
#[derive(Debug)]
pub(in crate::install) struct Filled(Staging);

impl Staging {
    /// Creates an empty one, named after the version dir that it will become, the process, and a number. The list that is begun in
    /// it tells it from a directory of the app's own.
    pub(in crate::install) fn create(root: &InstallRoot, becomes: &Path, owner: &Owner) -> Result<Self, InstallError> {
        let name = becomes.file_name().unwrap_or_default();
        let mut attempt = 0_u32;
        loop {
            let mut unique = name.to_os_string();
            unique.push(format!(".{}-{attempt}", std::process::id()));
            let path = root.staging().join(unique);
            match files::create_directory(&path) {
                Ok(()) => {
                    let made = Self { path };
                    fault::point("staging dir").map_err(InstallError::io("use", &made.path))?;
                    file_list::begin(&made.path, owner)
                        .map_err(InstallError::io("write", &layout::installed_file(&made.path)))?;
                    return Ok(made);
                }
                // A leftover of an earlier process with our number, when locks do not work.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(e) => return Err(InstallError::io("create", &path)(e)),
            }
        }
    }

    /// Where it is.
    pub(in crate::install) fn path(&self) -> &Path {
        &self.path
    }

    /// Extracts every frame, or links its files from an older version dir; writes the lists of frames and files, and the seal.
    pub(in crate::install) fn fill<S: Source>(
        self,
        root: &InstallRoot,
        bundle: &Bundle<S>,
        index: &Index,
        watcher: &mut dyn Watcher,
    ) -> Result<Filled, InstallError> {
        let directory = &self.path;
        let older = Older::find(root, &Owner::from_record(bundle.record()), directory);
        let now = file_list::time_of_installation();
        Extraction { bundle, index, directory, wanted: &|_| true, time: &|_| Some(now), older: &older }.run(watcher)?;
        reuse::note_frames(index, directory)?;
        let taken = older.taken();
        file_list::complete(directory, index, &|path| Some(*taken.get(path).unwrap_or(&now)))
            .map_err(InstallError::io("write", &layout::installed_file(directory)))?;
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
    pub(in crate::install) fn publish(
        self,
        version_dir: &Path,
        index: &Index,
        watcher: &mut dyn Watcher,
    ) -> Result<(), InstallError> {
        let total = index.raw_len();
        let renamed = publish(&self.0.path, version_dir, &mut || {
            watcher.extracted(total, total);
            !watcher.is_cancelled()
        });
        match renamed {
            Err(_) if watcher.is_cancelled() => Err(InstallError::Cancelled),
            renamed => renamed.map_err(|source| InstallError::Publish { path: version_dir.to_path_buf(), source }),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After publishing, there is nothing here any more. After a failure, the next first start removes what can't be removed
        // now.
        let _ = delete(&self.path);
    }
}
