//! Removing a file that may be the very one that runs.

use std::io;
use std::path::Path;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

/// Removes it, at once or as soon as this process has ended, and then the directory that it leaves empty, if one is named.
pub(super) fn remove(path: &Path, directory: Option<&Path>) -> io::Result<()> {
    system::remove(path, directory)
}
