//! Directories. Who may write where is inherited from the directory above: the profile's, or what an admin chose.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Whether a file may be run as a program. `None` where files do not say.
pub(super) fn is_executable(_file: &Metadata) -> Option<bool> {
    None
}

/// Not known without opening each file: one with several names counts several times.
pub(super) fn identity_if_linked(_file: &Metadata) -> Option<(u64, u64)> {
    None
}
