//! One key of the registry: of this account's part, or of the machine's.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;

use windows_registry::{CURRENT_USER, HSTRING, LOCAL_MACHINE};
use windows_sys::Win32::Foundation::ERROR_FILE_NOT_FOUND;

/// A key. Setting a value creates it.
pub(crate) struct Key {
    part: &'static windows_registry::Key,
    /// What people call the part.
    part_name: &'static str,
    name: String,
}

impl Key {
    /// A key below `HKEY_CURRENT_USER`.
    pub(crate) fn new(name: &str) -> Self {
        Self { part: CURRENT_USER, part_name: "HKEY_CURRENT_USER", name: name.to_owned() }
    }

    /// A key below `HKEY_LOCAL_MACHINE`.
    pub(crate) fn of_machine(name: &str) -> Self {
        Self { part: LOCAL_MACHINE, part_name: "HKEY_LOCAL_MACHINE", name: name.to_owned() }
    }

    /// As people write it.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(self.part_name).join(&self.name)
    }

    /// A text, with the variables in it as they stand.
    pub(crate) fn text(&self, value: &str) -> Option<OsString> {
        self.part.open(&self.name).and_then(|key| key.get_hstring(value)).ok().map(|text| text.to_os_string())
    }

    pub(crate) fn number(&self, value: &str) -> Option<u32> {
        self.part.open(&self.name).and_then(|key| key.get_u32(value)).ok()
    }

    pub(crate) fn set(&self, value: &str, text: &OsStr) -> io::Result<()> {
        done(self.part.create(&self.name).and_then(|key| key.set_hstring(value, &HSTRING::from(text))))
    }

    /// A text in which Windows puts the values of variables for their names.
    pub(crate) fn set_expanded(&self, value: &str, text: &OsStr) -> io::Result<()> {
        done(self.part.create(&self.name).and_then(|key| key.set_expand_hstring(value, &HSTRING::from(text))))
    }

    pub(crate) fn set_number(&self, value: &str, number: u32) -> io::Result<()> {
        done(self.part.create(&self.name).and_then(|key| key.set_u32(value, number)))
    }

    /// With all that is in it. It may be gone already.
    pub(crate) fn remove(&self) -> io::Result<()> {
        gone(self.part.remove_tree(&self.name))
    }

    /// One value of it. It may be gone already.
    pub(crate) fn remove_value(&self, value: &str) -> io::Result<()> {
        let key = self.part.options().read().write().open(&self.name);
        gone(key.and_then(|key| key.remove_value(value)))
    }

    /// The names of the keys in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(key) = self.part.open(&self.name) else { return Vec::new() };
        key.keys().map(Iterator::collect).unwrap_or_default()
    }
}

/// The error as Windows numbers it, without the bits that an HRESULT adds
/// (<https://learn.microsoft.com/en-us/windows/win32/api/winerror/nf-winerror-hresult_from_win32>).
fn done(result: windows_registry::Result<()>) -> io::Result<()> {
    result.map_err(|error| io::Error::from_raw_os_error(error.code().0 & 0xFFFF))
}

fn gone(result: windows_registry::Result<()>) -> io::Result<()> {
    match done(result) {
        Err(error) if error.raw_os_error() == Some(ERROR_FILE_NOT_FOUND.cast_signed()) => Ok(()),
        done => done,
    }
}
