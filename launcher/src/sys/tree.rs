//! A directory to create things in.

use std::time::SystemTime;

pub(crate) use super::system::tree::Tree;

/// What is known of a file that got a name in a [`Tree`].
pub(crate) struct Linked {
    pub(crate) is_file: bool,
    pub(crate) size: u64,
    pub(crate) modified: SystemTime,
    /// Where the system knows such a thing.
    pub(crate) executable: Option<bool>,
    /// Nobody but its owner may write to it, and it has no setuid or setgid bit. True where the system has no such modes.
    pub(crate) only_ours: bool,
}
