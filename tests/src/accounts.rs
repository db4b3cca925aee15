//! Other accounts, and mounts of a test's own. Both are root's to have.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::program::Program;
use crate::skip::skip;

/// Proof that this process is root.
#[derive(Debug, Clone, Copy)]
pub struct Root(());

impl Root {
    /// `None` where the tests run as somebody else, which is said on standard error.
    ///
    /// # Panics
    /// When they do and `EKIBEN_REQUIRE_ROOT=1` demands it.
    pub fn or_skip() -> Option<Self> {
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            return Some(Self(()));
        }
        skip("EKIBEN_REQUIRE_ROOT", "other accounts and mounts are root's to have");
        None
    }

    /// The program as the account and group of this number, which no passwd entry needs to know.
    pub fn as_account(self, program: Program, number: u32) -> Program {
        let arguments = [format!("--reuid={number}"), format!("--regid={number}")];
        let arguments = arguments.into_iter().chain(["--clear-groups", "--"].map(str::to_owned));
        program.started_by("setpriv", arguments.map(OsString::from))
    }

    /// The program with mounts that nobody else sees: `script` is a shell's, makes them, and starts the program as `"$@"`.
    pub fn with_mounts(self, program: Program, script: &str) -> Program {
        let arguments = ["--mount", "sh", "-ec", script, "sh"];
        program.started_by("unshare", arguments.map(OsString::from))
    }

    /// Gives a file or directory to an account and a group, with a mode.
    ///
    /// # Panics
    /// When that can't be done.
    pub fn give(self, path: &Path, (user, group): (u32, u32), mode: u32) {
        std::os::unix::fs::lchown(path, Some(user), Some(group)).unwrap();
        if !path.is_symlink() {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}
