//! From the system itself.

use std::path::Path;
use std::ptr;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Storage::FileSystem::GetVolumeInformationW;
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;
use windows_sys::Win32::System::SystemServices::FILE_READ_ONLY_VOLUME;

use super::utf16::text;
use super::volume::Volume;
use crate::sys::drive::DriveKind;
use crate::sys::machine::FileSystem;

/// Whether virus scanners that look at each new program are common.
pub(crate) const HAS_VIRUS_SCANNERS: bool = true;

/// The operating system and its version.
///
/// `RtlGetVersion`: `GetVersion` answers what a program's manifest says.
#[expect(unsafe_code, reason = "std does not tell")]
pub(crate) fn system() -> String {
    let mut version = OSVERSIONINFOW { dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32, ..Default::default() };
    // SAFETY: a structure that tells its own size. It always succeeds.
    unsafe { RtlGetVersion(&mut version) };
    let OSVERSIONINFOW { dwMajorVersion, dwMinorVersion, dwBuildNumber, .. } = version;
    format!("Windows {dwMajorVersion}.{dwMinorVersion}, build {dwBuildNumber}, {}", std::env::consts::ARCH)
}

/// What the file system that `path` lies on is like, as far as that can be told.
#[expect(unsafe_code, reason = "std knows no volumes")]
pub(crate) fn file_system(path: &Path) -> Option<FileSystem> {
    let volume = Volume::from_path(path)?;
    let (mut flags, mut name) = (0, [0_u16; 64]);
    // SAFETY: a string with a NUL at its end, places for two answers, nulls for those not wanted.
    let done = unsafe {
        GetVolumeInformationW(
            volume.path.as_ptr(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            &mut flags,
            name.as_mut_ptr(),
            name.len() as u32,
        )
    };
    let name = text(&name).into_string().unwrap_or_default();
    Some(FileSystem {
        kind: if done == 0 || name.is_empty() { "unknown file system".to_owned() } else { name },
        is_remote: volume.drive_kind() == DriveKind::Remote,
        is_read_only: done != 0 && flags & FILE_READ_ONLY_VOLUME != 0,
        programs: true,
    })
}
