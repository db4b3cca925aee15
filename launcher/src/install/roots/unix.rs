//! Owners and modes, mount flags, free room.

use std::ffi::CString;
use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{Refusal, Room, layout};
use crate::install::system::account as uid;

const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITE: u32 = 0o020;

/// Whether root owns what is there; an error when nothing is.
pub(super) fn is_admins(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.uid() == 0)
}

/// "Add-on application software packages" (Filesystem Hierarchy Standard 3.0, 3.13).
pub(super) fn machine_wide() -> Option<PathBuf> {
    Some(PathBuf::from("/opt"))
}

/// This account's own directory among the temporary files, whether or not it is there.
pub(super) fn temporary() -> Option<PathBuf> {
    Some(layout::temporary(&uid().to_string()))
}

/// Whether a directory is there, and nobody else's in any way.
pub(super) fn is_private(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == uid() && found.mode() & 0o077 == 0)
}

/// Makes a directory that is nobody else's in any way; an error when something else is there.
pub(super) fn make_private(path: &Path) -> Result<(), Refusal> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        result => return result.map_err(|source| Refusal::Io { action: "create", path: path.to_path_buf(), source }),
    }
    if is_private(path) { Ok(()) } else { Err(not_private(path)) }
}

pub(super) fn not_private(path: &Path) -> Refusal {
    let why = "was there already, and is not a directory of this account's alone".to_owned();
    Refusal::Unsafe { path: path.to_path_buf(), why }
}

/// Whether this account may make something in a directory, without trying (faccessat(2)).
#[expect(unsafe_code, reason = "std does not offer it")]
pub(super) fn may_write(directory: &Path) -> io::Result<()> {
    let path = CString::new(directory.as_os_str().as_bytes())?;
    // SAFETY: a string with a NUL at its end that outlives the call.
    if unsafe { libc::access(path.as_ptr(), libc::W_OK | libc::X_OK) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

pub(super) fn account() -> String {
    format!("uid {}", uid())
}

/// Whether another account could put something else in the place of what we install: by writing to a directory on the way
/// to `root`, or by owning it. Both the path as it is named and the one that links make of it are looked at.
pub(super) fn objection(root: &Path) -> Result<(), Refusal> {
    let there = root.ancestors().find(|path| fs::symlink_metadata(path).is_ok()).unwrap_or(Path::new("/"));
    if !has_links(there, there == root)? {
        return Ok(());
    }
    let resolved = fs::canonicalize(there).map_err(|source| Refusal::Io {
        action: "follow",
        path: there.to_path_buf(),
        source,
    })?;
    has_links(&resolved, there == root).map(drop)
}

/// The same for a directory that is not there yet, and will be made for this account alone: nobody can get at it through what
/// a sticky bit protects.
pub(super) fn objection_to_private(path: &Path) -> Result<(), Refusal> {
    let there = path.ancestors().skip(1).find(|path| fs::symlink_metadata(path).is_ok()).unwrap_or(Path::new("/"));
    has_links(there, false).map(drop)
}

/// Looks at every directory down to `there`, and says whether one of them is a symbolic link.
fn has_links(there: &Path, is_root: bool) -> Result<bool, Refusal> {
    let ours = uid();
    let mut links = false;
    for path in there.ancestors().filter(|path| !path.as_os_str().is_empty()) {
        let found = fs::symlink_metadata(path).map_err(|source| Refusal::Io {
            action: "look at",
            path: path.to_path_buf(),
            source,
        })?;
        if let Some(why) = distrust(&found, is_root && path == there, ours) {
            return Err(Refusal::Unsafe { path: path.to_path_buf(), why });
        }
        links |= found.is_symlink();
    }
    Ok(links)
}

/// `is_root`: anybody's entries right in it would be ours, and a sticky bit is no protection from that.
fn distrust(found: &Metadata, is_root: bool, ours: u32) -> Option<String> {
    if !(found.uid() == 0 || found.uid() == ours || found.uid() == NOBODY && is_container()) {
        return Some(format!("belongs to another account (uid {})", found.uid()));
    }
    if found.is_symlink() {
        return None;
    }
    let sticky = found.mode() & STICKY != 0 && !is_root;
    // A group of the same number as its user is that user's alone: many distributions let it write.
    let foreign_group = !(found.gid() == 0 || found.gid() == ours || found.gid() == found.uid());
    if found.mode() & OTHERS_WRITE != 0 && !sticky {
        return Some("can be written by every account".to_owned());
    }
    if found.mode() & GROUP_WRITE != 0 && foreign_group && !sticky {
        return Some(format!("can be written by a group (gid {})", found.gid()));
    }
    None
}

/// Owns, in a container's view, what belongs to accounts outside of it (user_namespaces(7), "overflowuid").
const NOBODY: u32 = 65534;

/// Whether this process sees other user ids than the system (user_namespaces(7), "uid_map").
fn is_container() -> bool {
    let whole = |map: String| map.split_whitespace().eq(["0", "0", "4294967295"]);
    fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| !whole(map))
}

/// What is too long here, the system says when it is made.
pub(super) fn long_paths() -> Option<bool> {
    None
}

#[expect(unsafe_code, reason = "std does not offer it")]
pub(super) fn room(root: &Path) -> Result<Room, Refusal> {
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
