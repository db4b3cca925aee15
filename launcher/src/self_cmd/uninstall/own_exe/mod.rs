//! Removing the very file that runs.

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

/// Removes it, at once or as soon as this process has ended.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    system::remove(path)
}
