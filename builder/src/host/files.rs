//! Removes files and directories that may not exist; the standard library has no function for that.

use std::fs;
use std::io;
use std::path::Path;

/// Removes a file, if it is there.
///
/// # Errors
/// Those of the file system.
pub(crate) fn remove_file_if_exists(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// Removes a directory and everything in it, if it is there.
///
/// # Errors
/// Those of the file system.
pub(crate) fn remove_directory_if_exists(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_dir_all(path))
}

fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
