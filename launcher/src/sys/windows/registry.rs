//! One key of this account's part of the registry.

use std::ffi::{OsStr, OsString, c_void};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS};
use windows_sys::Win32::System::Registry::{
    HKEY_CURRENT_USER, REG_DWORD, REG_SZ, RRF_RT_REG_SZ, RegDeleteTreeW, RegGetValueW, RegSetKeyValueW,
};

/// A key below `HKEY_CURRENT_USER`. Setting a value makes it.
pub(crate) struct Key {
    /// With a NUL at its end.
    name: Vec<u16>,
}

impl Key {
    pub(crate) fn of(name: &str) -> Self {
        Self { name: wide(name.as_ref()) }
    }

    /// As people write it.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from("HKEY_CURRENT_USER").join(OsString::from_wide(&self.name[..self.name.len() - 1]))
    }

    /// A text.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn text(&self, value: &str) -> Option<OsString> {
        let mut buffer = [0_u16; 1024];
        let mut bytes = size_of_val(&buffer) as u32;
        // SAFETY: strings with a NUL at their ends, no wish to know the type, and a buffer with its size.
        let status = unsafe {
            RegGetValueW(
                HKEY_CURRENT_USER,
                self.name.as_ptr(),
                wide(value.as_ref()).as_ptr(),
                RRF_RT_REG_SZ,
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
        let text = wide(text);
        self.set_any(value, REG_SZ, text.as_ptr().cast(), size_of_val(text.as_slice()))
    }

    pub(crate) fn set_number(&self, value: &str, number: u32) -> io::Result<()> {
        self.set_any(value, REG_DWORD, ptr::from_ref(&number).cast(), size_of_val(&number))
    }

    /// With all that is in it. It may be gone already.
    #[expect(unsafe_code, reason = "std knows no registry")]
    pub(crate) fn remove(&self) -> io::Result<()> {
        // SAFETY: a string with a NUL at its end.
        match unsafe { RegDeleteTreeW(HKEY_CURRENT_USER, self.name.as_ptr()) } {
            ERROR_FILE_NOT_FOUND => Ok(()),
            status => done(status),
        }
    }

    #[expect(unsafe_code, reason = "std knows no registry")]
    fn set_any(&self, value: &str, kind: u32, data: *const c_void, bytes: usize) -> io::Result<()> {
        let value = wide(value.as_ref());
        // SAFETY: strings with a NUL at their ends, and so many bytes of what the kind says: both callers see to that.
        done(unsafe {
            RegSetKeyValueW(HKEY_CURRENT_USER, self.name.as_ptr(), value.as_ptr(), kind, data, bytes as u32)
        })
    }
}

fn done(status: u32) -> io::Result<()> {
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}

fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
