//! The service control manager's handles, and what can be asked of them
//! (<https://learn.microsoft.com/en-us/windows/win32/services/service-functions>). What to ask is decided elsewhere.

use std::ffi::c_void;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_SERVICE_ALREADY_RUNNING, ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_MARKED_FOR_DELETE,
    ERROR_SERVICE_NOT_ACTIVE,
};
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, ChangeServiceConfigW, CloseServiceHandle, ControlService, CreateServiceW, DeleteService,
    OpenSCManagerW, OpenServiceW, QUERY_SERVICE_CONFIGW, QueryServiceConfigW, QueryServiceStatusEx, SC_HANDLE,
    SC_MANAGER_CONNECT, SC_MANAGER_CREATE_SERVICE, SC_STATUS_PROCESS_INFO, SERVICE_ALL_ACCESS, SERVICE_CONFIG,
    SERVICE_CONTROL_STOP, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, SERVICE_NO_CHANGE, SERVICE_QUERY_CONFIG,
    SERVICE_QUERY_STATUS, SERVICE_START_TYPE, SERVICE_STATUS, SERVICE_STATUS_PROCESS, SERVICE_WIN32_OWN_PROCESS,
    StartServiceW,
};

use crate::sys::windows::utf16::copied;

/// What is to be done with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To ask about it: everybody may.
    Ask,
    /// To change, start, stop and delete it.
    Change,
}

/// A service that the manager knows.
pub(super) struct Entry(SC_HANDLE);

/// How the manager would start it.
pub(super) struct Config {
    /// `"C:\…\app.exe" self service run …`; empty: it is no Unicode, and none of ours.
    pub(super) command: String,
    pub(super) start: SERVICE_START_TYPE,
}

/// What is to become of a service. `None`: nothing. All texts have a NUL at their ends.
#[derive(Default)]
pub(super) struct Change<'a> {
    pub(super) command: Option<&'a [u16]>,
    pub(super) start: Option<SERVICE_START_TYPE>,
    pub(super) account: Option<&'a [u16]>,
    pub(super) password: Option<&'a [u16]>,
    pub(super) display_name: Option<&'a [u16]>,
    /// Each with a NUL at its end, and one more at the end of all.
    pub(super) depends_on: Option<&'a [u16]>,
}

/// Opens a service. `None`: there is none of this name.
///
/// # Errors
/// When this account may not.
#[expect(unsafe_code, reason = "std has no services")]
pub(super) fn open(name: &[u16], access: Access) -> io::Result<Option<Entry>> {
    let manager = Manager::open(SC_MANAGER_CONNECT)?;
    let rights = match access {
        Access::Ask => SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG,
        Access::Change => SERVICE_ALL_ACCESS,
    };
    // SAFETY: an open manager, and a string with a NUL at its end.
    let service = unsafe { OpenServiceW(manager.0, name.as_ptr(), rights) };
    if !service.is_null() {
        return Ok(Some(Entry(service)));
    }
    match io::Error::last_os_error() {
        error if is(&error, ERROR_SERVICE_DOES_NOT_EXIST) => Ok(None),
        error => Err(error),
    }
}

/// Makes a service that starts when it is asked to: the rest is told to it later. `None`: an earlier one of this name is
/// still going.
///
/// # Errors
/// When this account may not, or the manager does not take it.
#[expect(unsafe_code, reason = "std has no services")]
pub(super) fn create(
    name: &[u16],
    command: &[u16],
    account: &[u16],
    password: Option<&[u16]>,
) -> io::Result<Option<Entry>> {
    let manager = Manager::open(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE)?;
    // SAFETY: an open manager, strings with a NUL at their ends, nulls where they are allowed.
    let service = unsafe {
        CreateServiceW(
            manager.0,
            name.as_ptr(),
            name.as_ptr(),
            SERVICE_ALL_ACCESS,
            SERVICE_WIN32_OWN_PROCESS,
            SERVICE_DEMAND_START,
            SERVICE_ERROR_NORMAL,
            command.as_ptr(),
            ptr::null(),
            ptr::null_mut(),
            ptr::null(),
            account.as_ptr(),
            password.map_or(ptr::null(), <[u16]>::as_ptr),
        )
    };
    if !service.is_null() {
        return Ok(Some(Entry(service)));
    }
    match io::Error::last_os_error() {
        error if is(&error, ERROR_SERVICE_MARKED_FOR_DELETE) => Ok(None),
        error => Err(error),
    }
}

