//! A failure in a task dialog: a sentence, what to do, buttons for the details and the log, and the details behind an expander
//! (<https://learn.microsoft.com/en-us/windows/win32/controls/task-dialogs-overview>).
//!
//! It is in version 6 of the common controls, which the executable's manifest asks for. The library is loaded when it is
//! needed; where it is an older one, or can't show anything, a message box says all of it.

use std::mem;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{GlobalFree, HWND, LPARAM, MAX_PATH, S_FALSE, S_OK, WPARAM};
use windows_sys::Win32::System::DataExchange::{CloseClipboard, EmptyClipboard, OpenClipboard, SetClipboardData};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{GMEM_MOVEABLE, GlobalAlloc, GlobalLock, GlobalUnlock};
use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;
use windows_sys::Win32::UI::Controls::{
    TASKDIALOG_BUTTON, TASKDIALOGCONFIG, TASKDIALOGCONFIG_0, TD_ERROR_ICON, TDCBF_CLOSE_BUTTON,
    TDF_ALLOW_DIALOG_CANCELLATION, TDN_BUTTON_CLICKED,
};
use windows_sys::Win32::UI::Shell::ShellExecuteW;
use windows_sys::Win32::UI::WindowsAndMessaging::{IDCLOSE, SW_SHOWNORMAL};
use windows_sys::core::{BOOL, HRESULT};

use super::desktop::show;
use super::station::has_desktop;
use super::utf16::wide;
use super::window::common_controls;
use crate::sys::dialog::{Dialog, FailureDialog};

/// The numbers of its buttons.
const COPY: i32 = 100;
const OPEN: i32 = 101;

/// Enough for three buttons beside the expander in any language, in dialog units.
const WIDTH: u32 = 300;

/// `CF_UNICODETEXT` (winuser.h).
const TEXT: u32 = 13;

/// Returns when it is closed. Where nobody could close it, as in a service, nothing is shown.
pub(crate) fn show_failure(dialog: &FailureDialog) {
    if has_desktop() && task_dialog(dialog).is_none() {
        let text = [&dialog.as_text(), "\n\n", dialog.labels.how_to_copy].concat();
        show(&Dialog { title: dialog.title.clone(), text, is_error: true });
    }
}

/// What the buttons work with.
struct Content<'a> {
    /// All of it, for the clipboard.
    text: String,
    log: Option<&'a Path>,
}

type Indirect = unsafe extern "system" fn(*const TASKDIALOGCONFIG, *mut i32, *mut i32, *mut BOOL) -> HRESULT;

/// `None` where there is no such thing, or it could not be shown.
#[expect(unsafe_code, reason = "std has no windows")]
fn task_dialog(dialog: &FailureDialog) -> Option<()> {
    let library = common_controls();
    // SAFETY: a string with a NUL at its end; a library that is none has no functions.
    let function = unsafe { GetProcAddress(library, c"TaskDialogIndirect".as_ptr().cast()) }?;
    // SAFETY: this is its type (commctrl.h).
    let indirect = unsafe { mem::transmute::<unsafe extern "system" fn() -> isize, Indirect>(function) };

    let [title, sentence, advice, details, copy, open, expander] = [
        &dialog.title,
        &dialog.sentence,
        dialog.advice,
        &dialog.details,
        dialog.labels.copy_details,
        dialog.labels.open_log,
        dialog.labels.details,
    ]
    .map(wide);
    let log = dialog.log.as_deref().filter(|log| log.is_file());
    let content = Content { text: dialog.as_text(), log };
    let buttons = [
        TASKDIALOG_BUTTON { nButtonID: COPY, pszButtonText: copy.as_ptr() },
        TASKDIALOG_BUTTON { nButtonID: OPEN, pszButtonText: open.as_ptr() },
    ];
    let config = TASKDIALOGCONFIG {
        cbSize: size_of::<TASKDIALOGCONFIG>() as u32,
        // SAFETY: names this process.
        hInstance: unsafe { GetModuleHandleW(ptr::null()) },
        dwFlags: TDF_ALLOW_DIALOG_CANCELLATION,
        dwCommonButtons: TDCBF_CLOSE_BUTTON,
        pszWindowTitle: title.as_ptr(),
        Anonymous1: TASKDIALOGCONFIG_0 { pszMainIcon: TD_ERROR_ICON },
        pszMainInstruction: sentence.as_ptr(),
        pszContent: advice.as_ptr(),
        cButtons: if log.is_some() { 2 } else { 1 },
        pButtons: buttons.as_ptr(),
        nDefaultButton: IDCLOSE,
        pszExpandedInformation: details.as_ptr(),
        pszExpandedControlText: expander.as_ptr(),
        pszCollapsedControlText: expander.as_ptr(),
        pfCallback: Some(heard),
        lpCallbackData: (&raw const content).expose_provenance().cast_signed(),
        cxWidth: WIDTH,
        ..TASKDIALOGCONFIG::default()
    };
    // SAFETY: strings with a NUL at their ends and a list of as many buttons, which live through the call; no answer is asked
    // for.
    let done = unsafe { indirect(&raw const config, ptr::null_mut(), ptr::null_mut(), ptr::null_mut()) };
    (done == S_OK).then_some(())
}

