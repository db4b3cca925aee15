//! Who runs something from a directory.

use std::path::{Path, PathBuf};

use super::system::processes as system;

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// What it runs.
    pub program: PathBuf,
}

/// The processes that run something from below `directory`, except this one, as far as the system lets this account see
/// them.
pub fn below(directory: &Path) -> Vec<Process> {
    others(system::below(directory))
}

/// The processes that need `directory`, except this one: they run something from there, or work in it. Where the system
/// tells only the command line of a process, it is enough that the directory is named there. `None` when the system tells
/// nothing of any process.
pub fn users(directory: &Path) -> Option<Vec<Process>> {
    system::users(directory).map(others)
}

/// The processes that hold a lock on this file, as far as the system tells.
pub fn holders(lock: &Path) -> Vec<Process> {
    system::holders(lock)
}

fn others(mut found: Vec<Process>) -> Vec<Process> {
    found.retain(|process| process.id != std::process::id());
    found
}
