//! What people see where there is no console: message boxes, and the progress window.

use std::ptr;

use windows_sys::Win32::Globalization::{GetUserDefaultUILanguage, LCIDToLocaleName};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDYES, MB_DEFBUTTON2, MB_ICONERROR, MB_ICONINFORMATION, MB_ICONQUESTION, MB_OK, MB_SETFOREGROUND, MB_YESNO,
    MESSAGEBOX_RESULT, MESSAGEBOX_STYLE, MessageBoxW,
};

use super::station::has_desktop;
use super::utf16::{text, wide};
use crate::sys::dialog::Dialog;

pub(crate) use super::window::Window;

/// Asks with two buttons, "yes" and "no", in the words of the system; Enter is "no", as on a terminal. `None` where nobody
/// could press one.
pub(crate) fn ask(question: &Dialog) -> Option<bool> {
    match message_box(question, MB_YESNO | MB_DEFBUTTON2 | MB_ICONQUESTION) {
        0 => None,
        pressed => Some(pressed == IDYES),
    }
}

/// Shows a text, which Ctrl-C copies
/// (<https://learn.microsoft.com/en-us/windows/win32/api/winuser/nf-winuser-messageboxw>). Returns when it is closed. Where nobody could close it, as in a service, nothing is shown.
pub(crate) fn show(dialog: &Dialog) {
    message_box(dialog, MB_OK | if dialog.is_error { MB_ICONERROR } else { MB_ICONINFORMATION });
}

/// The number of the button that was pressed; 0: there was none.
#[expect(unsafe_code, reason = "std has no windows")]
fn message_box(dialog: &Dialog, style: MESSAGEBOX_STYLE) -> MESSAGEBOX_RESULT {
    if !has_desktop() {
        return 0;
    }
    let (text, title) = (wide(&dialog.text), wide(&dialog.title));
    // SAFETY: two strings with a NUL at their end, and no owner. Without a display (Wine) it fails at once.
    unsafe { MessageBoxW(ptr::null_mut(), text.as_ptr(), title.as_ptr(), style | MB_SETFOREGROUND) }
}

/// The language of the user, as locales are named: `de-AT`. Empty if the system does not say.
#[expect(unsafe_code, reason = "std knows no languages")]
pub(crate) fn language() -> String {
    let mut name = [0_u16; 85];
    // SAFETY: takes nothing, returns a number.
    let language = u32::from(unsafe { GetUserDefaultUILanguage() });
    // SAFETY: a buffer of the length that is told, which is LOCALE_NAME_MAX_LENGTH.
    unsafe { LCIDToLocaleName(language, name.as_mut_ptr(), name.len() as i32, 0) };
    text(&name).into_string().unwrap_or_default()
}
