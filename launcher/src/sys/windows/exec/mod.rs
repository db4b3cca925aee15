//! `CreateProcessW`, a job and a wait.
//!
//! Windows can't replace a process, so the launcher stays as the parent, and nobody should notice it:
//!
//! - **Arguments**: the typed part of the command line is passed on verbatim; see [`crate::sys::command_line`]. The name of a
//!   program that was found in PATH is replaced by its path.
//! - **Standard streams**, the C runtime's inherited descriptors (`lpReserved2`), title and window state: the child gets the
//!   startup information that the launcher got.
//! - **Console**: the child shares ours. If there is none, it gets one without a window, which the programs that it starts
//!   share: without it, each of them would open a window, and what they write to its standard streams would be lost. The
//!   child handles Ctrl-C, Ctrl-Break and closing, and the launcher outlives it.
//! - **End of the launcher**: a job with "kill on close" ends the child, also when the launcher is killed. Silent breakaway
//!   keeps the child's own children out of the job: a server that the app leaves behind goes on running, as it would without
//!   a launcher. The child is created in the job (`PROC_THREAD_ATTRIBUTE_JOB_LIST`, from Windows 10,
//!   <https://learn.microsoft.com/en-us/windows/win32/api/processthreadsapi/nf-processthreadsapi-updateprocthreadattribute>), so
//!   it ends with the launcher from its first moment on.
//! - **Exit code**: all 32 bits.
//! - **The bundle** is closed by then, so that it can be deleted. What is left of it in this process is its image, which Windows
//!   copies to the page file if it comes from a share or a removable drive (the builder sets the flags): so the launcher goes on
//!   running if the share goes away.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::JobObjects::JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, GetCurrentProcess, GetPriorityClass, GetStartupInfoW, INFINITE, STARTF_USEHOTKEY,
    STARTF_USESTDHANDLES, STARTUPINFOW, Sleep,
};
use windows_sys::core::BOOL;

use super::child::{Child, Job, Program};
use super::console::has_console;
use super::own_file;
use super::standard::Stream;
use super::utf16::{copied, units};
use crate::sys::command_line;
use crate::sys::exec::{Ended, Start};

mod windowed;

pub(crate) use windowed::Windowed;

/// Whether an app with windows gets a log: Explorer gives it no standard streams.
pub(crate) const HAS_APP_LOG: bool = true;

/// The undocumented `STARTF_HASSHELLDATA`: as with a hot key, the fields for standard handles hold something else.
const STARTF_HASSHELLDATA: u32 = 0x400;

/// See [`crate::sys::exec`].
pub(crate) fn start(start: &Start<'_>, running: &mut dyn FnMut()) -> io::Result<Ended> {
    let typed = typed_command_line();
    let mut program = units(&start.program);
    let arguments: Vec<_> = start.arguments.iter().map(units).collect();
    let own_path = own_file::started_as().map(units).unwrap_or_default();
    let typed = command_line::split(&typed).with_path(&own_path);
    let mut line = command_line::write(&program, &arguments, &typed)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;

    for text in [&mut program, &mut line] {
        text.push(0);
    }
    change_environment(start);
    if let Some(windowed) = &start.windowed {
        return windowed.start(&program, &mut line, running);
    }
    leave_console_events_to_the_child()?;
    run_and_wait(&inheriting(&program, &startup_information()), &mut line, running).map(Ended::With)
}

/// Runs a bundle. The updater calls this, which has std's processes anyway.
pub(crate) fn become_bundle(bundle: &Path, typed: &[OsString]) -> io::Result<i32> {
    leave_console_events_to_the_child()?;
    let arguments = typed.get(1..).unwrap_or_default();
    let status = std::process::Command::new(bundle).args(arguments).status()?;
    Ok(status.code().unwrap_or_default())
}

