//! What this process got from whoever started it. Rust's runtime does nothing here that reaches the app, and has done most of it.

use std::ffi::OsString;

use windows_sys::Win32::System::LibraryLoader::{LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories};

/// What was typed, the program's own name first. Empty if the caller passed not even that.
pub(crate) fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// No signal comes of a closed pipe here.
pub fn ignore_sigpipe() {}

/// From now on, libraries that are loaded by name come from the system's own directory alone, those that its libraries load
/// included: never from beside the bundle, where a download or a share may hold one that somebody has planted
/// (<https://learn.microsoft.com/en-us/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories>). Those that the
/// bundle names in its header are loaded before, and are all ones that Windows never looks for anywhere else; a test holds
/// the list. What this process starts does not inherit it. Should the call fail, there is nothing to be done about it.
#[expect(unsafe_code, reason = "std loads no libraries")]
pub fn restrict_dll_search() {
    // SAFETY: takes no pointers.
    unsafe { SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) };
}

/// No file gives rights here.
pub(crate) fn has_rights_of_its_file() -> bool {
    false
}
