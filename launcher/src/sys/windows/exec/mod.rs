//! `CreateProcessW`, a job and a wait.
//!
//! Windows can't replace a process, so the launcher stays as the parent and has to be as good as absent:
//!
//! - **Arguments**: the typed part of the command line is passed on verbatim; see [`super::command_line`]. A program that was
//!   found by its name alone gets its path for it.
//! - **Standard streams**, the C runtime's inherited descriptors (`lpReserved2`), title and window state: the startup
//!   information that the launcher got is the one the child gets.
//! - **Console**: the child shares ours. Where there is none, it gets one without a window, which the programs that it
//!   starts share: detached, it would have each of them open a window, and lose what they write to its standard streams.
//!   Ctrl-C, Ctrl-Break and closing are its business, and the launcher outlives it.
//! - **Death of the launcher**: a job with "kill on close" takes the child along, also when the launcher is killed. Silent
//!   breakaway keeps the child's own children out of the job: a server that the app leaves behind stays, as it would
//!   without a launcher. The child is created in the job (`PROC_THREAD_ATTRIBUTE_JOB_LIST`, from Windows 10,
//!   <https://learn.microsoft.com/en-us/windows/win32/api/processthreadsapi/nf-processthreadsapi-updateprocthreadattribute>), so
//!   there is no moment at which a kill would leave it behind.
//! - **Exit code**: all 32 bits.
//! - **The bundle** is closed by then, so that nobody who wants to remove it has to wait for us. What is left of it in this
//!   process is its image, which Windows copies to the page file if it comes from a share or a removable drive (the builder
//!   sets the flags): a share that is gone takes nothing along.

