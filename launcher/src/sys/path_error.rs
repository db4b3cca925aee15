//! What speaks against a path.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file or directory can't be used.
#[derive(Debug)]
pub enum PathError {
    /// The system refused something.
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another account could change it.
    Unsafe {
        /// Which part of the path.
        path: PathBuf,
        /// How.
        why: String,
    },
}

impl PathError {
    /// For `map_err`: `action` failed on `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// Something else has the name of a directory that has to be this account's alone.
    pub(crate) fn not_private(path: &Path) -> Self {
        let why = "was there already, and is not a directory of this account's alone".to_owned();
        Self::Unsafe { path: path.to_path_buf(), why }
    }
}
