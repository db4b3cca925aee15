//! The C library of this machine: on Windows, bundles have theirs.

/// What this machine has in the place of the one that is needed.
pub(crate) fn instead_of(_needed: &str) -> Option<String> {
    None
}
