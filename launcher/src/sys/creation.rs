//! Creating what may be there already.

use std::io;
use std::path::Path;

use super::files;

/// Creates a directory, for everybody to read and for us alone to write. Fine if something of that name is there.
pub(crate) fn ensure_directory(path: &Path) -> io::Result<()> {
    ok_if_exists(files::create_directory(path))
}

/// Creates a directory for this account alone. Fine if something of that name is there.
pub(crate) fn ensure_private_directory(path: &Path) -> io::Result<()> {
    ok_if_exists(files::create_private_directory(path))
}

/// Fine if it was there already.
pub(crate) fn ok_if_exists(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}