impl Entry {
    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn status(&self) -> io::Result<SERVICE_STATUS_PROCESS> {
        let mut status = SERVICE_STATUS_PROCESS::default();
        let (size, mut needed) = (size_of_val(&status) as u32, 0);
        // SAFETY: an open service, the structure that belongs to the level, with its size.
        let told = unsafe {
            QueryServiceStatusEx(self.0, SC_STATUS_PROCESS_INFO, (&raw mut status).cast(), size, &mut needed)
        };
        done(told).map(|()| status)
    }

    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn config(&self) -> io::Result<Config> {
        // The most that there can be, aligned.
        let mut buffer = [0_u64; 1024];
        let (size, mut needed) = (size_of_val(&buffer) as u32, 0);
        let config = buffer.as_mut_ptr().cast::<QUERY_SERVICE_CONFIGW>();
        // SAFETY: an open service, and a buffer with its size.
        done(unsafe { QueryServiceConfigW(self.0, config, size, &mut needed) })?;
        // SAFETY: the call has filled it.
        let (start, command) = unsafe { ((*config).dwStartType, (*config).lpBinaryPathName) };
        // SAFETY: null, or a string in the buffer with a NUL at its end.
        let command = unsafe { copied(command) }.unwrap_or_default();
        Ok(Config { command: command.into_string().unwrap_or_default(), start })
    }

    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn change(&self, change: &Change<'_>) -> io::Result<()> {
        let text = |text: Option<&[u16]>| text.map_or(ptr::null(), <[u16]>::as_ptr);
        // SAFETY: an open service, strings with a NUL at their ends, nulls for what is to stay.
        done(unsafe {
            ChangeServiceConfigW(
                self.0,
                SERVICE_NO_CHANGE,
                change.start.unwrap_or(SERVICE_NO_CHANGE),
                SERVICE_NO_CHANGE,
                text(change.command),
                ptr::null(),
                ptr::null_mut(),
                text(change.depends_on),
                text(change.account),
                text(change.password),
                text(change.display_name),
            )
        })
    }

    /// Sets one of the further settings, each of which has a structure of its own.
    ///
    /// # Safety
    /// `value` is the structure that belongs to `setting`, and its pointers are valid.
    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) unsafe fn set<T>(&self, setting: SERVICE_CONFIG, value: &T) -> io::Result<()> {
        let value = ptr::from_ref(value).cast::<c_void>();
        // SAFETY: an open service, and what the caller promises.
        done(unsafe { ChangeServiceConfig2W(self.0, setting, value) })
    }

    /// Asks for its start. One that runs is left alone.
    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn start(&self) -> io::Result<()> {
        // SAFETY: an open service, no arguments.
        unless(ERROR_SERVICE_ALREADY_RUNNING, done(unsafe { StartServiceW(self.0, 0, ptr::null()) }))
    }

    /// Asks it to stop. One that does not run is left alone.
    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn stop(&self) -> io::Result<()> {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: an open service, and a place for the answer.
        unless(ERROR_SERVICE_NOT_ACTIVE, done(unsafe { ControlService(self.0, SERVICE_CONTROL_STOP, &mut status) }))
    }

    /// Marks it as one to delete, which happens when it has stopped and nobody has it open.
    #[expect(unsafe_code, reason = "std has no services")]
    pub(super) fn delete(&self) -> io::Result<()> {
        // SAFETY: an open service.
        unless(ERROR_SERVICE_MARKED_FOR_DELETE, done(unsafe { DeleteService(self.0) }))
    }
}

impl Drop for Entry {
    #[expect(unsafe_code, reason = "a handle that std does not know")]
    fn drop(&mut self) {
        // SAFETY: our handle, not used any more.
        unsafe { CloseServiceHandle(self.0) };
    }
}

/// The service control manager of this machine.
struct Manager(SC_HANDLE);

impl Manager {
    #[expect(unsafe_code, reason = "std has no services")]
    fn open(access: u32) -> io::Result<Self> {
        // SAFETY: nulls mean this machine and its only database.
        let manager = unsafe { OpenSCManagerW(ptr::null(), ptr::null(), access) };
        if manager.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self(manager)) }
    }
}

impl Drop for Manager {
    #[expect(unsafe_code, reason = "a handle that std does not know")]
    fn drop(&mut self) {
        // SAFETY: our handle, not used any more.
        unsafe { CloseServiceHandle(self.0) };
    }
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

fn unless(code: u32, result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if is(&error, code) { Ok(()) } else { Err(error) })
}

fn done(answer: i32) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
