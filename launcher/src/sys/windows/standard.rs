//! The standard streams of this process.

use std::os::windows::io::RawHandle;

use windows_sys::Win32::Foundation::{HANDLE, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE, SetHandleInformation};
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Input,
    Output,
    Errors,
}

impl Stream {
    pub(super) const ALL: [Self; 3] = [Self::Input, Self::Output, Self::Errors];

    /// Its handle, which may be none, or a number that was left over and leads nowhere.
    #[expect(unsafe_code, reason = "std's streams hide whether there is one")]
    pub(super) fn handle(self) -> HANDLE {
        // SAFETY: takes no pointers.
        unsafe { GetStdHandle(self.number()) }
    }

    /// Whether it is a file or a pipe: whoever started us gave it.
    #[expect(unsafe_code, reason = "std's streams hide what they are")]
    pub(super) fn is_redirected(self) -> bool {
        // SAFETY: a number that is no handle is answered with "unknown".
        matches!(unsafe { GetFileType(self.handle()) }, FILE_TYPE_DISK | FILE_TYPE_PIPE)
    }

    /// Its handle, for a child to inherit. It keeps its number: the C runtime's descriptors name it too.
    pub(super) fn inheritable(self) -> HANDLE {
        let handle = self.handle();
        if !handle.is_null() && handle != INVALID_HANDLE_VALUE {
            make_inheritable(handle);
        }
        handle
    }

    /// Leads it elsewhere, to a handle that nobody closes any more.
    #[expect(unsafe_code, reason = "std changes no streams")]
    pub(super) fn set(self, handle: RawHandle) {
        // SAFETY: a handle, or a number that is none and that whoever writes there gets an error of.
        unsafe { SetStdHandle(self.number(), handle) };
    }

    fn number(self) -> STD_HANDLE {
        match self {
            Self::Input => STD_INPUT_HANDLE,
            Self::Output => STD_OUTPUT_HANDLE,
            Self::Errors => STD_ERROR_HANDLE,
        }
    }
}

/// Has a child inherit a handle. If it can't be inherited, the child does without.
#[expect(unsafe_code, reason = "std's handles are never inherited")]
pub(super) fn make_inheritable(handle: HANDLE) {
    // SAFETY: changes a flag; a number that is no handle any more is refused, and then there is nothing to inherit.
    unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
}
