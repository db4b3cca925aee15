//! Unexpected ends reach a process as exceptions that nobody handles
//! (<https://learn.microsoft.com/en-us/windows/win32/api/errhandlingapi/nf-errhandlingapi-setunhandledexceptionfilter>).

use windows_sys::Win32::Foundation::{
    EXCEPTION_ACCESS_VIOLATION, EXCEPTION_ILLEGAL_INSTRUCTION, EXCEPTION_IN_PAGE_ERROR, NTSTATUS,
};
use windows_sys::Win32::System::Diagnostics::Debug::{EXCEPTION_POINTERS, SetUnhandledExceptionFilter};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::sys::faults::{self, Cause};

/// Sets the handler for all exceptions, which costs one call.
#[expect(unsafe_code, reason = "std has no exceptions")]
pub(crate) fn catch_panics() {
    // SAFETY: a function that lives as long as the process.
    unsafe { SetUnhandledExceptionFilter(Some(filter)) };
}

/// [`catch_panics`] has done it.
pub(crate) fn report_faults() {}

/// Does not wait: the other thread may show a dialog.
pub(crate) fn let_another_thread_report() {}

#[expect(unsafe_code, reason = "std runs what was asked for at an exit")]
pub(crate) fn end_process(code: u32) -> ! {
    // SAFETY: the handle of this process is always valid.
    unsafe { TerminateProcess(GetCurrentProcess(), code) };
    unreachable!("it has ended")
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn filter(exception: *const EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes what it knows of the exception.
    let code: NTSTATUS = unsafe { (*(*exception).ExceptionRecord).ExceptionCode };
    faults::end(match code {
        EXCEPTION_ILLEGAL_INSTRUCTION => Cause::FailedCheck,
        EXCEPTION_ACCESS_VIOLATION => Cause::InvalidAccess,
        EXCEPTION_IN_PAGE_ERROR => Cause::UnreadableFile,
        _ => Cause::Other,
    })
}
