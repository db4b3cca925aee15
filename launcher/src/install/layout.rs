//! Every path that ekiben makes on a user's disk.
//!
//! ```text
//! <install root>/
//!   versions/<version>-<digest12>/   complete, or absent
//!   staging/<version>-<digest12>.…/  unfinished; removed by whoever made it, or by the next first start
//!   lock                             held while a version is installed
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use super::InstallError;
use crate::bundle::Digest;
use crate::bundle::record::AppId;
use crate::env;

/// The app's one directory on this machine. Deleting it uninstalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallRoot(PathBuf);

/// Longest part of a version's text that goes into a directory's name.
const LONGEST_VERSION: usize = 64;

impl InstallRoot {
    /// `<EKIBEN_ROOT>/<app>`, else `<local data dir>/<app>`: `~/.local/share` on Linux (XDG Base Directory
    /// Specification), `%LOCALAPPDATA%` on Windows (`FOLDERID_LocalAppData`). `None` when the account has none.
    pub fn choose(app: &AppId) -> Option<Self> {
        let given = std::env::var_os(env::ROOT).filter(|root| !root.is_empty()).map(PathBuf::from);
        let parent = given.or_else(dirs::data_local_dir)?;
        // The interpreter and everything it starts must find it from any working directory.
        Some(Self(std::path::absolute(parent).ok()?.join(app.as_str())))
    }

    /// A root in a directory of the caller's choice.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a version is, if it is installed. A rebuilt version has another digest, and so another directory.
    pub fn version_dir(&self, version: &str, digest: Digest) -> PathBuf {
        self.versions().join(format!("{}-{}", safe(version), digest.short()))
    }

    /// Creates what a first start needs.
    ///
    /// # Errors
    /// When it can't.
    pub fn create(&self) -> Result<(), InstallError> {
        for directory in [self.versions(), self.staging()] {
            fs::create_dir_all(&directory).map_err(InstallError::io("create", &directory))?;
        }
        Ok(())
    }

    pub(super) fn versions(&self) -> PathBuf {
        self.0.join("versions")
    }

    pub(super) fn staging(&self) -> PathBuf {
        self.0.join("staging")
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.0.join("lock")
    }
}

/// A version's text as part of a directory's name: letters, digits, `.`, `+`, `_` and `-`; `_` for all else.
fn safe(version: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_' | '-') { c } else { '_' };
    version.chars().take(LONGEST_VERSION).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_dir_is_named_by_version_and_digest() {
        let root = InstallRoot::at(PathBuf::from("r"));
        let digest = Digest::of(b"abc");
        for (version, name) in
            [("1.4.0", "1.4.0-ba7816bf8f01"), ("1!2+ü/..", "1_2+__..-ba7816bf8f01"), ("", "-ba7816bf8f01")]
        {
            assert_eq!(root.version_dir(version, digest), Path::new("r").join("versions").join(name));
        }
        assert_eq!(safe(&"9".repeat(1000)).len(), LONGEST_VERSION);
    }
}
