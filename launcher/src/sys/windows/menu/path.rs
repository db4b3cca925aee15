//! This account's `PATH`, the list of directories in which Windows looks for programs: through it, a console app is
//! found by its name (<https://learn.microsoft.com/en-us/windows/win32/procthread/environment-variables>).

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

/// The name of this entry in the list of things that were made.
pub(super) const WHAT: &str = "path";
/// The registry value which notes that the list has the app's directory.
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

/// Changes the list. A list that is not valid Unicode is left as it is.
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

/// Notifies all windows of the change, so that Explorer starts programs with the new list.
#[expect(unsafe_code, reason = "std has no messages")]
fn tell_everybody() {
    /// The timeout for each window, in milliseconds.
    const PATIENCE: u32 = 1000;
    // SAFETY: the string ends with NUL and lives through the call; the pointer for the answer is null, which is
    // allowed.
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
