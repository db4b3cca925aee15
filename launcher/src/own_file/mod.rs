//! The file this process was started from: where its payload is.

use std::fs::File;
use std::path::PathBuf;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

/// This process's own executable.
#[derive(Debug)]
pub struct OwnFile {
    /// Open for reading. Where the system allows it, the very file that runs, even if another has taken its name.
    pub file: File,
    /// Its full path.
    pub path: PathBuf,
}

/// Opens it.
///
/// # Errors
/// When the system does not tell where it is, or it can't be opened.
pub fn open() -> std::io::Result<OwnFile> {
    system::open()
}
