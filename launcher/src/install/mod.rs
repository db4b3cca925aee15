//! A first start: making the version dir exist.
//!
//! 1. Lock, so that of many simultaneous first starts one does the work and the others wait.
//! 2. Look again: while waiting, another may have finished.
//! 3. Stage: extract everything into a directory of our own, each frame checked before it is decoded.
//! 4. Publish: one rename makes the version exist.
//!
//! The lock saves work and is not needed to be correct: staging dirs are unique, and the first rename wins.

use std::io;
use std::path::{Path, PathBuf};

use crate::bundle::frame::FrameError;
use crate::bundle::index::Index;
use crate::bundle::source::Source;
use crate::bundle::{Bundle, BundleError};

pub mod extract;
pub mod layout;
mod lock;
mod publish;
mod staging;

use layout::InstallRoot;
use lock::Lock;
use staging::Staging;

/// What a first start tells while it works. Called from one thread.
pub trait Watcher {
    /// Another process is installing, and this one waits for it.
    fn waiting(&mut self);
    /// `done` of `total` bytes are extracted. Called several times a second, and at the end.
    fn extracted(&mut self, done: u64, total: u64);
}

/// Why a version dir could not be made. Nothing is left behind but, perhaps, an empty install root.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A directory or file could not be created, written or renamed.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bundle is damaged.
    #[error("the bundle can't be used")]
    Bundle(#[from] BundleError),
    /// The bundle holds something that is refused.
    #[error("the bundle can't be extracted")]
    Frame(#[from] FrameError),
}

impl InstallError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some room on this disk and start again".to_owned()
            }
            Self::Io { .. } => {
                format!(
                    "check that this account may write there, or set {} to a directory that it may",
                    crate::env::ROOT
                )
            }
            Self::Bundle(_) | Self::Frame(_) => "the file was changed or damaged on its way: get it again".to_owned(),
        }
    }
}

/// Makes `version_dir` exist, complete.
///
/// # Errors
/// As [`InstallError`] says; the version dir does not exist then.
pub fn install<S: Source>(
    bundle: &Bundle<S>,
    root: &InstallRoot,
    version_dir: &Path,
    watcher: &mut dyn Watcher,
) -> Result<(), InstallError> {
    root.create()?;
    let lock = Lock::acquire(&root.lock_file(), || version_dir.is_dir(), || watcher.waiting());
    if version_dir.is_dir() {
        return Ok(());
    }
    if lock.is_some() {
        staging::remove_leftovers(root);
    }
    let index: Index = bundle.index()?;
    Staging::create(root, version_dir)?.fill(bundle, &index, watcher)?.publish(version_dir)
}
