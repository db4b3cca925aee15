//! The file this process was started from: where its payload is.

use std::fs::File;
use std::path::PathBuf;

pub(crate) use super::system::own_file::open;

/// This process's own executable.
#[derive(Debug)]
pub(crate) struct OwnFile {
    /// Open for reading. On Linux it is the file that runs, even if another file has its name now.
    pub(crate) file: File,
    /// Its full path.
    pub(crate) path: PathBuf,
}
