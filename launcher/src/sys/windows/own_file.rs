//! Through `GetModuleFileNameW`, which `current_exe` calls.
//!
//! The file is opened as std opens files: others may read, write, rename and delete it meanwhile.

use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetVolumePathNameW};

use crate::own_file::OwnFile;

pub(crate) fn open() -> io::Result<OwnFile> {
    let path = std::env::current_exe()?;
    Ok(OwnFile { file: File::open(&path)?, path })
}

/// Windows tells the full path alone.
pub(crate) fn started_as() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Of the volume that a path leads to, whichever way it is named: by a letter, a server, a directory it is mounted in.
#[expect(unsafe_code, reason = "std knows no volumes")]
pub(crate) fn kind_of_drive(path: &Path) -> Option<u32> {
    let mut path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut root = vec![0; path.len() + 1];
    // SAFETY: a string with a NUL at its end, and a buffer of the length that is told. A volume's path is a part of the path,
    // with a separator.
    if unsafe { GetVolumePathNameW(path.as_ptr(), root.as_mut_ptr(), root.len() as u32) } == 0 {
        root.clear();
        root.append(&mut path);
    }
    // SAFETY: a string with a NUL at its end. What is no volume's path is answered with "not known".
    Some(unsafe { GetDriveTypeW(root.as_ptr()) })
}
