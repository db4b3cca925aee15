//! The file this process was started from: where its payload is.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::sys::own_file as system;

/// This process's own executable.
#[derive(Debug)]
pub struct OwnFile {
    /// Open for reading. Where the system allows it, the very file that runs, even if another has taken its name.
    pub file: File,
    /// Its full path.
    pub path: PathBuf,
}

/// Opens it.
///
/// # Errors
/// When the system does not tell where it is, or it can't be opened.
pub fn open() -> std::io::Result<OwnFile> {
    system::open()
}

/// The path that the system has found this process's executable by, which may be a link or relative; none if it doesn't say.
pub fn started_as() -> Option<PathBuf> {
    system::started_as()
}

/// Whether the file at `path` may be gone at any moment, and its system with it: it lies on a share, or on a drive that
/// can be pulled out.
pub fn may_vanish(path: &Path) -> bool {
    system::kind_of_drive(path).is_some_and(vanishes)
}

/// By the kind of a drive, in the numbers of `GetDriveTypeW`
/// (<https://learn.microsoft.com/en-us/windows/win32/api/fileapi/nf-fileapi-getdrivetypew>): all but a disk that is built in
/// and one in memory. What the system does not know counts as a share, for names of servers are what it may not know.
fn vanishes(kind: u32) -> bool {
    const FIXED: u32 = 3;
    const IN_MEMORY: u32 = 6;
    !matches!(kind, FIXED | IN_MEMORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_and_what_can_be_pulled_out_may_vanish() {
        let kinds = [(0, true), (1, true), (2, true), (3, false), (4, true), (5, true), (6, false)];
        for (kind, expected) in kinds {
            assert_eq!(vanishes(kind), expected, "{kind}");
        }
    }
}
