//! Who runs something from a directory.

use std::path::{Path, PathBuf};

use crate::sys::processes as system;

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// What it runs.
    pub program: PathBuf,
}

/// The processes that run something from below `directory`, ours left out, as far as the system lets this account see them.
pub fn below(directory: &Path) -> Vec<Process> {
    others(system::below(directory))
}

/// The processes that need `directory`: they run something from there, or work in it, or may do so, as their command lines
/// say, where no more is told of them. Ours is left out. `None` when nothing can be told of any process.
pub fn users(directory: &Path) -> Option<Vec<Process>> {
    system::users(directory).map(others)
}

/// Who holds the lock on this file, as far as the system tells.
pub fn holders(lock: &Path) -> Vec<Process> {
    system::holders(lock)
}

fn others(mut found: Vec<Process>) -> Vec<Process> {
    found.retain(|process| process.id != std::process::id());
    found
}
