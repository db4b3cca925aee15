//! Conversions to and from UTF-16, the encoding that Windows uses for texts.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};

/// The UTF-16 units of a text.
pub(super) fn units(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().collect()
}

/// The same with a NUL at the end.
pub(super) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// The text in a buffer, up to the first NUL.
pub(super) fn text(buffer: &[u16]) -> OsString {
    OsString::from_wide(buffer.split(|unit| *unit == 0).next().unwrap_or_default())
}

/// A copy of a text that belongs to the system. `None` for a null pointer.
///
/// # Safety
/// `text` is null, or points to units that end with a NUL.
#[expect(unsafe_code, reason = "the system's strings")]
pub(super) unsafe fn copied(text: *const u16) -> Option<OsString> {
    if text.is_null() {
        return None;
    }
    // SAFETY: every unit up to the NUL is part of the string, and the search ends there.
    let length = (0..).take_while(|at| unsafe { *text.add(*at) } != 0).count();
    // SAFETY: the slice has as many units as were just read.
    Some(OsString::from_wide(unsafe { std::slice::from_raw_parts(text, length) }))
}
