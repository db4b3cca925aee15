//! The sharing mode of an open file. Locks (`LockFileEx`) belong to one process, while a handle is inherited.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE, HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_READ, FILE_SHARE_WRITE};
use windows_sys::Win32::System::SystemInformation::GetTickCount64;

/// Shared with everyone but those who want it for themselves alone.
pub(super) fn hold(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE).open(path)?;
    inherit(&file);
    Ok(Some(file))
}
/// Succeeds when nobody else has it open.
pub(super) fn claim(path: &Path) -> io::Result<File> {
    OpenOptions::new().access_mode(GENERIC_READ | GENERIC_WRITE).share_mode(0).open(path)
}

/// Nothing: Windows renames no directory with an open file in it. A start that comes between makes the rename fail.
pub(super) fn for_the_rename(_held: File) -> Option<File> {
    None
}

/// Who owns a file is asked where a root is chosen: the roots of Windows are below the user's profile or an admin's.
pub(super) fn is_trusted(_metadata: &Metadata) -> bool {
    true
}

/// Whether [`flush`] does something. Windows lets only admins flush a whole volume (`FlushFileBuffers`).
pub(super) const CAN_FLUSH: bool = false;

pub(super) fn flush(_path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// When the machine was started, in seconds since 1970: the clock less the time it has been up, sleep included
/// (<https://learn.microsoft.com/en-us/windows/win32/api/sysinfoapi/nf-sysinfoapi-gettickcount64>).
#[expect(unsafe_code, reason = "std does not offer the up time")]
pub(super) fn boot() -> String {
    // SAFETY: takes nothing, returns a number.
    let up = Duration::from_millis(unsafe { GetTickCount64() });
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(up);
    started.as_secs().to_string()
}

/// A clock that was set meanwhile by more than this looks like another boot, which costs one check of the files.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    const TOLERANCE: u64 = 10;
    match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one.abs_diff(other) <= TOLERANCE,
        _ => false,
    }
}

#[expect(unsafe_code, reason = "std's handles are never inherited")]
fn inherit(file: &File) {
    // SAFETY: a handle that lives through the call. If it can't be inherited, the waiting launcher still holds it.
    unsafe { SetHandleInformation(file.as_raw_handle(), HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
}
