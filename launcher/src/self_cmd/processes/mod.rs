//! Who runs something from a directory.

use std::path::{Path, PathBuf};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: u32,
    /// What it runs.
    pub(super) program: PathBuf,
}

/// The processes that run something from below `directory`, ours left out, as far as the system lets this account see them.
pub(super) fn below(directory: &Path) -> Vec<Process> {
    let mut found = system::below(directory);
    found.retain(|process| process.id != std::process::id());
    found
}

/// Who holds the lock on this file, as far as the system tells.
pub(super) fn holders(lock: &Path) -> Vec<Process> {
    system::holders(lock)
}
