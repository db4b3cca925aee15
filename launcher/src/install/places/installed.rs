//! A version that is installed, and held.

use std::fs::File;
use std::path::PathBuf;

use super::Candidate;
use crate::install::layout;
use crate::install::version::seal::Seal;

/// A version dir that is complete and held: nobody removes it while this lives, or what was started from it.
#[derive(Debug)]
pub struct Installed {
    /// Where its root is.
    pub candidate: Candidate,
    /// The version dir.
    pub version_dir: PathBuf,
    /// Its seal, held.
    pub seal: Seal,
}

impl Installed {
    /// The version in `directory`, if it is sealed, and not being removed. The directory was checked
    /// ([`super`]): nobody else can change what is in it.
    pub(super) fn new(candidate: Candidate, version_dir: PathBuf, directory: File) -> Option<Self> {
        let seal = Seal::hold_in(directory, &version_dir)?;
        Some(Self { candidate, version_dir, seal })
    }

    /// Whether it still exists: it may have been removed between finding its seal and holding it.
    pub fn is_there(&self) -> bool {
        layout::seal(&self.version_dir).exists()
    }
}
