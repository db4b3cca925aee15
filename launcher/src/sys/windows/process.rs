//! Rust's runtime has done most of it.

use std::ffi::OsString;

use windows_sys::Win32::System::LibraryLoader::{LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories};

pub(crate) fn typed() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// No signal comes of a closed pipe here.
pub(crate) fn outlive_closed_pipes() {}

/// <https://learn.microsoft.com/en-us/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories>. Should it
/// fail, there is nothing to be done about it.
#[expect(unsafe_code, reason = "std loads no libraries")]
pub(crate) fn load_from_the_system_alone() {
    // SAFETY: takes no pointers.
    unsafe { SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) };
}

pub(crate) fn has_rights_of_its_file() -> bool {
    false
}
