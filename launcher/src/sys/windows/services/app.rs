//! The app of a service, as a process.
//!
//! - **A job** holds it and all that it starts, with no way out. Closing the job's last handle ends them all, so they end with
//!   the launcher, however that ends. No process is ever looked for by its number.
//! - **A console** that only it and the launcher are in is what Ctrl-C and Ctrl-Break go to
//!   (<https://learn.microsoft.com/en-us/windows/console/generateconsolectrlevent>). One of the app's alone, which the
//!   launcher would enter to send them, is not there yet when a service is stopped as soon as it starts.
//! - **A pipe** takes what it writes, to a thread that puts it into the log.

use std::fs::File;
use std::io::{self, PipeReader, Read as _};
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::JobObjects::{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JobObjectBasicAccountingInformation, QueryInformationJobObject,
    TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{GetProcessId, STARTF_USESTDHANDLES, STARTUPINFOW, WaitForMultipleObjects};

use crate::install::care::rotated::RotatedLog;
use crate::service::stop::Step;
use crate::sys::windows::child::{Child, Job, Program};
use crate::sys::windows::exec::inheriting;
use crate::sys::windows::standard::make_inheritable;

/// What to start, as Windows wants it: each text with a NUL at its end.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) program: Vec<u16>,
    pub(super) line: Vec<u16>,
    pub(super) directory: Vec<u16>,
}

/// The app, running.
pub(super) struct App {
    child: Child,
    job: Job,
    log_writer: JoinHandle<()>,
}

/// What a wait for the app has ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The app has ended with this code.
    Ended(u32),
    /// Somebody wants the service to stop.
    Asked,
    /// Nothing has happened.
    TimedOut,
}

/// How long the last processes of a job may take to go, once they are ended.
const GONE: Duration = Duration::from_secs(10);

impl App {
    pub(super) fn start(command: &Command, log: &Arc<Mutex<RotatedLog>>) -> io::Result<Self> {
        let nothing = File::open("NUL")?;
        let (output, input) = io::pipe()?;
        let mut startup = STARTUPINFOW { dwFlags: STARTF_USESTDHANDLES, ..Default::default() };
        startup.hStdInput = inherited(nothing.as_raw_handle());
        startup.hStdOutput = inherited(input.as_raw_handle());
        startup.hStdError = startup.hStdOutput;
        let job = Job::new(0)?;
        let child = job.child(
            &Program { directory: Some(&command.directory), ..inheriting(&command.program, &startup) },
            &mut command.line.clone(),
        )?;
        // The pipe ends with the last process that writes to it.
        drop(input);
        let log = Arc::clone(log);
        let log_writer = thread::Builder::new().spawn(move || write_log(output, &log))?;
        Ok(Self { child, job, log_writer })
    }

    /// Waits until the app has ended or `stop` was signalled.
    pub(super) fn wait_or(&self, stop: &OwnedHandle) -> io::Result<Woken> {
        wait_for_any(&[self.child.handle(), stop.as_raw_handle()], None)?;
        Ok(self.child.wait(0)?.map_or(Woken::Asked, Woken::Ended))
    }

    /// Waits until the app has ended, no longer than this.
    pub(super) fn wait(&self, time: Duration) -> io::Result<Woken> {
        Ok(self.child.wait(milliseconds(time))?.map_or(Woken::TimedOut, Woken::Ended))
    }

    /// Its process id, for people.
    #[expect(unsafe_code, reason = "the process was not started by std")]
    pub(super) fn id(&self) -> u32 {
        // SAFETY: a process handle that lives through the call.
        unsafe { GetProcessId(self.child.handle()) }
    }

    /// Takes a step towards its end.
    ///
    /// # Errors
    /// When there is no console any more.
    #[expect(unsafe_code, reason = "std has no consoles")]
    pub(super) fn ask(&self, step: Step) -> io::Result<()> {
        let event = match step {
            Step::Interrupt => CTRL_C_EVENT,
            Step::Break => CTRL_BREAK_EVENT,
            Step::End => {
                self.end_all();
                return Ok(());
            }
        };
        // SAFETY: takes numbers; 0 is every process in the console, of which only this one ignores it.
        if unsafe { GenerateConsoleCtrlEvent(event, 0) } == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Ends what it has left behind, and returns when all of that is gone and all it has written is in the log.
    pub(super) fn finish(self) {
        self.end_all();
        let begin = Instant::now();
        while self.has_processes() && begin.elapsed() < GONE {
            thread::sleep(Duration::from_millis(5));
        }
        // A process that can't be ended (it waits for a driver) may hold the pipe for ever.
        if !self.has_processes() {
            let _ = self.log_writer.join();
        }
    }

    #[expect(unsafe_code, reason = "std has no jobs")]
    fn end_all(&self) {
        // What Windows itself says of a process that it ends with its job.
        const ENDED: u32 = 1;
        // SAFETY: a job's handle that lives through the call.
        unsafe { TerminateJobObject(self.job.handle(), ENDED) };
    }

    #[expect(unsafe_code, reason = "std has no jobs")]
    fn has_processes(&self) -> bool {
        let mut found = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        let size = size_of_val(&found) as u32;
        // SAFETY: a job's handle, and the structure that belongs to the class, with its size.
        let done = unsafe {
            let place = (&raw mut found).cast();
            QueryInformationJobObject(
                self.job.handle(),
                JobObjectBasicAccountingInformation,
                place,
                size,
                ptr::null_mut(),
            )
        };
        done != 0 && found.ActiveProcesses > 0
    }
}

/// Waits until one of these is signalled, no longer than this.
#[expect(unsafe_code, reason = "std waits for one at a time")]
pub(super) fn wait_for_any(handles: &[HANDLE], time: Option<Duration>) -> io::Result<bool> {
    let time = time.map_or(u32::MAX, milliseconds);
    // SAFETY: so many handles, which live through the call.
    let woken = unsafe { WaitForMultipleObjects(handles.len() as u32, handles.as_ptr(), 0, time) };
    match woken.checked_sub(WAIT_OBJECT_0) {
        Some(at) if (at as usize) < handles.len() => Ok(true),
        _ if woken == windows_sys::Win32::Foundation::WAIT_TIMEOUT => Ok(false),
        _ => Err(io::Error::last_os_error()),
    }
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX - 1)
}

fn inherited(handle: HANDLE) -> HANDLE {
    make_inheritable(handle);
    handle
}

fn write_log(mut output: PipeReader, log: &Mutex<RotatedLog>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = output.read(&mut buffer) {
        log.lock().unwrap_or_else(PoisonError::into_inner).write(&buffer[..length]);
    }
}
