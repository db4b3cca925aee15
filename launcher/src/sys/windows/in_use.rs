//! The sharing mode of an open file. Locks (`LockFileEx`) belong to one process, while a handle is inherited.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windows_sys::Win32::Foundation::{ERROR_SHARING_VIOLATION, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_SHARE_READ, FILE_SHARE_WRITE,
    READ_CONTROL,
};
use windows_sys::Win32::System::SystemInformation::GetTickCount64;

use super::files;
use super::standard::make_inheritable;

pub(crate) fn create(path: &Path) -> io::Result<File> {
    files::create_new_private(path)
}

/// Opens a version dir. While it is open, nobody can rename or delete it, or a directory above it
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/creating-and-opening-files>).
pub(crate) fn open_directory(version_dir: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.access_mode(READ_CONTROL | FILE_READ_ATTRIBUTES).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
    options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT).open(version_dir)
}

/// Holds the seal at `seal`, a path below the version dir.
///
/// It is shared with everyone except those who claim it. If an admin's seal is not shared, an account that may only read it has
/// opened it like that, and can't be removing the version.
pub(crate) fn hold(_directory: &File, version_dir: &Path, seal: &Path) -> io::Result<Option<(Option<File>, Metadata)>> {
    let path = &version_dir.join(seal);
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE;
    match OpenOptions::new().read(true).share_mode(share).open(path) {
        Ok(file) => {
            make_inheritable(file.as_raw_handle());
            let metadata = file.metadata()?;
            Ok(Some((Some(file), metadata)))
        }
        Err(e) if is_not_shared(&e) && !may_write(path) => Ok(Some((None, std::fs::metadata(path)?))),
        Err(e) => Err(e),
    }
}

/// It still has its name, because nobody can rename it while it is held.
pub(crate) fn open_to_rewrite(_directory: &File, version_dir: &Path, seal: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(version_dir.join(seal))
}

fn is_not_shared(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION.cast_signed())
}

/// Whether this account may write to a file that somebody else does not share: Windows checks rights first.
fn may_write(path: &Path) -> bool {
    match OpenOptions::new().write(true).open(path) {
        Err(e) => is_not_shared(&e),
        Ok(_) => true,
    }
}

/// Opens a seal exclusively. Fails if somebody holds it.
pub(crate) fn claim(path: &Path) -> io::Result<File> {
    OpenOptions::new().access_mode(GENERIC_READ | GENERIC_WRITE).share_mode(0).open(path)
}

/// What of a claim has to be held while the version dir is renamed. Nothing: Windows renames no directory with an open file in
/// it. A start that comes between makes the rename fail.
pub(crate) fn into_rename_guard(_held: File) -> Option<File> {
    None
}

/// Owner and access list were checked with those of the directories above ([`crate::sys::access`]).
pub(crate) fn is_trusted(_metadata: &Metadata) -> bool {
    true
}

/// `None`: Windows lets only admins flush a whole volume (`FlushFileBuffers`).
pub(crate) const FLUSH: Option<fn(&File) -> io::Result<()>> = None;

/// When the machine was started, in seconds since 1970: the clock less the time it has been up, sleep included
/// (<https://learn.microsoft.com/en-us/windows/win32/api/sysinfoapi/nf-sysinfoapi-gettickcount64>).
#[expect(unsafe_code, reason = "std does not offer the up time")]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux, where it may not be known")]
pub(crate) fn boot() -> Option<String> {
    // SAFETY: takes nothing, returns a number.
    let up = Duration::from_millis(unsafe { GetTickCount64() });
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(up);
    Some(started.as_secs().to_string())
}

/// Whether both name the same boot. A clock that was set by more than the tolerance looks like another boot, which costs one check of
/// the files.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    const TOLERANCE: u64 = 10;
    match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one.abs_diff(other) <= TOLERANCE,
        _ => false,
    }
}
