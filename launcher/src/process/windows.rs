//! Rust's runtime has done most of it.

use std::ffi::OsString;

#[path = "unix/arena.rs"]
mod arena;
pub(super) mod ends;
pub use arena::Arena;
use windows_sys::Win32::System::LibraryLoader::{LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories};

pub(super) fn typed() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// No signal comes of a closed pipe here.
pub(super) fn outlive_closed_pipes() {}

/// <https://learn.microsoft.com/en-us/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories>. Should it
/// fail, there is nothing to be done about it.
#[expect(unsafe_code, reason = "std loads no libraries")]
pub(super) fn load_from_the_system_alone() {
    // SAFETY: takes no pointers.
    unsafe { SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) };
}

pub(super) fn has_rights_of_its_file() -> bool {
    false
}
