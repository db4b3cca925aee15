//! Removing a file that may be the very one that runs.

use std::io;
use std::path::Path;

use crate::sys::own_exe as system;

/// Removes it, at once or as soon as this process has ended, and then the directory that it leaves empty, if one is named.
pub(super) fn remove(path: &Path, directory: Option<&Path>) -> io::Result<()> {
    system::remove(path, directory)
}
