//! This account, mount flags and free space; [`chain`] checks who could change a path.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfsMountFlags};

use super::files::account as uid;
use crate::sys::access::Room;
use crate::sys::path_error::PathError;

mod chain;
mod writers;

pub(crate) use chain::{check, check_existing, make, make_private, open_version};
use writers::Trusted;

/// Whether root owns what is there; an error when nothing is.
pub(crate) fn is_admins(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.uid() == 0)
}

/// Whether this account owns what is there; a link is looked at itself.
pub(crate) fn is_owned(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.uid() == uid())
}

/// Whether every account may make something in a directory, be it sticky or not.
pub(crate) fn is_open_to_all(directory: &Path) -> bool {
    const OTHERS_WRITE: u32 = 0o002;
    fs::metadata(directory).is_ok_and(|found| found.mode() & OTHERS_WRITE != 0)
}

/// Whether nobody but this account and root can change an open file.
pub(crate) fn is_only_ours(file: &File) -> bool {
    const OTHERS_WRITE: u32 = 0o022;
    file.metadata().is_ok_and(|found| (found.uid() == 0 || found.uid() == uid()) && found.mode() & OTHERS_WRITE == 0)
}

/// "Add-on application software packages" (Filesystem Hierarchy Standard 3.0, 3.13).
pub(crate) fn machine_wide() -> Option<PathBuf> {
    Some(PathBuf::from("/opt"))
}

/// Whether a directory is there, and nobody else's in any way.
pub(crate) fn is_private(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == uid() && found.mode() & 0o077 == 0)
}

/// Whether this account may make something in a directory, without trying (faccessat(2)).
pub(crate) fn may_write(directory: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// This account, as a part of a file's name.
pub(crate) fn account_id() -> Option<String> {
    Some(uid().to_string())
}

/// Whose rights this process has, for people.
pub(crate) fn account() -> String {
    format!("uid {}", uid())
}

/// Whose files and directories may be used, when one of `owner` was found.
fn trusted(owner: u32) -> Trusted {
    Trusted { ours: uid(), outside: (owner == NOBODY && is_container()).then_some(NOBODY) }
}

/// Owns, in a container's view, what belongs to accounts outside of it (user_namespaces(7), "overflowuid").
const NOBODY: u32 = 65534;

/// Whether this process sees other user ids than the system (user_namespaces(7), "uid_map").
fn is_container() -> bool {
    let whole = |map: String| map.split_whitespace().eq(["0", "0", "4294967295"]);
    fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| !whole(map))
}

/// Whether long paths are enabled. `None`: there is no such setting here; a path that is too long is an error of the system.
pub(crate) fn long_paths() -> Option<bool> {
    None
}

pub(crate) fn room(root: &Path) -> Result<Room, PathError> {
    let found = rustix::fs::statvfs(root).map_err(|e| PathError::io("ask for the room in", root)(e.into()))?;
    let programs = !found.f_flag.contains(StatVfsMountFlags::NOEXEC);
    Ok(Room { free: found.f_bavail.saturating_mul(found.f_frsize), programs })
}
