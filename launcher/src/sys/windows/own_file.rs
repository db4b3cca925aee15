//! Through `GetModuleFileNameW`, which `current_exe` calls.
//!
//! The file is opened as std opens files: others may read, write, rename and delete it meanwhile.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::sys::own_file::OwnFile;

/// Opens it.
///
/// # Errors
/// When the system does not tell where it is, or it can't be opened.
pub(crate) fn open() -> io::Result<OwnFile> {
    let path = std::env::current_exe()?;
    Ok(OwnFile { file: File::open(&path)?, path })
}

/// Windows tells the full path alone.
pub(crate) fn started_as() -> Option<PathBuf> {
    std::env::current_exe().ok()
}
