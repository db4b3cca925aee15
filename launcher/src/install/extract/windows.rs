//! Files. Symbolic links need a privilege on Windows, so bundles for it hold none.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

pub(super) fn create_new(path: &Path, _executable: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

pub(super) fn symlink(_target: &str, _path: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "symbolic links are not made on Windows"))
}
