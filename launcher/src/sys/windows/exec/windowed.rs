//! An app with windows: started without a console, and left alone once it has come up.
//!
//! - **No second process**: nothing would be gained by one that waits. So there is no job that would end the app with the
//!   launcher, and what has to last as long as the app (the seal of its version dir) is a handle that it inherits. The
//!   launcher watches the first moments only, because an app that dies in them was never seen by anybody.
//! - **Started from a share**, or from a drive that can be pulled out, no process shall depend on that for longer than it
//!   must: there the launcher leaves as soon as the app waits for its user. No copy of the launcher is made on a local disk
//!   to go on watching: it would be without the bundle's signature, which a rule of the machine or a virus scanner may ask for.
//! - **Standard streams**: Explorer gives none, and Python would have `None` for `sys.stdout`, which libraries trip over.
//!   What is no file and no pipe leads to the log, or to nowhere. (A console of whoever started us can't be written to by a
//!   program without one.)
//! - **Called by a program**: one that has given us a file or a pipe wants to read from the app, and to know its end. Then
//!   the launcher stays, as for an app in a console.
//! - **The taskbar** groups windows by the program that they are of, which is `pythonw.exe` for all apps. So the app gets its
//!   AppUserModelID along, in the place of the title (`STARTF_TITLEISAPPID`,
//!   <https://learn.microsoft.com/en-us/windows/win32/api/processthreadsapi/ns-processthreadsapi-startupinfow>).
//! - **The pointer** shows an hourglass until a program that Explorer has started fetches a message, or five seconds are
//!   over. As the child does what we would do, we fetch one when it runs (as Python's own launcher does, `PC/launcher.c`).

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
};
use windows_sys::Win32::System::Threading::{
    STARTF_TITLEISAPPID, STARTF_TITLEISLINKNAME, STARTF_USEHOTKEY, STARTF_USESTDHANDLES, STARTUPINFOW, WaitForInputIdle,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{MSG, PM_REMOVE, PeekMessageW, PostMessageW};

use super::{Child, Ended, STARTF_HASSHELLDATA, Start, accompany, inheritable, startup_information};
use crate::env;

/// How long an app is watched, in milliseconds. An interpreter that can't start fails at once; what an app imports may take
/// its time on a cold disk.
const FIRST_MOMENTS: u32 = 10_000;

pub(crate) fn start(
    start: &Start<'_>,
    program: &[u16],
    line: &mut [u16],
    running: &mut dyn FnMut(),
) -> io::Result<Ended> {
    let nowhere = File::options().read(true).write(true).open("NUL")?;
    let input = given(STD_INPUT_HANDLE);
    let (output, errors) = (given(STD_OUTPUT_HANDLE), given(STD_ERROR_HANDLE));
    let called = input.is_some() || output.is_some() || errors.is_some();
    let log = start.log.map_or(&nowhere, |(_, file)| file);
    if let (Some((path, _)), None, None) = (start.log, output, errors) {
        tell_the_app(path);
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
    let mut identity: Vec<u16> = start.app_user_model_id.encode_utf16().chain([0]).collect();
    // Whoever made a shortcut of his own has chosen.
    if startup.dwFlags & STARTF_TITLEISAPPID == 0 {
        startup.dwFlags = startup.dwFlags & !STARTF_TITLEISLINKNAME | STARTF_TITLEISAPPID;
        startup.lpTitle = identity.as_mut_ptr();
    }
    if called {
        return accompany(program, line, &startup, running).map(Ended::With);
    }
    let child = Child::new(program, line, &startup)?;
    running();
    give_the_pointer_back();
    let has_come_up = start.may_vanish && child.waits_for_its_user();
    let left = if has_come_up { 0 } else { FIRST_MOMENTS };
    Ok(child.wait(left)?.map_or(Ended::NotYet, Ended::Unseen))
}

impl Child {
    /// Waits until it has windows and nothing to do, its end, or the end of its first moments. Whether it lives and has
    /// nothing to do.
    #[expect(unsafe_code, reason = "the process was not started by std")]
    fn waits_for_its_user(&self) -> bool {
        const IDLE: u32 = 0;
        // SAFETY: a process handle that lives through the call.
        let waited = unsafe { WaitForInputIdle(self.0.as_raw_handle(), FIRST_MOMENTS) };
        waited == IDLE
    }
}

/// A standard stream of ours that is a file or a pipe.
#[expect(unsafe_code, reason = "std's streams hide what they are")]
fn given(stream: STD_HANDLE) -> Option<HANDLE> {
    // SAFETY: takes no pointers.
    let handle = unsafe { GetStdHandle(stream) };
    // SAFETY: a number that is no handle is answered with "unknown".
    let kind = unsafe { GetFileType(handle) };
    matches!(kind, FILE_TYPE_DISK | FILE_TYPE_PIPE).then(|| inheritable(stream))
}

fn inherited(file: &File) -> HANDLE {
    super::let_inherit(file.as_raw_handle());
    file.as_raw_handle()
}

/// The startup information with these streams: they take the place of a hot key or of the shell's data, and of what the C
/// runtime of whoever started us had to say about its own.
fn place_streams(startup: &mut STARTUPINFOW, streams: [HANDLE; 3]) {
    startup.dwFlags &= !(STARTF_USEHOTKEY | STARTF_HASSHELLDATA);
    startup.dwFlags |= STARTF_USESTDHANDLES;
    [startup.hStdInput, startup.hStdOutput, startup.hStdError] = streams;
    startup.cbReserved2 = 0;
    startup.lpReserved2 = ptr::null_mut();
}

/// The start script lets everything be written there, whatever its letters, and at the end of each line.
#[expect(unsafe_code, reason = "changing the environment is unsafe on other systems")]
fn tell_the_app(log: &std::path::Path) {
    // SAFETY: always sound on Windows.
    unsafe { std::env::set_var(env::LOG, log) };
}

#[expect(unsafe_code, reason = "std has no messages")]
fn give_the_pointer_back() {
    // SAFETY: no window: a message to this thread, without anything in it.
    unsafe { PostMessageW(ptr::null_mut(), 0, 0, 0) };
    let mut message = MSG::default();
    // SAFETY: a place for the answer. It does not wait for a message.
    unsafe { PeekMessageW(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) };
}
