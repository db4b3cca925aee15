//! One key of the registry: of this account's part, or of the machine's.

use std::ffi::{OsStr, OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, REG_DWORD, REG_EXPAND_SZ, REG_SZ, RRF_NOEXPAND,
    RRF_RT_REG_EXPAND_SZ, RRF_RT_REG_SZ, RegCloseKey, RegDeleteKeyValueW, RegDeleteTreeW, RegEnumKeyExW, RegGetValueW,
    RegOpenKeyExW, RegSetKeyValueW,
};

use super::utf16::wide;

/// A key. Setting a value makes it.
pub(crate) struct Key {
    part: HKEY,
    /// With a NUL at its end.
    name: Vec<u16>,
}

impl Key {
    /// A key below `HKEY_CURRENT_USER`.
    pub(crate) fn new(name: &str) -> Self {
        Self { part: HKEY_CURRENT_USER, name: wide(name) }
    }

    /// A key below `HKEY_LOCAL_MACHINE`.
    pub(crate) fn of_machine(name: &str) -> Self {
        Self { part: HKEY_LOCAL_MACHINE, name: wide(name) }
    }

    /// As people write it.
    pub(crate) fn path(&self) -> PathBuf {
        let part = if self.part == HKEY_CURRENT_USER { "HKEY_CURRENT_USER" } else { "HKEY_LOCAL_MACHINE" };
        PathBuf::from(part).join(OsString::from_wide(&self.name[..self.name.len() - 1]))
    }

    /// A text, with the variables in it as they stand.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn text(&self, value: &str) -> Option<OsString> {
        // As long as an environment variable can be.
        let mut buffer = vec![0_u16; 1 << 15];
        let mut bytes = size_of_val(buffer.as_slice()) as u32;
        // SAFETY: strings with a NUL at their ends, no wish to know the type, and a buffer with its size.
        let status = unsafe {
            RegGetValueW(
                self.part,
                self.name.as_ptr(),
                wide(value).as_ptr(),
                RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND,
                ptr::null_mut(),
                buffer.as_mut_ptr().cast(),
                &mut bytes,
            )
        };
        // The NUL at its end is counted.
        let text = buffer.get(..(bytes as usize / 2).checked_sub(1)?)?;
        (status == ERROR_SUCCESS).then(|| OsString::from_wide(text))
    }

    pub(crate) fn set(&self, value: &str, text: &OsStr) -> io::Result<()> {
        self.set_text(value, REG_SZ, text)
    }

    /// A text in which Windows puts the values of variables for their names.
    pub(crate) fn set_expanded(&self, value: &str, text: &OsStr) -> io::Result<()> {
        self.set_text(value, REG_EXPAND_SZ, text)
    }

    pub(crate) fn set_number(&self, value: &str, number: u32) -> io::Result<()> {
        self.set_any(value, REG_DWORD, ptr::from_ref(&number).cast(), size_of_val(&number))
    }

    /// With all that is in it. It may be gone already.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn remove(&self) -> io::Result<()> {
        // SAFETY: a string with a NUL at its end.
        gone(unsafe { RegDeleteTreeW(self.part, self.name.as_ptr()) })
    }

    /// One value of it. It may be gone already.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn remove_value(&self, value: &str) -> io::Result<()> {
        // SAFETY: strings with a NUL at their ends.
        gone(unsafe { RegDeleteKeyValueW(self.part, self.name.as_ptr(), wide(value).as_ptr()) })
    }

    /// The names of the keys in it.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn names(&self) -> Vec<String> {
        // <https://learn.microsoft.com/en-us/windows/win32/sysinfo/registry-element-size-limits>
        const LONGEST: usize = 256;
        let (mut key, mut names) = (ptr::null_mut(), Vec::new());
        // SAFETY: a string with a NUL at its end, and a place for the answer.
        if unsafe { RegOpenKeyExW(self.part, self.name.as_ptr(), 0, KEY_READ, &mut key) } != ERROR_SUCCESS {
            return names;
        }
        for at in 0.. {
            let (mut name, mut length) = ([0_u16; LONGEST], LONGEST as u32);
            // SAFETY: an open key, a buffer with its length, nulls for what is not wanted.
            let status = unsafe {
                let (name, null) = (name.as_mut_ptr(), ptr::null_mut());
                RegEnumKeyExW(key, at, name, &mut length, ptr::null(), null, ptr::null_mut(), ptr::null_mut())
            };
            if status != ERROR_SUCCESS {
                break;
            }
            names.extend(name.get(..length as usize).and_then(|name| String::from_utf16(name).ok()));
        }
        // SAFETY: an open key, not used any more.
        unsafe { RegCloseKey(key) };
        names
    }

    fn set_text(&self, value: &str, kind: u32, text: &OsStr) -> io::Result<()> {
        let text = wide(text);
        self.set_any(value, kind, text.as_ptr().cast(), size_of_val(text.as_slice()))
    }

    #[expect(unsafe_code, reason = "std knows no registry")]
    fn set_any(&self, value: &str, kind: u32, data: *const c_void, bytes: usize) -> io::Result<()> {
        let value = wide(value);
        // SAFETY: strings with a NUL at their ends, and so many bytes of what the kind says: the callers see to that.
        done(unsafe { RegSetKeyValueW(self.part, self.name.as_ptr(), value.as_ptr(), kind, data, bytes as u32) })
    }
}

fn gone(status: u32) -> io::Result<()> {
    if status == ERROR_FILE_NOT_FOUND { Ok(()) } else { done(status) }
}

fn done(status: u32) -> io::Result<()> {
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}
