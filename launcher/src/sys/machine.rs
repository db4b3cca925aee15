//! What the machine is like.

pub(crate) use super::system::machine::{HAS_VIRUS_SCANNERS, file_system, system};

/// What a file system is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// `ext4`, `NTFS`, …
    pub(crate) kind: String,
    pub(crate) is_remote: bool,
    pub(crate) is_read_only: bool,
    /// Whether programs may run from it.
    pub(crate) programs: bool,
}