use std::ffi::{OsStr, c_void};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::Foundation::{
    HANDLE, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE, SetHandleInformation, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, GetConsoleCP, GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE,
    STD_OUTPUT_HANDLE, SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::JobObjects::{
    CreateJobObjectW, JOB_OBJECT_LIMIT, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CreateProcessW, DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, GetCurrentProcess,
    GetExitCodeProcess, GetPriorityClass, GetStartupInfoW, INFINITE, InitializeProcThreadAttributeList,
    PROC_THREAD_ATTRIBUTE_JOB_LIST, PROCESS_CREATION_FLAGS, PROCESS_INFORMATION, STARTF_USEHOTKEY,
    STARTF_USESTDHANDLES, STARTUPINFOEXW, STARTUPINFOW, Sleep, UpdateProcThreadAttribute, WaitForSingleObject,
};
use windows_sys::core::BOOL;

use crate::exec::{Ended, Start};
use crate::own_file;
use crate::sys::command_line;

mod windowed;

/// The undocumented `STARTF_HASSHELLDATA`: as with a hot key, what stands in the place of the standard handles is none.
const STARTF_HASSHELLDATA: u32 = 0x400;

/// See [`super::start`].
pub(crate) fn start(start: &Start<'_>, running: &mut dyn FnMut()) -> io::Result<Ended> {
    let typed = typed_command_line();
    let mut program = units(start.program.as_os_str());
    let arguments: Vec<_> = start.arguments.iter().map(|argument| units(argument)).collect();
    let own_path = own_file::started_as().map(|path| units(path.as_os_str())).unwrap_or_default();
    let typed = command_line::split(&typed).with_path(&own_path);
    let mut line = command_line::write(&program, &arguments, &typed)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;

    for text in [&mut program, &mut line] {
        text.push(0);
    }
    change_environment(start);
    if start.windowed {
        return windowed::start(start, &program, &mut line, running);
    }
    leave_console_events_to_the_child()?;
    accompany(&program, &mut line, &startup_information(), running).map(Ended::With)
}

/// Runs it in a job that ends with this process, and waits for it.
fn accompany(program: &[u16], line: &mut [u16], startup: &STARTUPINFOW, running: &mut dyn FnMut()) -> io::Result<u32> {
    // Where it can't be in a job of ours (inside a foreign one with restrictions), only the tidying up behind a killed launcher
    // is lost. That is no reason not to run.
    let child = Job::new(JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK)
        // The job's handle is left to the end of this process: closing it is what kills.
        .and_then(|job| job.child(program, line, startup, None).inspect(|_| std::mem::forget(job)))
        .or_else(|_| Child::new(program, line, startup));
    let code = child.and_then(|child| {
        running();
        child.wait(INFINITE)?.ok_or_else(|| io::ErrorKind::TimedOut.into())
    });
    CHILD_ENDED.store(true, Ordering::Relaxed);
    code
}

/// Whether the child of this process has run and is gone.
static CHILD_ENDED: AtomicBool = AtomicBool::new(false);

/// A process that was started.
pub(in crate::sys::windows) struct Child(OwnedHandle);

impl Child {
    fn new(program: &[u16], line: &mut [u16], startup: &STARTUPINFOW) -> io::Result<Self> {
        let startup = STARTUPINFOEXW { StartupInfo: *startup, lpAttributeList: ptr::null_mut() };
        Self::with(program, line, &startup, 0, None)
    }

    #[expect(unsafe_code, reason = "std can't pass startup information on")]
    fn with(
        program: &[u16],
        line: &mut [u16],
        startup: &STARTUPINFOEXW,
        flags: PROCESS_CREATION_FLAGS,
        directory: Option<&[u16]>,
    ) -> io::Result<Self> {
        let mut created = PROCESS_INFORMATION::default();
        // SAFETY: NUL-terminated strings, the second one writable; startup information of the kind that the flags tell, whose
        // pointers live through the call; nulls where they are allowed; a place for the answer.
        let done = unsafe {
            CreateProcessW(
                program.as_ptr(),
                line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                1,
                creation_flags() | flags,
                ptr::null(),
                directory.map_or(ptr::null(), <[u16]>::as_ptr),
                ptr::from_ref(startup).cast(),
                &mut created,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so both are handles and ours alone. The thread's is closed at once.
        let (process, _thread) =
            unsafe { (OwnedHandle::from_raw_handle(created.hProcess), OwnedHandle::from_raw_handle(created.hThread)) };
        Ok(Self(process))
    }

    /// Its handle.
    pub(in crate::sys::windows) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// Its exit code; none if it still runs after so many milliseconds.
    #[expect(unsafe_code, reason = "the process was not started by std")]
    pub(in crate::sys::windows) fn wait(&self, milliseconds: u32) -> io::Result<Option<u32>> {
        // SAFETY: a process handle that lives through the call.
        match unsafe { WaitForSingleObject(self.0.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => {}
            WAIT_TIMEOUT => return Ok(None),
            _ => return Err(io::Error::last_os_error()),
        }
        let mut code = 0;
        // SAFETY: as above, and a place for the answer.
        if unsafe { GetExitCodeProcess(self.0.as_raw_handle(), &mut code) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Some(code))
    }
}

/// A job that ends its processes when the last handle to it is closed.
pub(in crate::sys::windows) struct Job(OwnedHandle);

impl Job {
    /// One with these limits besides.
    #[expect(unsafe_code, reason = "std has no jobs")]
    pub(in crate::sys::windows) fn new(limits_besides: JOB_OBJECT_LIMIT) -> io::Result<Self> {
        // SAFETY: nulls mean "not inheritable" and "no name".
        let raw = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so this is a handle and ours alone.
        let job = unsafe { OwnedHandle::from_raw_handle(raw) };
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | limits_besides;
        let size = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        // SAFETY: the structure that belongs to the class, with its size.
        let done = unsafe {
            SetInformationJobObject(
                job.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                ptr::from_ref(&limits).cast::<c_void>(),
                size,
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(Self(job)) }
    }

    /// Its handle.
    pub(in crate::sys::windows) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// A process that is in it from its first moment; in this directory, or in ours.
    #[expect(unsafe_code, reason = "std has no jobs")]
    pub(in crate::sys::windows) fn child(
        &self,
        program: &[u16],
        line: &mut [u16],
        startup: &STARTUPINFOW,
        directory: Option<&[u16]>,
    ) -> io::Result<Child> {
        // Room for a list of one; should it not be enough, that is an error.
        let mut attributes = [0_usize; 16];
        let list = attributes.as_mut_ptr().cast::<c_void>();
        let mut size = size_of_val(&attributes);
        let jobs = [self.0.as_raw_handle()];
        // SAFETY: a place for the list, aligned, with its size.
        if unsafe { InitializeProcThreadAttributeList(list, 1, 0, &mut size) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let attribute = PROC_THREAD_ATTRIBUTE_JOB_LIST as usize;
        // SAFETY: the list, and a value with its size that lives as long as the list; nulls where they are asked for.
        let done = unsafe {
            let size = size_of_val(&jobs);
            UpdateProcThreadAttribute(list, 0, attribute, jobs.as_ptr().cast(), size, ptr::null_mut(), ptr::null())
        };
        let mut startup = STARTUPINFOEXW { StartupInfo: *startup, lpAttributeList: list };
        startup.StartupInfo.cb = size_of::<STARTUPINFOEXW>() as u32;
        let child = if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            Child::with(program, line, &startup, EXTENDED_STARTUPINFO_PRESENT, directory)
        };
        // SAFETY: a list that was made, and is not used any more.
        unsafe { DeleteProcThreadAttributeList(list) };
        child
    }
}

/// What we were started with, for the child.
#[expect(unsafe_code, reason = "std has no startup information")]
fn startup_information() -> STARTUPINFOW {
    let mut startup = STARTUPINFOW::default();
    // SAFETY: a place for the answer. Its pointers lead into this process's parameters, which stay as they are.
    unsafe { GetStartupInfoW(&mut startup) };
    if startup.dwFlags & (STARTF_USEHOTKEY | STARTF_HASSHELLDATA) == 0 {
        startup.dwFlags |= STARTF_USESTDHANDLES;
        startup.hStdInput = inheritable(STD_INPUT_HANDLE);
        startup.hStdOutput = inheritable(STD_OUTPUT_HANDLE);
        startup.hStdError = inheritable(STD_ERROR_HANDLE);
    }
    startup
}

/// One of our standard handles, which may be none. It keeps its number: `lpReserved2` names it too.
#[expect(unsafe_code, reason = "std's streams hide whether there is one")]
fn inheritable(stream: STD_HANDLE) -> HANDLE {
    // SAFETY: takes no pointers.
    let handle = unsafe { GetStdHandle(stream) };
    if !handle.is_null() && handle != INVALID_HANDLE_VALUE {
        let_inherit(handle);
    }
    handle
}

#[expect(unsafe_code, reason = "std's handles are never inherited")]
pub(in crate::sys::windows) fn let_inherit(handle: HANDLE) {
    // SAFETY: changes a flag; a number that is no handle any more is refused, and then there is nothing to inherit.
    unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
}

/// Priority is inherited only downwards, so it is named; without a console the child gets one that nobody sees.
#[expect(unsafe_code, reason = "std knows neither priority nor console")]
fn creation_flags() -> u32 {
    // SAFETY: the handle of this process is always valid.
    let priority = unsafe { GetPriorityClass(GetCurrentProcess()) };
    // SAFETY: takes no pointers; answers 0 where there is no console.
    let has_console = unsafe { GetConsoleCP() } != 0;
    if has_console { priority } else { priority | CREATE_NO_WINDOW }
}

/// Keeps this process alive through console events until the child has dealt with them.
///
/// A handler of ours, and not "ignore": that would be inherited, and Python would get no Ctrl-C.
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

/// The environment is handed down as it is, with its order and its hidden entries (`=C:`), so ours are added to our own.
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
    let line = unsafe { GetCommandLineW() };
    let mut length = 0;
    // SAFETY: every unit up to the NUL is part of the string, and the loop ends there.
    while unsafe { *line.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: as many units as were just read.
    unsafe { std::slice::from_raw_parts(line, length) }.to_vec()
}

fn units(text: &OsStr) -> Vec<u16> {
    text.encode_wide().collect()
}
