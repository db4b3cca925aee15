//! The progress window: a dialog of standard controls. It is drawn, and its messages are handled, whenever the work reports
//! progress.
//!
//! It belongs to the thread that waits for the workers, so it needs no thread and no lock. While somebody drags it, Windows
//! blocks that thread, and the workers go on.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::Foundation::{HINSTANCE, HMODULE, HWND, LPARAM, WPARAM};
use windows_sys::Win32::System::LibraryLoader::{
    GetModuleHandleW, GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateDialogIndirectParamW, DLGTEMPLATE, DestroyWindow, DispatchMessageW, ICON_BIG, ICON_SMALL, IsDialogMessageW,
    LoadIconW, MSG, PM_REMOVE, PeekMessageW, STM_SETICON, SendDlgItemMessageW, SendMessageW, SetDlgItemTextW,
    WM_COMMAND, WM_INITDIALOG, WM_SETICON,
};
use windows_sys::core::w;

use super::utf16::wide;
use super::{console, station};
use crate::sys::dialog_template::{self as template, BAR, CANCEL, ICON, TEXT};

/// `PBM_SETRANGE32` and `PBM_SETPOS` (commctrl.h).
const SET_RANGE: u32 = 0x0406;
const SET_POSITION: u32 = 0x0402;
/// What the bar counts to.
const FULL: u64 = 1000;

/// Whether the user has cancelled. There is one window in a process.
static CANCELLED: AtomicBool = AtomicBool::new(false);

/// A window that is there.
#[derive(Debug)]
pub(crate) struct Window(HWND);

impl Window {
    /// Shows it. `None` where nobody could see it.
    #[expect(unsafe_code, reason = "std has no windows")]
    pub(crate) fn open(title: &str, text: &str, cancel: &str) -> Option<Self> {
        if console::has_stderr() || !station::has_desktop() {
            return None;
        }
        load_progress_control();
        let template = template::build(title, text, cancel);
        // SAFETY: names this process.
        let module: HINSTANCE = unsafe { GetModuleHandleW(ptr::null()) };
        // SAFETY: a complete template at an address that four divides, and a procedure that lives as long as the process.
        let window = unsafe {
            let template = template.as_ptr().cast::<DLGTEMPLATE>();
            CreateDialogIndirectParamW(module, template, ptr::null_mut(), Some(procedure), 0)
        };
        // There may be no display (Wine).
        if window.is_null() {
            return None;
        }
        // SAFETY: the first icon of this program; none is none.
        let icon = unsafe { LoadIconW(module, ptr::without_provenance(1)) };
        // SAFETY: messages with numbers only, to a window of ours.
        unsafe {
            SendMessageW(window, WM_SETICON, ICON_BIG as WPARAM, icon as LPARAM);
            SendMessageW(window, WM_SETICON, ICON_SMALL as WPARAM, icon as LPARAM);
            SendDlgItemMessageW(window, ICON.into(), STM_SETICON, icon as WPARAM, 0);
            SendDlgItemMessageW(window, BAR.into(), SET_RANGE, 0, FULL as LPARAM);
        }
        Some(Self(window))
    }

    /// Moves the bar, and handles messages of the window.
    #[expect(unsafe_code, reason = "std has no windows")]
    pub(crate) fn show(&self, text: &str, done: u64, total: u64) {
        let position = done.saturating_mul(FULL).checked_div(total).unwrap_or(0).min(FULL);
        let text = wide(text);
        // SAFETY: numbers, and a string with a NUL at its end, for a window of ours.
        unsafe {
            SendDlgItemMessageW(self.0, BAR.into(), SET_POSITION, position as WPARAM, 0);
            SetDlgItemTextW(self.0, TEXT.into(), text.as_ptr());
        }
        let mut message = MSG::default();
        // SAFETY: a place for the answer; it does not wait for a message.
        while unsafe { PeekMessageW(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) } != 0 {
            // SAFETY: a message that was just read, for a window of ours.
            unsafe {
                // Handles the keyboard for its controls.
                if IsDialogMessageW(self.0, &message) == 0 {
                    DispatchMessageW(&message);
                }
            }
        }
    }

    /// Whether the user has asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        CANCELLED.load(Ordering::Relaxed)
    }
}

impl Drop for Window {
    #[expect(unsafe_code, reason = "std has no windows")]
    fn drop(&mut self) {
        // SAFETY: a window of this thread.
        unsafe { DestroyWindow(self.0) };
    }
}

extern "system" fn procedure(_window: HWND, message: u32, word: WPARAM, _long: LPARAM) -> isize {
    match message {
        WM_INITDIALOG => 1,
        WM_COMMAND if word & 0xFFFF == usize::from(CANCEL) => {
            CANCELLED.store(true, Ordering::Relaxed);
            1
        }
        _ => 0,
    }
}

#[expect(unsafe_code, reason = "std loads no libraries")]
fn load_progress_control() {
    type Provide = unsafe extern "system" fn();
    // SAFETY: a string with a NUL at its end; a library that is none has no functions.
    if let Some(function) = unsafe { GetProcAddress(common_controls(), c"InitCommonControls".as_ptr().cast()) } {
        // SAFETY: this is its type (commctrl.h).
        let provide = unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, Provide>(function) };
        // SAFETY: takes nothing.
        unsafe { provide() };
    }
}

/// The library of progress bars and task dialogs, which no other start needs.
#[expect(unsafe_code, reason = "std loads no libraries")]
pub(super) fn common_controls() -> HMODULE {
    // SAFETY: a string with a NUL at its end; only the system's own directory is searched.
    unsafe { LoadLibraryExW(w!("comctl32.dll"), ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) }
}
