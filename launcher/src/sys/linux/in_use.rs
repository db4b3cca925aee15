//! A shared lock on an open file, which `execve` and what the interpreter starts with it keep. It is an "open file description
//! lock" (fcntl(2), `F_OFD_SETLK`): for an exclusive one, a file has to be open for writing, so another account, which may only
//! read a seal of root's, can keep a version from being removed and no start from running.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::install::layout;

/// Creates a seal. Root's is for all who run the version, anybody else's for this account alone.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    if crate::install::system::account() == 0 {
        crate::install::system::create_new(path)
    } else {
        crate::install::system::create_new_private(path)
    }
}

pub(crate) fn open_directory(version_dir: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(version_dir)
}

/// Opened without close-on-exec: the lock lasts as long as any process has the file open. Where locks do not work there is
/// nothing to hold, and nobody will ever get a claim. `None` when somebody is removing the version.
pub(crate) fn hold(directory: &File, _path: &Path) -> io::Result<Option<(Option<File>, Metadata)>> {
    let file = open_at(directory, libc::O_RDONLY | libc::O_NONBLOCK)?;
    if matches!(lock(&file, libc::F_RDLCK), Err(e) if e.kind() == io::ErrorKind::WouldBlock) {
        return Ok(None);
    }
    let metadata = file.metadata()?;
    Ok(Some((Some(file), metadata)))
}

/// The very seal that is held, whatever has its name by now.
pub(crate) fn open_to_rewrite(directory: &File, _path: &Path) -> io::Result<File> {
    open_at(directory, libc::O_WRONLY | libc::O_CLOEXEC)
}

pub(crate) fn claim(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
    lock(&file, libc::F_WRLCK)?;
    Ok(file)
}

/// All of it: the lock keeps starts away until the version is gone.
pub(crate) fn for_the_rename(held: File) -> Option<File> {
    Some(held)
}

/// Ours or root's, and nobody else's to write.
pub(crate) fn is_trusted(metadata: &Metadata) -> bool {
    const OTHERS_WRITE: u32 = 0o022;
    let is_ours = metadata.uid() == 0 || metadata.uid() == crate::install::system::account();
    is_ours && metadata.mode() & OTHERS_WRITE == 0
}

/// Whether [`flush`] does something.
pub(crate) const CAN_FLUSH: bool = cfg!(target_os = "linux");

/// Returns when the disk has everything of the file system that the file is on (syncfs(2)).
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std flushes single files only")]
pub(crate) fn flush(directory: &File) -> io::Result<()> {
    // SAFETY: a descriptor that lives through the call.
    if unsafe { libc::syncfs(directory.as_raw_fd()) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn flush(_directory: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Names this boot of the machine (random(4), "/proc/sys/kernel/random/boot_id"). `None` where that can't be read.
pub(crate) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other
}

/// Opens the seal in a version dir.
#[expect(unsafe_code, reason = "std opens by full paths only, and always sets close-on-exec")]
fn open_at(directory: &File, flags: libc::c_int) -> io::Result<File> {
    let relative = layout::seal(Path::new(""));
    let relative = std::ffi::CString::new(relative.as_os_str().as_bytes())?;
    // SAFETY: an open descriptor, and a string with a NUL at its end that outlives the call.
    let fd = unsafe { libc::openat(directory.as_raw_fd(), relative.as_ptr(), flags | libc::O_NOFOLLOW) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is a descriptor and ours alone.
    Ok(unsafe { File::from_raw_fd(fd) })
}

#[expect(unsafe_code, reason = "std has other locks")]
fn lock(file: &File, kind: libc::c_int) -> io::Result<()> {
    // All of the file, whatever its length is.
    let lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    // SAFETY: a descriptor and a structure that live through the call.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
