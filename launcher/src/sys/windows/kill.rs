//! `TerminateProcess`, which no process can catch.

use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

#[expect(unsafe_code, reason = "std ends a process only in ways that run code of its own")]
pub(crate) fn kill() -> ! {
    // SAFETY: the handle of this process is always valid.
    unsafe { TerminateProcess(GetCurrentProcess(), 9) };
    unreachable!("killed")
}
