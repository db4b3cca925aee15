//! A shared lock on an open file (flock(2)), which `execve` and what the interpreter starts with it keep.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Opened without close-on-exec: the lock lasts as long as any process has the file open. Where locks do not work there is
/// nothing to hold, and nobody will ever get a claim.
pub(super) fn hold(path: &Path) -> io::Result<Option<File>> {
    let file = open(path)?;
    match lock(&file, libc::LOCK_SH) {
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
        _ => Ok(Some(file)),
    }
}

pub(super) fn claim(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    lock(&file, libc::LOCK_EX)?;
    Ok(file)
}

/// All of it: the lock keeps starts away until the version is gone.
pub(super) fn for_the_rename(held: File) -> Option<File> {
    Some(held)
}

/// Ours, or root's. With another owner's files we would run what that account can change.
pub(super) fn is_trusted(metadata: &Metadata) -> bool {
    metadata.uid() == 0 || metadata.uid() == crate::install::system::account()
}

/// Whether [`flush`] does something.
pub(super) const CAN_FLUSH: bool = cfg!(target_os = "linux");

/// Returns when the disk has everything of the file system that the file is on (syncfs(2)).
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std flushes single files only")]
pub(super) fn flush(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    // SAFETY: a descriptor that lives through the call.
    if unsafe { libc::syncfs(file.as_raw_fd()) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn flush(_path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Names this boot of the machine (random(4), "/proc/sys/kernel/random/boot_id").
pub(super) fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned())
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other
}

#[expect(unsafe_code, reason = "std always sets close-on-exec")]
fn open(path: &Path) -> io::Result<File> {
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: a string with a NUL at its end that outlives the call.
    let fd = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is a descriptor and ours alone.
    Ok(unsafe { File::from_raw_fd(fd) })
}

#[expect(unsafe_code, reason = "std's locks would make a call more of it")]
fn lock(file: &File, kind: libc::c_int) -> io::Result<()> {
    // SAFETY: a descriptor that lives through the call.
    if unsafe { libc::flock(file.as_raw_fd(), kind | libc::LOCK_NB) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
