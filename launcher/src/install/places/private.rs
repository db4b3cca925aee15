//! A directory that a program keeps for itself, as the builder keeps its cache: what lies there is run, so nobody else may
//! put anything there.

use std::fs::File;
use std::path::Path;

use super::{Part, Refusal, system};

/// Makes a directory that only this account may look into, and those above it that are missing. One that is there already has to
/// be such a directory.
///
/// # Errors
/// When it can't be made, or is not this account's alone.
pub fn make(directory: &Path) -> Result<(), Refusal> {
    if let Some(above) = directory.parent() {
        system::make(above, Part::Above)?;
    }
    system::make_private(directory)
}

/// Whether nobody but this account and admins can change an open file.
pub fn is_only_ours(file: &File) -> bool {
    system::is_only_ours(file)
}

/// Whether a file or link is this account's own.
pub fn is_owned(path: &Path) -> bool {
    system::is_owned(path)
}

/// Whether another account could change what lies in a directory, or put something else in its place: by owning it, a link or
/// a directory on the way to it, or by the right to write there.
///
/// # Errors
/// With what makes that possible.
pub fn check(directory: &Path) -> Result<(), Refusal> {
    system::check(directory)
}
