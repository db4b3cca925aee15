//! A snapshot of all processes (Tool Help Library), and the program of each.

use std::ffi::OsString;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, MODULEENTRY32W, Module32FirstW, Module32NextW, PROCESSENTRY32W, Process32FirstW,
    Process32NextW, TH32CS_SNAPMODULE, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};

use super::utf16::text;
use crate::sys::processes::Process;

pub(crate) fn below(directory: &Path) -> Vec<Process> {
    let directory = comparable(directory);
    let program = |id| Some(Process { id, program: program(id)? });
    all()
        .into_iter()
        .filter_map(program)
        .filter(|process| comparable(&process.program).starts_with(&directory))
        .collect()
}

/// As [`below`], and processes that have loaded a library from there. Only an admin sees other accounts' processes.
pub(crate) fn users(directory: &Path) -> Option<Vec<Process>> {
    let mut found = below(directory);
    let directory = comparable(directory);
    let start = directory.as_os_str().as_encoded_bytes();
    let start = [start.strip_prefix(br"\\?\").unwrap_or(start), br"\"].concat();
    let all = all();
    if all.is_empty() {
        return None;
    }
    for id in all {
        let is_user =
            || modules(id).iter().any(|path| path.as_encoded_bytes().to_ascii_lowercase().starts_with(&start));
        if !found.iter().any(|process| process.id == id) && is_user() {
            found.push(Process { id, program: program(id).unwrap_or_default() });
        }
    }
    Some(found)
}

/// Windows does not say who holds a lock.
pub(crate) fn holders(_lock: &Path) -> Vec<Process> {
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

/// What a process has loaded. Nothing for processes that this account can't open.
#[expect(unsafe_code, reason = "std knows no other processes")]
fn modules(id: u32) -> Vec<OsString> {
    // SAFETY: takes no pointers.
    let raw = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, id) };
    if raw == INVALID_HANDLE_VALUE {
        return Vec::new();
    }
    // SAFETY: the call succeeded, so this is a handle and ours alone.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(raw) };
    let mut entry = MODULEENTRY32W { dwSize: size_of::<MODULEENTRY32W>() as u32, ..Default::default() };
    let mut found = Vec::new();
    // SAFETY: our snapshot, and a structure that tells its own size.
    let mut more = unsafe { Module32FirstW(snapshot.as_raw_handle(), &mut entry) };
    while more != 0 {
        found.push(text(&entry.szExePath));
        // SAFETY: as above.
        more = unsafe { Module32NextW(snapshot.as_raw_handle(), &mut entry) };
    }
    found
}

/// `None` for processes of the system, and of accounts whose processes this account can't open.
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
    (done != 0).then(|| PathBuf::from(text(&buffer)))
}
