//! Creates everything relative to an open directory, with its mode in the same call (less the umask).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::retry_on_intr;

use crate::sys::tree::Linked;

/// A directory to create things in, by paths below it. If it is renamed meanwhile, they are created in it all the same.
pub(crate) struct Tree(File);

impl Tree {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(directory).map(Self)
    }

    pub(crate) fn make_directory(&self, path: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::mkdirat(&self.0, path, Mode::from(0o755)))?)
    }

    pub(crate) fn create_new(&self, path: &str, executable: bool) -> io::Result<File> {
        let mode = Mode::from(if executable { 0o755 } else { 0o644 });
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| rustix::fs::openat(&self.0, path, flags, mode))?.into())
    }

    pub(crate) fn symlink(&self, target: &str, path: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::symlinkat(target, &self.0, path))?)
    }

    /// Links a file of another tree into this one. A symbolic link is not followed.
    pub(crate) fn link_from(&self, other: &Self, path: &str) -> io::Result<Linked> {
        retry_on_intr(|| rustix::fs::linkat(&other.0, path, &self.0, path, AtFlags::empty()))?;
        let found = rustix::fs::statat(&self.0, path, AtFlags::SYMLINK_NOFOLLOW)?;
        let since = Duration::new(found.st_mtime.try_into().unwrap_or(0), found.st_mtime_nsec.try_into().unwrap_or(0));
        Ok(Linked {
            is_file: FileType::from_raw_mode(found.st_mode) == FileType::RegularFile,
            size: found.st_size.try_into().unwrap_or(u64::MAX),
            modified: UNIX_EPOCH + since,
            executable: Some(found.st_mode & 0o111 != 0),
            only_ours: found.st_mode & 0o7022 == 0,
        })
    }

    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::unlinkat(&self.0, path, AtFlags::empty()))?)
    }

    /// Whether both directories have the same owner, and were made under the same `umask`.
    pub(crate) fn is_like(&self, other: &Self) -> io::Result<bool> {
        let (one, other) = (self.0.metadata()?, other.0.metadata()?);
        Ok((one.uid(), one.gid(), one.mode()) == (other.uid(), other.gid(), other.mode()))
    }
}
