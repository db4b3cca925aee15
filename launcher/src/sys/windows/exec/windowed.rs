//! An app with windows: it is started without a console, and the launcher ends once it is up.
//!
//! - **No second process**: one that waits would have no purpose. So there is no job that ends the app with the launcher, and
//!   what has to last as long as the app (the seal of its version dir) is a handle that the app inherits. The launcher waits
//!   only for the first moments, because nobody sees an app that ends in them.
//! - **Started from a share**, or from a removable drive: no process should depend on it longer than necessary, so the launcher
//!   ends as soon as the app waits for its user. It does not go on waiting from a copy of itself on a local disk: that would lack
//!   the bundle's signature, which a policy or a virus scanner may require.
//! - **Standard streams**: Explorer gives none, and `sys.stdout` would be `None`, which many libraries do not expect. A stream
//!   that is not a file or a pipe is redirected to the log, or to `NUL`. (A program without a console can't write to the console
//!   of whoever started us.)
//! - **Called by a program**: a program that has given us a file or a pipe wants to read from the app, and to know when it ends.
//!   Then the launcher stays, as for an app in a console.
//! - **The taskbar** groups windows by their program, which is `pythonw.exe` for all apps. So the app gets an AppUserModelID of
//!   its own, in place of the title (`STARTF_TITLEISAPPID`,
//!   <https://learn.microsoft.com/en-us/windows/win32/api/processthreadsapi/ns-processthreadsapi-startupinfow>).
//! - **The pointer** shows an hourglass until a program that Explorer has started fetches a message, or for five seconds. The
//!   launcher fetches one when the child runs (as Python's own launcher does, `PC/launcher.c`).

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{
    STARTF_TITLEISAPPID, STARTF_TITLEISLINKNAME, STARTF_USEHOTKEY, STARTF_USESTDHANDLES, STARTUPINFOW, WaitForInputIdle,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{MSG, PM_REMOVE, PeekMessageW, PostMessageW};

use super::{Ended, STARTF_HASSHELLDATA, inheriting, run_and_wait, startup_information};
use crate::env;
use crate::sys::windows::child::Child;
use crate::sys::windows::own_file;
use crate::sys::windows::standard::{Stream, make_inheritable};
use crate::sys::windows::utf16::wide;
use crate::sys::windows::volume::may_vanish;

/// How long the launcher waits for an early end of the app, in milliseconds. An interpreter that can't start fails at once; imports
/// may take long on a cold disk.
const FIRST_MOMENTS: u32 = 10_000;

/// What Windows wants to know of an app with windows.
#[derive(Debug)]
pub(crate) struct Windowed<'a> {
    /// Its identity for the taskbar.
    app_user_model_id: &'a str,
    /// Where what it writes goes if whoever started us gave no place for it; `None`: nowhere.
    log: Option<(&'a Path, &'a File)>,
}

impl<'a> Windowed<'a> {
    pub(crate) fn new(app_user_model_id: &'a str, log: Option<(&'a Path, &'a File)>) -> Self {
        Self { app_user_model_id, log }
    }

    pub(super) fn start(&self, program: &[u16], line: &mut [u16], running: &mut dyn FnMut()) -> io::Result<Ended> {
        let nowhere = File::options().read(true).write(true).open("NUL")?;
        let [input, output, errors] = Stream::ALL.map(|stream| stream.is_redirected().then(|| stream.inheritable()));
        let called = input.is_some() || output.is_some() || errors.is_some();
        let log = self.log.map_or(&nowhere, |(_, file)| file);
        if let (Some((path, _)), None, None) = (self.log, output, errors) {
            set_log_variable(path);
        }

        let mut startup = startup_information();
        place_streams(
            &mut startup,
            [
                input.unwrap_or_else(|| inherited(&nowhere)),
                output.unwrap_or_else(|| inherited(log)),
                errors.unwrap_or_else(|| inherited(log)),
            ],
        );
        // It has to live until the child is there.
        let mut identity = wide(self.app_user_model_id);
        // A shortcut that the user has made may have its own.
        if startup.dwFlags & STARTF_TITLEISAPPID == 0 {
            startup.dwFlags = startup.dwFlags & !STARTF_TITLEISLINKNAME | STARTF_TITLEISAPPID;
            startup.lpTitle = identity.as_mut_ptr();
        }
        let program = inheriting(program, &startup);
        if called {
            return run_and_wait(&program, line, running).map(Ended::With);
        }
        let child = Child::start(&program, line)?;
        running();
        end_busy_pointer();
        let has_come_up = own_file::started_as().is_some_and(|path| may_vanish(&path)) && is_idle_after_wait(&child);
        let left = if has_come_up { 0 } else { FIRST_MOMENTS };
        Ok(child.wait(left)?.map_or(Ended::NotYet, Ended::Unseen))
    }
}

/// Waits until a child has windows and nothing to do, its end, or the end of its first moments. Whether it lives and has
/// nothing to do.
#[expect(unsafe_code, reason = "the process was not started by std")]
fn is_idle_after_wait(child: &Child) -> bool {
    const IDLE: u32 = 0;
    // SAFETY: a process handle that lives through the call.
    let waited = unsafe { WaitForInputIdle(child.handle(), FIRST_MOMENTS) };
    waited == IDLE
}

fn inherited(file: &File) -> HANDLE {
    make_inheritable(file.as_raw_handle());
    file.as_raw_handle()
}

/// Sets these streams in the startup information. They replace a hot key or the shell's data, and the C runtime's descriptors.
fn place_streams(startup: &mut STARTUPINFOW, streams: [HANDLE; 3]) {
    startup.dwFlags &= !(STARTF_USEHOTKEY | STARTF_HASSHELLDATA);
    startup.dwFlags |= STARTF_USESTDHANDLES;
    [startup.hStdInput, startup.hStdOutput, startup.hStdError] = streams;
    startup.cbReserved2 = 0;
    startup.lpReserved2 = ptr::null_mut();
}

/// The start script sets up standard streams for it, in UTF-8 and flushed after each line.
#[expect(unsafe_code, reason = "changing the environment is unsafe on other systems")]
fn set_log_variable(log: &Path) {
    // SAFETY: always sound on Windows.
    unsafe { std::env::set_var(env::LOG, log) };
}

#[expect(unsafe_code, reason = "std has no messages")]
fn end_busy_pointer() {
    // SAFETY: no window: a message to this thread, without anything in it.
    unsafe { PostMessageW(ptr::null_mut(), 0, 0, 0) };
    let mut message = MSG::default();
    // SAFETY: a place for the answer. It does not wait for a message.
    unsafe { PeekMessageW(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) };
}
