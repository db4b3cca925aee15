//! The window station of this process.

use std::ptr;

use windows_sys::Win32::System::StationsAndDesktops::{
    GetProcessWindowStation, GetUserObjectInformationW, UOI_FLAGS, USEROBJECTFLAGS,
};
use windows_sys::Win32::UI::WindowsAndMessaging::WSF_VISIBLE;

/// Whether this process's windows can be seen
/// (<https://learn.microsoft.com/en-us/windows/win32/api/winuser/ns-winuser-userobjectflags>): those of a service can't.
#[expect(unsafe_code, reason = "std has no window stations")]
pub(super) fn has_desktop() -> bool {
    let mut flags = USEROBJECTFLAGS::default();
    let size = size_of::<USEROBJECTFLAGS>() as u32;
    // SAFETY: takes nothing; the handle need not be closed.
    let station = unsafe { GetProcessWindowStation() };
    // SAFETY: a place for the answer, with its size; the length that is needed is not asked for.
    let told = unsafe { GetUserObjectInformationW(station, UOI_FLAGS, (&raw mut flags).cast(), size, ptr::null_mut()) };
    told != 0 && flags.dwFlags & WSF_VISIBLE as u32 != 0
}
