//! Work in the background, in a thread: the launcher waits for the app anyway. If the app ends earlier, a later start does the rest.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::System::Threading::{CREATE_NO_WINDOW, CreateProcessW, PROCESS_INFORMATION, STARTUPINFOW};

use crate::sys::command_line;

/// Does `work` while the app runs, or not at all: it has to be work that a later start can do as well.
pub(crate) fn run(work: impl FnOnce() + Send + 'static) {
    // The app runs also if no thread can be created.
    let _ = std::thread::Builder::new().spawn(work);
}

/// Does `work` after some time if this process still runs then, which waits for the app.
pub(crate) fn run_if_alive_after(time: Duration, work: impl FnOnce() + Send + 'static) {
    run(move || {
        std::thread::sleep(time);
        work();
    });
}

/// No `Command`, as in `own_exe`. What goes wrong is nobody's concern: a later start tries again.
#[expect(unsafe_code, reason = "see above")]
pub(crate) fn start(program: PathBuf, arguments: Vec<OsString>) {
    let units = |text: &OsStr| text.encode_wide().collect::<Vec<u16>>();
    let words = std::iter::once(program.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
    let quoted: Vec<_> = words.map(|word| command_line::quote(&units(word))).collect();
    let mut line = quoted.join(&u16::from(b' '));
    line.push(0);
    let program: Vec<u16> = units(program.as_os_str()).into_iter().chain([0]).collect();
    let startup = STARTUPINFOW { cb: size_of::<STARTUPINFOW>() as u32, ..Default::default() };
    let mut created = PROCESS_INFORMATION::default();
    // SAFETY: strings with a NUL at their ends, one of them writable; a structure that tells its own size; nulls where they
    // are allowed; a place for the answer. The handles in it are closed with this process.
    unsafe {
        CreateProcessW(
            program.as_ptr(),
            line.as_mut_ptr(),
            ptr::null(),
            ptr::null(),
            0,
            CREATE_NO_WINDOW,
            ptr::null(),
            ptr::null(),
            &startup,
            &mut created,
        )
    };
}
