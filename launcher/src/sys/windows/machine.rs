//! From the system itself.

use std::os::windows::ffi::OsStrExt;
use std::path::Path;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetVolumeInformationW, GetVolumePathNameW};
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;
use windows_sys::Win32::System::SystemServices::FILE_READ_ONLY_VOLUME;
use windows_sys::Win32::System::WindowsProgramming::DRIVE_REMOTE;

use crate::self_cmd::doctor::FileSystem;

pub(crate) const VIRUS_SCANNERS: Option<&str> = Some(
    "\na virus scanner may slow down or block a first start, which writes a `python.exe` with many libraries and runs it \
     from the chosen place.\nIf it does, exempt that directory, or the publisher's signature if there is one.\n",
);

/// `RtlGetVersion`: `GetVersion` answers what a program's manifest says.
#[expect(unsafe_code, reason = "std does not tell")]
pub(crate) fn system() -> String {
    let mut version = OSVERSIONINFOW { dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32, ..Default::default() };
    // SAFETY: a structure that tells its own size. It always succeeds.
    unsafe { RtlGetVersion(&mut version) };
    let OSVERSIONINFOW { dwMajorVersion, dwMinorVersion, dwBuildNumber, .. } = version;
    format!("Windows {dwMajorVersion}.{dwMinorVersion}, build {dwBuildNumber}, {}", std::env::consts::ARCH)
}

#[expect(unsafe_code, reason = "std knows no volumes")]
pub(crate) fn file_system(path: &Path) -> Option<FileSystem> {
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    // The longest path there is, as a volume may be mounted in any directory.
    let mut root = vec![0_u16; 32_768];
    // SAFETY: a string with a NUL at its end, and a buffer of the length that is told.
    if unsafe { GetVolumePathNameW(path.as_ptr(), root.as_mut_ptr(), root.len() as u32) } == 0 {
        return None;
    }
    // SAFETY: a string with a NUL at its end: the call above succeeded.
    let kind = unsafe { GetDriveTypeW(root.as_ptr()) };
    let (mut flags, mut name) = (0, [0_u16; 64]);
    // SAFETY: the same string, places for two answers, nulls for those not wanted.
    let done = unsafe {
        GetVolumeInformationW(
            root.as_ptr(),
            std::ptr::null_mut(),
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            &mut flags,
            name.as_mut_ptr(),
            name.len() as u32,
        )
    };
    let name: String = char::decode_utf16(name).map_while(Result::ok).take_while(|c| *c != '\0').collect();
    Some(FileSystem {
        kind: if done == 0 || name.is_empty() { "unknown file system".to_owned() } else { name },
        is_remote: kind == DRIVE_REMOTE,
        is_read_only: done != 0 && flags & FILE_READ_ONLY_VOLUME != 0,
        programs: true,
    })
}
