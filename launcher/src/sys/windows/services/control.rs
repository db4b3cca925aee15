//! Starting, stopping and asking: done when the service control manager says so.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_SERVICE_LOGON_FAILED, ERROR_SERVICE_NEVER_STARTED, ERROR_SERVICE_SPECIFIC_ERROR,
};
use windows_sys::Win32::System::Services::{
    SERVICE_AUTO_START, SERVICE_RUNNING, SERVICE_START_PENDING, SERVICE_STATUS_CURRENT_STATE, SERVICE_STATUS_PROCESS,
    SERVICE_STOP_PENDING, SERVICE_STOPPED,
};

use super::log_of;
use super::manager::{self, Access, Entry};
use crate::exec::exit_code;
use crate::install::care::logs::last_lines_since;
use crate::service::{ServiceError, ServiceId, Status};
use crate::sys::windows::utf16::wide;

/// How often a state that will pass is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// What a start or stop may take without any progress being reported.
const STANDSTILL: Duration = Duration::from_secs(60);

pub(super) fn start(id: ServiceId<'_>) -> Result<(), ServiceError> {
    start_entry(id, &needed(id)?)
}

pub(super) fn start_entry(id: ServiceId<'_>, entry: &Entry) -> Result<(), ServiceError> {
    entry.start().map_err(|error| not_started(id, &error))?;
    let status = wait_until(id, entry, |state| matches!(state, SERVICE_RUNNING | SERVICE_STOPPED))?;
    if status.dwCurrentState == SERVICE_RUNNING {
        return Ok(());
    }
    let lines = last_lines_since(&log_of(id), 0).join("\n  ");
    let code = code_of(&status).map(exit_code::text).unwrap_or_default();
    Err(ServiceError::refused(
        ["`", id.name.as_str(), "` has stopped again, with the code ", &code, "\n  ", &lines].concat(),
        "its log and the event log tell more: `self service logs`",
    ))
}

pub(super) fn stop(id: ServiceId<'_>) -> Result<(), ServiceError> {
    match open(id, Access::Change)? {
        Some(entry) => stop_entry(id, &entry),
        None => Ok(()),
    }
}

pub(super) fn stop_entry(id: ServiceId<'_>, entry: &Entry) -> Result<(), ServiceError> {
    entry.stop().map_err(failed(id, "stop"))?;
    // It may say that it runs for a moment longer.
    wait_until(id, entry, |state| state == SERVICE_STOPPED).map(drop)
}

pub(super) fn restart_if_running(id: ServiceId<'_>) -> Result<(), ServiceError> {
    let Some(entry) = open(id, Access::Change)? else { return Ok(()) };
    let status = entry.status().map_err(failed(id, "ask for the state of"))?;
    if status.dwCurrentState == SERVICE_STOPPED {
        return Ok(());
    }
    stop_entry(id, &entry)?;
    start_entry(id, &entry)
}

pub(super) fn status(id: ServiceId<'_>) -> Result<Option<Status>, ServiceError> {
    let Some(entry) = open(id, Access::Ask)? else { return Ok(None) };
    let status = entry.status().map_err(failed(id, "ask for the state of"))?;
    let config = entry.config().map_err(failed(id, "ask for the settings of"))?;
    let state = match status.dwCurrentState {
        SERVICE_STOPPED => "stopped",
        SERVICE_START_PENDING => "starting",
        SERVICE_STOP_PENDING => "stopping",
        SERVICE_RUNNING => "running",
        _ => "paused",
    };
    let is_running = status.dwCurrentState != SERVICE_STOPPED;
    Ok(Some(Status {
        state: state.to_owned(),
        is_running,
        process: (status.dwProcessId != 0).then_some(status.dwProcessId),
        exit_code: code_of(&status).filter(|_| !is_running).map(i64::from),
        restarts: None,
        at_boot: config.start <= SERVICE_AUTO_START,
    }))
}

/// Opens a service that has to be there.
pub(super) fn needed(id: ServiceId<'_>) -> Result<Entry, ServiceError> {
    open(id, Access::Change)?.ok_or_else(|| {
        let what = ["there is no service `", id.name.as_str(), "`"].concat();
        ServiceError::refused(what, "install it: `self service install`")
    })
}

pub(super) fn open(id: ServiceId<'_>, access: Access) -> Result<Option<Entry>, ServiceError> {
    manager::open(&wide(id.name.as_str()), access).map_err(failed(id, "open"))
}

/// An error of the manager's.
pub(super) fn failed<'a>(id: ServiceId<'a>, doing: &'static str) -> impl Fn(io::Error) -> ServiceError + 'a {
    move |error| {
        let what = ["could not ", doing, " the service `", id.name.as_str(), "`: ", &error.to_string()].concat();
        let is_denied = error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed());
        let help =
            if is_denied { "do it as an administrator" } else { "`self doctor` and the event log may tell more" };
        ServiceError::refused(what, help)
    }
}

fn not_started(id: ServiceId<'_>, error: &io::Error) -> ServiceError {
    if error.raw_os_error() == Some(ERROR_SERVICE_LOGON_FAILED.cast_signed()) {
        let what =
            ["the account of the service `", id.name.as_str(), "` could not log on: ", &error.to_string()].concat();
        return ServiceError::refused(
            what,
            "check its password, and that it has the right \"Log on as a service\" (secpol.msc, User Rights Assignment)",
        );
    }
    failed(id, "start")(io::Error::from_raw_os_error(error.raw_os_error().unwrap_or_default()))
}

/// Waits until it is in a state, as long as it says that it gets on.
fn wait_until(
    id: ServiceId<'_>,
    entry: &Entry,
    is_reached: impl Fn(SERVICE_STATUS_CURRENT_STATE) -> bool,
) -> Result<SERVICE_STATUS_PROCESS, ServiceError> {
    let mut seen = (Instant::now(), u32::MAX);
    loop {
        let status = entry.status().map_err(failed(id, "ask for the state of"))?;
        if is_reached(status.dwCurrentState) {
            return Ok(status);
        }
        if status.dwCheckPoint != seen.1 {
            seen = (Instant::now(), status.dwCheckPoint);
        }
        if seen.0.elapsed() > STANDSTILL {
            let what = ["`", id.name.as_str(), "` does not say any more how far it is"].concat();
            return Err(ServiceError::refused(what, "look at the event log and at `services.msc`"));
        }
        thread::sleep(LOOK);
    }
}

/// What it has ended with: the app's exit code, or the manager's.
fn code_of(status: &SERVICE_STATUS_PROCESS) -> Option<u32> {
    match status.dwWin32ExitCode {
        ERROR_SERVICE_SPECIFIC_ERROR => Some(status.dwServiceSpecificExitCode),
        ERROR_SERVICE_NEVER_STARTED => None,
        code => Some(code),
    }
}
