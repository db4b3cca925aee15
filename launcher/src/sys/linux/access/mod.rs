//! This account, its directories, mount flags and free room; [`chain`] tells whom a path can be trusted with.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::install::layout;
use crate::install::places::{Refusal, Room};
use crate::install::system::account as uid;

mod chain;
mod writers;

pub(crate) use chain::{check, check_as_far_as_it_is_there, make, make_private, open_version};
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

/// This account's own directory among the temporary files, whether or not it is there. Where another account has taken the
/// usual name, it is one with an addition that nobody can know beforehand: the one that is there, or a new one.
pub(crate) fn temporary() -> Option<PathBuf> {
    let usual = layout::temporary(&uid().to_string());
    let is_taken = fs::symlink_metadata(&usual).is_ok() && !is_private(&usual);
    Some(if is_taken { layout::other_temporary(&usual, is_private) } else { usual })
}

/// Whether a directory is there, and nobody else's in any way.
pub(crate) fn is_private(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == uid() && found.mode() & 0o077 == 0)
}

pub(crate) fn not_private(path: &Path) -> Refusal {
    let why = "was there already, and is not a directory of this account's alone".to_owned();
    Refusal::Unsafe { path: path.to_path_buf(), why }
}

/// Whether this account may make something in a directory, without trying (faccessat(2)).
#[expect(unsafe_code, reason = "std does not offer it")]
pub(crate) fn may_write(directory: &Path) -> io::Result<()> {
    let path = CString::new(directory.as_os_str().as_bytes())?;
    // SAFETY: a string with a NUL at its end that outlives the call.
    if unsafe { libc::access(path.as_ptr(), libc::W_OK | libc::X_OK) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

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

/// What is too long here, the system says when it is made.
pub(crate) fn long_paths() -> Option<bool> {
    None
}

#[expect(unsafe_code, reason = "std does not offer it")]
pub(crate) fn room(root: &Path) -> Result<Room, Refusal> {
    let failed = |source| Refusal::Io { action: "ask for the room in", path: root.to_path_buf(), source };
    let path = CString::new(root.as_os_str().as_bytes()).map_err(|e| failed(e.into()))?;
    // SAFETY: all zeros are a valid value of this structure of numbers.
    let mut stat: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: a string with a NUL at its end, and a place for the answer.
    if unsafe { libc::statvfs(path.as_ptr(), &mut stat) } != 0 {
        return Err(failed(io::Error::last_os_error()));
    }
    Ok(Room { free: stat.f_bavail.saturating_mul(stat.f_frsize), programs: stat.f_flag & libc::ST_NOEXEC == 0 })
}
