//! Removing files and directories that may be gone already.

use std::fs;
use std::io;
use std::path::Path;

use super::files;

/// Removes a file, or a link itself, also one that is "read-only" (Windows). Fine if there is none.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    let removed = fs::remove_file(path).or_else(|e| {
        if e.kind() != io::ErrorKind::PermissionDenied {
            return Err(e);
        }
        files::allow_replacing(path);
        fs::remove_file(path)
    });
    ok_if_missing(removed)
}

/// Removes an empty directory. Fine if there is none.
pub(crate) fn remove_empty_directory(path: &Path) -> io::Result<()> {
    ok_if_missing(fs::remove_dir(path))
}

/// Removes a file, a link itself, or a directory with all that is in it. Fine if there is none.
pub(crate) fn remove_any(path: &Path) -> io::Result<()> {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if is_directory { ok_if_missing(files::remove_tree(path)) } else { remove_file(path) }
}

fn ok_if_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
