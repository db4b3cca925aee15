//! This process as a service: the service control manager has started it, tells it to stop, and is told how it is.
//!
//! <https://learn.microsoft.com/en-us/windows/win32/services/service-control-handler-function>

use std::cell::Cell;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_CALL_NOT_IMPLEMENTED, ERROR_SERVICE_SPECIFIC_ERROR, NO_ERROR};
use windows_sys::Win32::System::Console::{AllocConsole, GetConsoleWindow, SetConsoleCtrlHandler};
use windows_sys::Win32::System::Services::{
    RegisterServiceCtrlHandlerExW, SERVICE_ACCEPT_PRESHUTDOWN, SERVICE_ACCEPT_SHUTDOWN, SERVICE_ACCEPT_STOP,
    SERVICE_CONTROL_INTERROGATE, SERVICE_CONTROL_PRESHUTDOWN, SERVICE_CONTROL_SHUTDOWN, SERVICE_CONTROL_STOP,
    SERVICE_RUNNING, SERVICE_START_PENDING, SERVICE_STATUS, SERVICE_STATUS_CURRENT_STATE, SERVICE_STATUS_HANDLE,
    SERVICE_STOP_PENDING, SERVICE_STOPPED, SERVICE_TABLE_ENTRYW, SERVICE_WIN32_OWN_PROCESS, SetServiceStatus,
    StartServiceCtrlDispatcherW,
};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent};
use windows_sys::Win32::UI::WindowsAndMessaging::{SW_HIDE, ShowWindow};
use windows_sys::core::{BOOL, PWSTR};

/// What the service does from its start to its end. Returns the code it has failed with; 0: it has not.
pub(super) type Main = Box<dyn FnOnce(&Host) -> u32 + Send>;

/// Connects this process to the manager, and returns when the service has stopped.
///
/// # Errors
/// When it was not the manager that has started this process.
#[expect(unsafe_code, reason = "std has no services")]
pub(super) fn serve(main: Main) -> io::Result<()> {
    let stop = new_event()?;
    let _ = STOP.set(stop);
    *MAIN.lock().unwrap_or_else(PoisonError::into_inner) = Some(main);
    open_the_console();
    // In a process with one service, its name is not looked at here.
    let mut name = [0_u16];
    let table = [
        SERVICE_TABLE_ENTRYW { lpServiceName: name.as_mut_ptr(), lpServiceProc: Some(service_main) },
        SERVICE_TABLE_ENTRYW::default(),
    ];
    // SAFETY: a table that ends with an empty entry, and lives as long as the call.
    if unsafe { StartServiceCtrlDispatcherW(table.as_ptr()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What was begun by [`serve`], for the functions that the system calls.
static MAIN: Mutex<Option<Main>> = Mutex::new(None);
/// Signalled when the service is to stop.
static STOP: OnceLock<OwnedHandle> = OnceLock::new();

/// The connection to the manager.
pub(super) struct Host {
    status: SERVICE_STATUS_HANDLE,
    checkpoint: Cell<u32>,
}

/// How long the manager shall wait for the next report.
const HINT: Duration = Duration::from_secs(10);

impl Host {
    /// Signalled when the service is to stop.
    pub(super) fn stop(&self) -> &'static OwnedHandle {
        // It was set before the manager was told of this process.
        STOP.get_or_init(|| unreachable!())
    }

    pub(super) fn running(&self) {
        self.checkpoint.set(0);
        self.report(SERVICE_RUNNING, 0);
    }

    /// That it is still stopping. To be said again before [`HINT`] is over.
    pub(super) fn stopping(&self) {
        self.checkpoint.set(self.checkpoint.get() + 1);
        self.report(SERVICE_STOP_PENDING, 0);
    }

    fn starting(&self) {
        self.checkpoint.set(1);
        self.report(SERVICE_START_PENDING, 0);
    }

    /// After this, the system may end the process at any moment.
    fn stopped(&self, code: u32) {
        self.checkpoint.set(0);
        self.report(SERVICE_STOPPED, code);
    }

    #[expect(unsafe_code, reason = "std has no services")]
    fn report(&self, state: SERVICE_STATUS_CURRENT_STATE, code: u32) {
        let is_pending = matches!(state, SERVICE_START_PENDING | SERVICE_STOP_PENDING);
        let status = SERVICE_STATUS {
            dwServiceType: SERVICE_WIN32_OWN_PROCESS,
            dwCurrentState: state,
            dwControlsAccepted: match state {
                SERVICE_RUNNING => SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN,
                _ => 0,
            },
            dwWin32ExitCode: if code == 0 { NO_ERROR } else { ERROR_SERVICE_SPECIFIC_ERROR },
            dwServiceSpecificExitCode: code,
            dwCheckPoint: self.checkpoint.get(),
            dwWaitHint: if is_pending { HINT.as_millis() as u32 } else { 0 },
        };
        // SAFETY: the handle that the manager gave, and a structure that lives through the call. Who does not listen any more
        // can't be told.
        unsafe { SetServiceStatus(self.status, &status) };
    }
}

#[expect(unsafe_code, reason = "std has no services")]
unsafe extern "system" fn service_main(_count: u32, arguments: *mut PWSTR) {
    // SAFETY: the first argument is the service's name, a string with a NUL at its end; the handler lives as long as the
    // process and needs no context.
    let status = unsafe { RegisterServiceCtrlHandlerExW(*arguments, Some(control), ptr::null()) };
    let main = MAIN.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let (false, Some(main)) = (status.is_null(), main) {
        let host = Host { status, checkpoint: Cell::new(0) };
        host.starting();
        let code = main(&host);
        host.stopped(code);
    }
}

/// Called by the manager on the thread that waits in [`serve`]. Returns at once.
#[expect(unsafe_code, reason = "std has no services")]
unsafe extern "system" fn control(control: u32, _kind: u32, _data: *mut c_void, _context: *mut c_void) -> u32 {
    match control {
        SERVICE_CONTROL_STOP | SERVICE_CONTROL_SHUTDOWN | SERVICE_CONTROL_PRESHUTDOWN => {
            if let Some(stop) = STOP.get() {
                // SAFETY: our handle, which lives as long as the process.
                unsafe { SetEvent(stop.as_raw_handle()) };
            }
            NO_ERROR
        }
        SERVICE_CONTROL_INTERROGATE => NO_ERROR,
        _ => ERROR_CALL_NOT_IMPLEMENTED,
    }
}

/// A console that nobody sees, for this process and the app, which hears Ctrl-C and Ctrl-Break there. This process does not: a
/// handler of ours, and not "ignore", which the app would inherit.
#[expect(unsafe_code, reason = "std has no consoles")]
fn open_the_console() {
    unsafe extern "system" fn ignore(_event: u32) -> BOOL {
        1
    }
    // SAFETY: takes nothing. Where there is one already, it stays.
    if unsafe { AllocConsole() } != 0 {
        // SAFETY: takes nothing; a window that is none is not shown either.
        unsafe { ShowWindow(GetConsoleWindow(), SW_HIDE) };
    }
    // SAFETY: a function that lives as long as the process.
    unsafe { SetConsoleCtrlHandler(Some(ignore), 1) };
}

#[expect(unsafe_code, reason = "std has no events")]
fn new_event() -> io::Result<OwnedHandle> {
    // SAFETY: no attributes, no name; it stays signalled once it is.
    let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
    if event.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is a handle and ours alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(event) })
}
