//! Entries in the event log, under the service's own name
//! (<https://learn.microsoft.com/en-us/windows/win32/eventlog/event-sources>).

use std::io;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, RegisterEventSourceW,
    ReportEventW,
};

use super::notes;
use crate::service::event::{Event, Level};
use crate::sys::windows::registry::Key;
use crate::sys::windows::utf16::wide;

/// Adds an entry. Nothing here is worth a failure: where it can't be added, there is none.
#[expect(unsafe_code, reason = "std knows no event log")]
pub(super) fn report(source: &str, event: &Event) {
    // The longest text that the event log takes.
    const LONGEST: usize = 31_000;
    let (source, mut text) = (wide(source), wide(&event.text));
    if text.len() > LONGEST {
        text.truncate(LONGEST);
        text.push(0);
    }
    let kind = match event.level {
        Level::Information => EVENTLOG_INFORMATION_TYPE,
        Level::Warning => EVENTLOG_WARNING_TYPE,
        Level::Error => EVENTLOG_ERROR_TYPE,
    };
    // SAFETY: this machine, and a string with a NUL at its end.
    let log = unsafe { RegisterEventSourceW(ptr::null(), source.as_ptr()) };
    if log.is_null() {
        return;
    }
    let texts = [text.as_ptr()];
    // SAFETY: an open source, no account, one string with a NUL at its end, no further data.
    unsafe { ReportEventW(log, kind, 0, event.id, ptr::null_mut(), 1, 0, texts.as_ptr(), ptr::null()) };
    // SAFETY: an open source, not used any more.
    unsafe { DeregisterEventSource(log) };
}

/// Where a source is.
pub(super) fn path(source: &str) -> PathBuf {
    key(source).path()
}

/// Has Event Viewer show this source's entries with the message resource of `exe`. One of another program is left as it is.
/// Whether it is ours.
pub(super) fn register(source: &str, exe: &Path) -> io::Result<bool> {
    /// Information, warnings and errors.
    const TYPES: u32 = EVENTLOG_ERROR_TYPE as u32 | EVENTLOG_WARNING_TYPE as u32 | EVENTLOG_INFORMATION_TYPE as u32;
    let key = key(source);
    if key.text(FILE).is_some_and(|file| !is_ours(Path::new(&file), exe)) {
        return Ok(false);
    }
    key.set(FILE, exe.as_os_str())?;
    key.set_number("TypesSupported", TYPES)?;
    Ok(true)
}

/// Whether there was one of ours.
pub(super) fn unregister(source: &str, exe: &Path) -> io::Result<bool> {
    let key = key(source);
    let was_ours = key.text(FILE).is_some_and(|file| is_ours(Path::new(&file), exe));
    if was_ours { key.remove().map(|()| true) } else { Ok(false) }
}

const FILE: &str = "EventMessageFile";

fn key(source: &str) -> Key {
    Key::of_machine(&[notes::SERVICES, r"\EventLog\Application\", source].concat())
}

fn is_ours(file: &Path, exe: &Path) -> bool {
    file.as_os_str().eq_ignore_ascii_case(exe.as_os_str()) || !file.exists()
}
