//! Unexpected ends reach a process as exceptions that nobody handles
//! (<https://learn.microsoft.com/en-us/windows/win32/api/errhandlingapi/nf-errhandlingapi-setunhandledexceptionfilter>).

use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::Foundation::{
    EXCEPTION_ACCESS_VIOLATION, EXCEPTION_ILLEGAL_INSTRUCTION, EXCEPTION_IN_PAGE_ERROR, NTSTATUS,
};
use windows_sys::Win32::System::Diagnostics::Debug::{EXCEPTION_POINTERS, SetUnhandledExceptionFilter};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::notify;
use crate::process::ends::{self, Cause};

/// All of them: it costs a call to a library that is there anyway.
#[expect(unsafe_code, reason = "std has no exceptions")]
pub(crate) fn tell_of_panics() {
    // SAFETY: a function that lives as long as the process.
    unsafe { SetUnhandledExceptionFilter(Some(filter)) };
}

pub(crate) fn tell_of_faults() {}

/// Says why, and ends the process. Where nobody reads stderr, a dialog needs more of the process than a write does; should it
/// fail in turn, the process ends all the same.
#[expect(unsafe_code, reason = "std runs what was asked for at an exit")]
pub(crate) fn end(cause: Cause) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let (parts, code) = ends::told(cause);
    if !ENDING.swap(true, Ordering::Relaxed) {
        notify::unexpected_end(&parts);
        notify::before_the_console_closes(code);
    }
    // SAFETY: the handle of this process is always valid.
    unsafe { TerminateProcess(GetCurrentProcess(), code) };
    unreachable!("it has ended")
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn filter(exception: *const EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes what it knows of the exception.
    let code: NTSTATUS = unsafe { (*(*exception).ExceptionRecord).ExceptionCode };
    end(match code {
        EXCEPTION_ILLEGAL_INSTRUCTION => Cause::FailedCheck,
        EXCEPTION_ACCESS_VIOLATION => Cause::InvalidAccess,
        EXCEPTION_IN_PAGE_ERROR => Cause::UnreadableFile,
        _ => Cause::Other,
    })
}
