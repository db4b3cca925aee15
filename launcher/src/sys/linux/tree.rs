//! Creates everything relative to an open directory, with its mode in the same call (less the umask).

use std::ffi::{CString, c_int};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use crate::sys::tree::Linked;

/// A directory to create things in, by paths below it. If it is renamed meanwhile, they are created in it all the same.
pub(crate) struct Tree(File);

impl Tree {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(directory).map(Self)
    }

    pub(crate) fn make_directory(&self, path: &str) -> io::Result<()> {
        let path = CString::new(path)?;
        #[expect(unsafe_code, reason = "std creates by full paths only")]
        // SAFETY: an open descriptor, and a string with a NUL at its end.
        checked(|| unsafe { libc::mkdirat(self.0.as_raw_fd(), path.as_ptr(), 0o755) }).map(drop)
    }

    pub(crate) fn create_new(&self, path: &str, executable: bool) -> io::Result<File> {
        let path = CString::new(path)?;
        let mode: libc::c_uint = if executable { 0o755 } else { 0o644 };
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        #[expect(unsafe_code, reason = "std creates by full paths only")]
        // SAFETY: an open descriptor, and a string with a NUL at its end.
        let descriptor = checked(|| unsafe { libc::openat(self.0.as_raw_fd(), path.as_ptr(), flags, mode) })?;
        #[expect(unsafe_code, reason = "as above")]
        // SAFETY: it was just opened, and nobody else knows of it.
        Ok(unsafe { File::from_raw_fd(descriptor) })
    }

    pub(crate) fn symlink(&self, target: &str, path: &str) -> io::Result<()> {
        let (target, path) = (CString::new(target)?, CString::new(path)?);
        #[expect(unsafe_code, reason = "std creates by full paths only")]
        // SAFETY: an open descriptor, and two strings with a NUL at their ends.
        checked(|| unsafe { libc::symlinkat(target.as_ptr(), self.0.as_raw_fd(), path.as_ptr()) }).map(drop)
    }

    /// Links a file of another tree into this one.
    pub(crate) fn link_from(&self, other: &Self, path: &str) -> io::Result<Linked> {
        let path = CString::new(path)?;
        let (from, to) = (other.0.as_raw_fd(), self.0.as_raw_fd());
        #[expect(unsafe_code, reason = "std links by full paths only")]
        // SAFETY: two open descriptors, and a string with a NUL at its end. A symbolic link is not followed.
        checked(|| unsafe { libc::linkat(from, path.as_ptr(), to, path.as_ptr(), 0) })?;
        #[expect(unsafe_code, reason = "std looks by full paths only")]
        // SAFETY: all zeros are a valid `stat`.
        let mut found: libc::stat = unsafe { std::mem::zeroed() };
        #[expect(unsafe_code, reason = "std looks by full paths only")]
        // SAFETY: an open descriptor, a string with a NUL at its end, and a place of the right type for the answer.
        checked(|| unsafe { libc::fstatat(to, path.as_ptr(), &mut found, libc::AT_SYMLINK_NOFOLLOW) })?;
        let since = Duration::new(found.st_mtime.try_into().unwrap_or(0), found.st_mtime_nsec.try_into().unwrap_or(0));
        Ok(Linked {
            is_file: found.st_mode & libc::S_IFMT == libc::S_IFREG,
            size: found.st_size.try_into().unwrap_or(u64::MAX),
            modified: UNIX_EPOCH + since,
            executable: Some(found.st_mode & 0o111 != 0),
            only_ours: found.st_mode & 0o7022 == 0,
        })
    }

    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        let path = CString::new(path)?;
        #[expect(unsafe_code, reason = "std removes by full paths only")]
        // SAFETY: an open descriptor, and a string with a NUL at its end.
        checked(|| unsafe { libc::unlinkat(self.0.as_raw_fd(), path.as_ptr(), 0) }).map(drop)
    }

    /// Whether both directories have the same owner, and were made under the same `umask`.
    pub(crate) fn is_like(&self, other: &Self) -> io::Result<bool> {
        let (one, other) = (self.0.metadata()?, other.0.metadata()?);
        Ok((one.uid(), one.gid(), one.mode()) == (other.uid(), other.gid(), other.mode()))
    }
}

/// Calls until the call is not interrupted.
fn checked(mut call: impl FnMut() -> c_int) -> io::Result<c_int> {
    loop {
        let result = call();
        if result != -1 {
            return Ok(result);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
