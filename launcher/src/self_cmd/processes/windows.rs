//! A snapshot of all processes (Tool Help Library), and the program of each.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};

use super::Process;

pub(super) fn below(directory: &Path) -> Vec<Process> {
    let directory = comparable(directory);
    let program = |id| Some(Process { id, program: program(id)? });
    all()
        .into_iter()
        .filter_map(program)
        .filter(|process| comparable(&process.program).starts_with(&directory))
        .collect()
}

/// Windows does not tell who holds a lock.
pub(super) fn holders(_lock: &Path) -> Vec<Process> {
    Vec::new()
}

/// One spelling for one file: links followed, small letters.
fn comparable(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).as_os_str().to_ascii_lowercase().into()
}

#[expect(unsafe_code, reason = "std knows no other processes")]
fn all() -> Vec<u32> {
    // SAFETY: takes no pointers.
    let raw = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if raw == INVALID_HANDLE_VALUE {
        return Vec::new();
    }
    // SAFETY: the call succeeded, so this is a handle and ours alone.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(raw) };
    let mut entry = PROCESSENTRY32W { dwSize: size_of::<PROCESSENTRY32W>() as u32, ..Default::default() };
    let mut found = Vec::new();
    // SAFETY: our snapshot, and a structure that tells its own size.
    let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &mut entry) };
    while more != 0 {
        found.push(entry.th32ProcessID);
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot.as_raw_handle(), &mut entry) };
    }
    found
}

/// `None` for processes of the system's and of accounts that this one may not ask about.
#[expect(unsafe_code, reason = "std knows no other processes")]
fn program(id: u32) -> Option<PathBuf> {
    // SAFETY: takes no pointers.
    let raw = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, id) };
    if raw.is_null() {
        return None;
    }
    // SAFETY: the call succeeded, so this is a handle and ours alone.
    let process = unsafe { OwnedHandle::from_raw_handle(raw) };
    let mut buffer = vec![0_u16; 32_768];
    let mut length = buffer.len() as u32;
    // SAFETY: our handle, and a buffer of the length that is told.
    let done = unsafe {
        QueryFullProcessImageNameW(process.as_raw_handle(), PROCESS_NAME_WIN32, buffer.as_mut_ptr(), &mut length)
    };
    let name = buffer.get(..length as usize).filter(|_| done != 0)?;
    Some(PathBuf::from(OsString::from_wide(name)))
}
