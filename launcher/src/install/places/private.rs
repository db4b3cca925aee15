//! A directory that a program keeps for itself, such as the builder's cache: what lies there is run, so nobody else may put
//! anything there.

use std::fs::File;
use std::path::Path;

use super::Refusal;
use crate::sys::access::{self, Part};

/// Creates a directory that only this account can read, and those above it that are missing. If it exists, it has to be such a
/// directory.
///
/// # Errors
/// When it can't be made, or is not this account's alone.
pub fn make(directory: &Path) -> Result<(), Refusal> {
    if let Some(above) = directory.parent() {
        access::make(above, Part::Above)?;
    }
    Ok(access::make_private(directory)?)
}

/// Whether nobody but this account and admins can change an open file.
pub fn is_only_ours(file: &File) -> bool {
    access::is_only_ours(file)
}

/// Whether a file or link is this account's own.
pub fn is_owned(path: &Path) -> bool {
    access::is_owned(path)
}

/// Checks that no other account can change what lies in a directory, or replace the directory: by owning it, a link or a
/// directory on the way to it, or by the right to write there.
///
/// # Errors
/// What another account can change.
pub fn check(directory: &Path) -> Result<(), Refusal> {
    Ok(access::check(directory)?)
}
