//! A shared lock on an open file, which lasts through `execve` and in programs that the interpreter starts. It is an "open file
//! description lock" (fcntl(2), `F_OFD_SETLK`). An exclusive one needs a file that is open for writing, so another account, which
//! may only read a seal of root's, can keep a version from being removed, but can't keep anybody from starting it.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::files;

/// Creates a seal. Root's can be read by all who run the version, another account's only by itself.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    if files::account() == 0 { files::create_new(path) } else { files::create_new_private(path) }
}

/// Opens a version dir.
pub(crate) fn open_directory(version_dir: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(version_dir)
}

/// Holds the seal at `seal`, a path below the version dir, which is open as `directory`.
///
/// Opened without close-on-exec: the lock lasts as long as any process has the file open. Where locks do not work, nobody can
/// claim the version either. `None` when somebody is removing the version.
pub(crate) fn hold(directory: &File, _version_dir: &Path, seal: &Path) -> io::Result<Option<(Option<File>, Metadata)>> {
    let file = open_at(directory, seal, OFlags::RDONLY | OFlags::NONBLOCK)?;
    if matches!(lock(&file, libc::F_RDLCK), Err(e) if e.kind() == io::ErrorKind::WouldBlock) {
        return Ok(None);
    }
    let metadata = file.metadata()?;
    Ok(Some((Some(file), metadata)))
}

/// Opens the seal that is held, even if another file has its name now.
pub(crate) fn open_to_rewrite(directory: &File, _version_dir: &Path, seal: &Path) -> io::Result<File> {
    open_at(directory, seal, OFlags::WRONLY | OFlags::CLOEXEC)
}

/// Opens a seal exclusively. Fails if somebody holds it.
pub(crate) fn claim(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
    lock(&file, libc::F_WRLCK)?;
    Ok(file)
}

/// What of a claim has to be held while the version dir is renamed. All of it: the lock keeps starts away until the version is
/// gone.
pub(crate) fn into_rename_guard(held: File) -> Option<File> {
    Some(held)
}

/// Whether it belongs to this account or root, and nobody else may write to it.
pub(crate) fn is_trusted(metadata: &Metadata) -> bool {
    const OTHERS_WRITE: u32 = 0o022;
    let is_ours = metadata.uid() == 0 || metadata.uid() == files::account();
    is_ours && metadata.mode() & OTHERS_WRITE == 0
}

/// Flushes the file system of an open file to disk (syncfs(2)).
pub(crate) const FLUSH: Option<fn(&File) -> io::Result<()>> = Some(flush);

fn flush(directory: &File) -> io::Result<()> {
    Ok(rustix::fs::syncfs(directory)?)
}

/// Names this boot of the machine (random(4), "/proc/sys/kernel/random/boot_id"). `None` where that can't be read.
pub(crate) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Whether both name the same boot.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other
}

/// Opens the seal in a version dir. Unlike std, without close-on-exec unless the flags say so.
fn open_at(directory: &File, seal: &Path, flags: OFlags) -> io::Result<File> {
    Ok(rustix::fs::openat(directory, seal, flags | OFlags::NOFOLLOW, Mode::empty())?.into())
}

#[expect(unsafe_code, reason = "std and rustix have other locks")]
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