/// What is heard from the dialog. Buttons of ours leave it open.
#[expect(unsafe_code, reason = "called by the system")]
unsafe extern "system" fn heard(_dialog: HWND, message: u32, button: WPARAM, _: LPARAM, data: isize) -> HRESULT {
    if message != TDN_BUTTON_CLICKED as u32 {
        return S_OK;
    }
    // SAFETY: what `task_dialog` has given, which lives as long as the dialog.
    let content = unsafe { &*ptr::with_exposed_provenance::<Content<'_>>(data.cast_unsigned()) };
    match (button as i32, content.log) {
        (COPY, _) => copy(&content.text),
        (OPEN, Some(log)) => open(log),
        _ => return S_OK,
    }
    S_FALSE
}

/// Puts a text on the clipboard. What can't be done is left undone.
#[expect(unsafe_code, reason = "std has no clipboard")]
fn copy(text: &str) {
    let text = wide(text.replace('\n', "\r\n"));
    // SAFETY: the memory is as large as what is copied there, and ours until the clipboard has it.
    unsafe {
        let memory = GlobalAlloc(GMEM_MOVEABLE, size_of_val(text.as_slice()));
        let place = GlobalLock(memory).cast::<u16>();
        if place.is_null() {
            return;
        }
        ptr::copy_nonoverlapping(text.as_ptr(), place, text.len());
        GlobalUnlock(memory);
        if OpenClipboard(ptr::null_mut()) == 0 {
            GlobalFree(memory);
            return;
        }
        EmptyClipboard();
        if SetClipboardData(TEXT, memory).is_null() {
            GlobalFree(memory);
        }
        CloseClipboard();
    }
}

/// Shows a file in the system's own editor: no setting chooses what runs here.
#[expect(unsafe_code, reason = "std knows no directory of the system's")]
fn open(log: &Path) {
    let mut directory = [0; MAX_PATH as usize];
    // SAFETY: a place for so many units.
    let length = unsafe { GetSystemDirectoryW(directory.as_mut_ptr(), MAX_PATH) } as usize;
    let Some(directory) = directory.get(..length).filter(|directory| !directory.is_empty()) else { return };
    let editor: Vec<u16> = directory.iter().copied().chain(wide(r"\notepad.exe")).collect();
    // A path holds no quotation marks.
    let argument = wide(format!("\"{}\"", log.display()));
    // SAFETY: strings with a NUL at their ends.
    unsafe {
        let none = ptr::null();
        ShellExecuteW(ptr::null_mut(), none, editor.as_ptr(), argument.as_ptr(), none, SW_SHOWNORMAL);
    }
}
