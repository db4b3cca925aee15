//! This account's list of directories in which programs are looked for: a console app is found there by its name
//! (<https://learn.microsoft.com/en-us/windows/win32/procthread/environment-variables>).

use std::io;
use std::path::Path;

use windows_sys::Win32::UI::WindowsAndMessaging::{
    HWND_BROADCAST, SMTO_ABORTIFHUNG, SendMessageTimeoutW, WM_SETTINGCHANGE,
};
use windows_sys::core::w;

use super::{Entry, Made, Wanted};
use crate::install::InstallError;
use crate::sys::path_list;
use crate::sys::windows::registry::Key;

/// What it is, among the things that were made.
pub(super) const WHAT: &str = "path";
/// Where it is noted that the list has the app's directory.
pub(super) const NOTE: &str = "EkibenPath";

const KEY: &str = "Environment";
const VALUE: &str = "Path";

pub(super) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    let directory = wanted.root.path();
    let note = Entry::of_user(wanted.record).key;
    let add = || {
        note.set(NOTE, directory.as_os_str())?;
        change(|list| path_list::with(list, directory.to_str()?))
    };
    add().map_err(InstallError::io("change PATH for", directory))?;
    made.push((WHAT, directory.to_path_buf()));
    Ok(())
}

pub(super) fn remove(directory: &Path) -> io::Result<()> {
    change(|list| path_list::without(list, directory.to_str()?))
}

/// What is no Unicode is left alone.
fn change(change: impl FnOnce(&str) -> Option<String>) -> io::Result<()> {
    let key = Key::new(KEY);
    let list = key.text(VALUE).unwrap_or_default();
    let Some(changed) = list.to_str().and_then(change) else { return Ok(()) };
    if changed.is_empty() {
        key.remove_value(VALUE)?;
    } else {
        key.set_expanded(VALUE, changed.as_ref())?;
    }
    tell_everybody();
    Ok(())
}

/// So that Explorer starts programs with the new list.
#[expect(unsafe_code, reason = "std has no messages")]
fn tell_everybody() {
    /// Milliseconds for each window.
    const PATIENCE: u32 = 1000;
    // SAFETY: a string with a NUL at its end that lives through the call; no wish for an answer.
    unsafe {
        let what = w!("Environment") as isize;
        SendMessageTimeoutW(
            HWND_BROADCAST,
            WM_SETTINGCHANGE,
            0,
            what,
            SMTO_ABORTIFHUNG,
            PATIENCE,
            std::ptr::null_mut(),
        );
    }
}