/// Runs it in a job that ends with this process, and waits for it.
fn run_and_wait(program: &Program<'_>, line: &mut [u16], running: &mut dyn FnMut()) -> io::Result<u32> {
    // If it can't be in a job of ours (inside another one with restrictions), it runs all the same: it is only not ended with a
    // killed launcher.
    let child = Job::new(JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK)
        // The job's handle is left to the end of this process: closing it is what kills.
        .and_then(|job| job.child(program, line).inspect(|_| std::mem::forget(job)))
        .or_else(|_| Child::start(program, line));
    let code = child.and_then(|child| {
        running();
        child.wait(INFINITE)?.ok_or_else(|| io::ErrorKind::TimedOut.into())
    });
    CHILD_ENDED.store(true, Ordering::Relaxed);
    code
}

/// A program that gets our directory, handles, priority and console.
pub(in crate::sys::windows) fn inheriting<'a>(path: &'a [u16], startup: &'a STARTUPINFOW) -> Program<'a> {
    Program { path, directory: None, flags: creation_flags(), inherits_handles: true, startup }
}

/// Whether the child of this process has ended.
static CHILD_ENDED: AtomicBool = AtomicBool::new(false);

/// The startup information of this process, for the child.
#[expect(unsafe_code, reason = "std has no startup information")]
fn startup_information() -> STARTUPINFOW {
    let mut startup = STARTUPINFOW::default();
    // SAFETY: a place for the answer. Its pointers lead into this process's parameters, which stay as they are.
    unsafe { GetStartupInfoW(&mut startup) };
    if startup.dwFlags & (STARTF_USEHOTKEY | STARTF_HASSHELLDATA) == 0 {
        startup.dwFlags |= STARTF_USESTDHANDLES;
        startup.hStdInput = Stream::Input.inheritable();
        startup.hStdOutput = Stream::Output.inheritable();
        startup.hStdError = Stream::Errors.inheritable();
    }
    startup
}

/// Only a low priority is inherited, so it is passed explicitly. Without a console, the child gets one without a window.
#[expect(unsafe_code, reason = "std knows neither priority nor console")]
fn creation_flags() -> u32 {
    // SAFETY: the handle of this process is always valid.
    let priority = unsafe { GetPriorityClass(GetCurrentProcess()) };
    if has_console() { priority } else { priority | CREATE_NO_WINDOW }
}

/// Keeps this process alive through console events until the child has handled them.
///
/// It is a handler, and not "ignore": that would be inherited, and Python would get no Ctrl-C.
#[expect(unsafe_code, reason = "std has no console events")]
fn leave_console_events_to_the_child() -> io::Result<()> {
    unsafe extern "system" fn wait_for_the_child(event: u32) -> BOOL {
        if CHILD_ENDED.load(Ordering::Relaxed) {
            return 0;
        }
        if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
            // The console is closing, or the user logs off. When this returns, the system ends this process at once, and
            // the job the child with it; the child has its own few seconds. Its end ends `start`, and so this thread.
            // SAFETY: takes no pointers.
            unsafe { Sleep(INFINITE) };
        }
        1
    }
    // SAFETY: a function that lives as long as the process, and is fit to run on a thread of its own.
    if unsafe { SetConsoleCtrlHandler(Some(wait_for_the_child), 1) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The child inherits our environment unchanged, with its order and its hidden entries (`=C:`), so the app's variables are set in
/// it.
#[expect(unsafe_code, reason = "changing the environment is unsafe on other systems")]
pub(in crate::sys::windows) fn change_environment(start: &Start<'_>) {
    for (name, value) in &start.environment {
        // SAFETY: always sound on Windows.
        unsafe { std::env::set_var(name, value) };
    }
    for name in start.withheld {
        // SAFETY: as above.
        unsafe { std::env::remove_var(name) };
    }
}

/// The whole command line of this process, without the NUL at its end.
#[expect(unsafe_code, reason = "std gives the line cut into arguments only")]
pub(in crate::sys::windows) fn typed_command_line() -> Vec<u16> {
    // SAFETY: takes nothing; the string it answers ends with a NUL and lives as long as the process.
    units(unsafe { copied(GetCommandLineW()) }.unwrap_or_default())
}
