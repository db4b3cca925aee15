//! Who could change what lies at a path, and what a file system has to offer.

#[cfg(any(windows, test))]
pub(crate) mod rights;

pub(crate) use super::system::access::{
    account, account_id, check, check_existing, is_admins, is_only_ours, is_owned, is_private, long_paths,
    machine_wide, make, make_private, may_write, open_version, room,
};

/// Where a directory lies on the way to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Above the install root.
    Above,
    /// The install root, or something in it.
    Inside,
}

/// What a file system has to offer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Bytes that this account may still write.
    pub(crate) free: u64,
    /// Whether programs may be run from there.
    pub(crate) programs: bool,
}
