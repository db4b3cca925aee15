//! What the machine is like.

use std::path::Path;

use super::FileSystem;

use crate::sys::machine as system;

/// What is to be said about virus scanners, where they matter.
pub(super) const VIRUS_SCANNERS: Option<&str> = system::VIRUS_SCANNERS;

/// The operating system and its version.
pub(super) fn system() -> String {
    system::system()
}

/// What the file system that `path` lies on is like, as far as that can be told.
pub(super) fn file_system(path: &Path) -> Option<FileSystem> {
    system::file_system(path)
}
