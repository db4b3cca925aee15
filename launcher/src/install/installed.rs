//! A version that is installed, and held.

use std::fs::File;
use std::path::PathBuf;

use super::layout;
use super::places::Candidate;
use super::version::seal::Seal;

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
    /// ([`super::places`]): nobody else can change what is in it.
    pub(super) fn look(candidate: Candidate, version_dir: PathBuf, directory: File) -> Option<Self> {
        let seal = Seal::hold_in(directory, &version_dir)?;
        Some(Self { candidate, version_dir, seal })
    }

    /// Whether it is still there: it may have been removed between a look for its seal and the hold on it.
    pub fn is_there(&self) -> bool {
        layout::seal(&self.version_dir).exists()
    }
}
