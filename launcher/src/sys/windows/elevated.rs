//! The same command once more, with an administrator's rights: Windows asks the user for them
//! (<https://learn.microsoft.com/en-us/windows/win32/api/shellapi/ns-shellapi-shellexecuteinfow>, "runas").

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::System::Threading::{GetExitCodeProcess, INFINITE, WaitForSingleObject};
use windows_sys::Win32::UI::Shell::{SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW};
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;
use windows_sys::core::w;

use super::exec::typed_command_line;
use super::utf16::wide;
use super::{own_file, station};
use crate::sys::command_line;

/// Waits for its end, and returns its exit code. `None`: nobody could be asked, or who was asked has said no.
#[expect(unsafe_code, reason = "std starts no process with other rights")]
pub(crate) fn run_again() -> Option<u32> {
    // A service, or a session without a desktop (WinRM, ssh), would wait for an answer for ever.
    if !station::has_desktop() {
        return None;
    }
    let typed = typed_command_line();
    let mut arguments = command_line::split(&typed).tail.to_vec();
    let own_path = own_file::started_as()?;
    arguments.push(0);
    let program = wide(own_path);
    let mut started = SHELLEXECUTEINFOW {
        cbSize: size_of::<SHELLEXECUTEINFOW>() as u32,
        fMask: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC,
        lpVerb: w!("runas"),
        lpFile: program.as_ptr(),
        lpParameters: arguments.as_ptr(),
        nShow: SW_SHOWNORMAL,
        ..Default::default()
    };
    // SAFETY: a structure that tells its size, with strings that end with a NUL and live through the call.
    if unsafe { ShellExecuteExW(&mut started) } == 0 || started.hProcess.is_null() {
        return None;
    }
    // SAFETY: the call succeeded and was told to leave it to us.
    let process = unsafe { OwnedHandle::from_raw_handle(started.hProcess) };
    let mut code = 0;
    // SAFETY: a process handle that lives through the call.
    unsafe { WaitForSingleObject(process.as_raw_handle(), INFINITE) };
    // SAFETY: as above, and a place for the answer.
    (unsafe { GetExitCodeProcess(process.as_raw_handle(), ptr::from_mut(&mut code)) } != 0).then_some(code)
}
