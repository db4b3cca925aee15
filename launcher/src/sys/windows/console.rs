//! A message box where there is no console, and a last look at a console that is about to close.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::windows::io::IntoRawHandle;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Globalization::GetUserDefaultUILanguage;
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, CONSOLE_MODE, ENABLE_ECHO_INPUT, FlushConsoleInputBuffer, GetConsoleCP,
    GetConsoleMode, GetConsoleProcessList, GetConsoleWindow, GetStdHandle, INPUT_RECORD, KEY_EVENT, ReadConsoleInputW,
    STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetConsoleMode, SetStdHandle,
};
use windows_sys::Win32::System::StationsAndDesktops::{
    GetProcessWindowStation, GetUserObjectInformationW, UOI_FLAGS, USEROBJECTFLAGS,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDYES, IsWindowVisible, MB_DEFBUTTON2, MB_ICONERROR, MB_ICONINFORMATION, MB_ICONQUESTION, MB_OK, MB_SETFOREGROUND,
    MB_YESNO, MESSAGEBOX_RESULT, MESSAGEBOX_STYLE, MessageBoxW, WSF_VISIBLE,
};

use crate::notify::dialog::Dialog;

pub(crate) use super::window::Window;

/// A console, or a file or pipe that whoever started us gave. A program without a console may have been left the number of
/// its parent's, which leads nowhere.
pub(crate) fn has_stderr() -> bool {
    has_console() || is_given(STD_ERROR_HANDLE)
}

/// Where there is one, whoever gave it to us.
pub(crate) fn somebody_reads_stderr() -> bool {
    true
}

/// The same.
pub(crate) fn has_stdout() -> bool {
    has_console() || is_given(STD_OUTPUT_HANDLE)
}

#[expect(unsafe_code, reason = "std has no consoles")]
fn has_console() -> bool {
    // SAFETY: takes no pointers; answers 0 where there is no console.
    unsafe { GetConsoleCP() != 0 }
}

#[expect(unsafe_code, reason = "std's streams hide what they are")]
fn is_given(stream: STD_HANDLE) -> bool {
    // SAFETY: a number that is no handle is answered with "unknown".
    matches!(unsafe { GetFileType(standard(stream)) }, FILE_TYPE_DISK | FILE_TYPE_PIPE)
}

/// The console of the program that started us, if it has one
/// (<https://learn.microsoft.com/en-us/windows/console/attachconsole>). Its handles have to be fetched, unless files or pipes
/// were given in their place. Input stays what it is: a shell does not wait for a program with windows, and reads on.
#[expect(unsafe_code, reason = "std has no consoles")]
pub(crate) fn find_the_console() {
    if has_console() || is_given(STD_OUTPUT_HANDLE) && is_given(STD_ERROR_HANDLE) {
        return;
    }
    // SAFETY: takes no pointers.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) } == 0 {
        return;
    }
    for stream in [STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        if let Ok(console) = OpenOptions::new().read(true).write(true).open("CONOUT$")
            && !is_given(stream)
        {
            // SAFETY: a handle that nobody closes any more.
            unsafe { SetStdHandle(stream, console.into_raw_handle()) };
        }
    }
}

/// With two buttons, "yes" and "no", in the words of the system; Enter is "no", as on a terminal. `None` where nobody could
/// press one.
pub(crate) fn ask(question: &Dialog) -> Option<bool> {
    match message_box(question, MB_YESNO | MB_DEFBUTTON2 | MB_ICONQUESTION) {
        0 => None,
        pressed => Some(pressed == IDYES),
    }
}

/// Returns when it is closed. Its text can be copied with Ctrl-C
/// (<https://learn.microsoft.com/en-us/windows/win32/api/winuser/nf-winuser-messageboxw>). Where nobody could close it, as in
/// a service, nothing is shown.
pub(crate) fn show(dialog: &Dialog) {
    message_box(dialog, MB_OK | if dialog.is_error { MB_ICONERROR } else { MB_ICONINFORMATION });
}

/// The number of the button that was pressed; 0: there was none.
#[expect(unsafe_code, reason = "std has no windows")]
fn message_box(dialog: &Dialog, style: MESSAGEBOX_STYLE) -> MESSAGEBOX_RESULT {
    if !has_a_desktop() {
        return 0;
    }
    let (text, title) = (units(&dialog.text), units(&dialog.title));
    // SAFETY: two strings with a NUL at their end, and no owner. Without a display (Wine) it fails at once.
    unsafe { MessageBoxW(ptr::null_mut(), text.as_ptr(), title.as_ptr(), style | MB_SETFOREGROUND) }
}

#[expect(unsafe_code, reason = "std knows no languages")]
pub(crate) fn language() -> u16 {
    // SAFETY: takes nothing, returns a number.
    unsafe { GetUserDefaultUILanguage() }
}

/// Whether a person sees this console, and it ends with us: no other program is in it, neither input nor output leads
/// elsewhere, and its window is shown. (The window of a console that Windows Terminal shows tells the Terminal's state.)
#[expect(unsafe_code, reason = "std has no consoles")]
pub(crate) fn owns_its_console() -> bool {
    let is_console = |stream| {
        let mut mode = 0;
        // SAFETY: a place for the answer; what is no console is refused.
        unsafe { GetConsoleMode(standard(stream), &mut mode) != 0 }
    };
    let mut processes = [0; 2];
    // SAFETY: a place for as many answers.
    let alone = unsafe { GetConsoleProcessList(processes.as_mut_ptr(), 2) } == 1;
    // SAFETY: takes nothing; a window that is none is not visible.
    let shown = unsafe { IsWindowVisible(GetConsoleWindow()) } != 0;
    alone && shown && [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].into_iter().all(is_console)
}

/// What was typed before does not count.
#[expect(unsafe_code, reason = "std reads lines")]
pub(crate) fn wait_for_a_key(prompt: &str) {
    let _ = write!(std::io::stderr(), "\n{prompt} ");
    let input = standard(STD_INPUT_HANDLE);
    // SAFETY: a handle, which is refused if it is none of a console.
    unsafe { FlushConsoleInputBuffer(input) };
    loop {
        let mut record = INPUT_RECORD::default();
        let mut read = 0;
        // SAFETY: a place for one answer, and for their number.
        let done = unsafe { ReadConsoleInputW(input, &mut record, 1, &mut read) };
        // SAFETY: the kind of event tells which part of the union was written.
        let pressed = || unsafe { record.Event.KeyEvent.bKeyDown } != 0;
        if done == 0 || read == 0 || (u32::from(record.EventType) == KEY_EVENT && pressed()) {
            return;
        }
    }
}

/// What is typed is not shown, as long as this lives.
pub(super) struct HiddenInput {
    /// How the console was before; `None`: the input is none.
    mode: Option<CONSOLE_MODE>,
}

impl HiddenInput {
    #[expect(unsafe_code, reason = "std has no consoles")]
    pub(super) fn new() -> Self {
        let (input, mut mode) = (standard(STD_INPUT_HANDLE), 0);
        // SAFETY: a place for the answer; what is no console is refused.
        let is_console = unsafe { GetConsoleMode(input, &mut mode) } != 0;
        if is_console {
            // SAFETY: takes no pointers.
            unsafe { SetConsoleMode(input, mode & !ENABLE_ECHO_INPUT) };
        }
        Self { mode: is_console.then_some(mode) }
    }
}

impl Drop for HiddenInput {
    #[expect(unsafe_code, reason = "std has no consoles")]
    fn drop(&mut self) {
        if let Some(mode) = self.mode {
            // SAFETY: takes no pointers.
            unsafe { SetConsoleMode(standard(STD_INPUT_HANDLE), mode) };
        }
    }
}

/// Whether this process's windows can be seen
/// (<https://learn.microsoft.com/en-us/windows/win32/api/winuser/ns-winuser-userobjectflags>): those of a service can't.
#[expect(unsafe_code, reason = "std has no window stations")]
pub(super) fn has_a_desktop() -> bool {
    let mut flags = USEROBJECTFLAGS::default();
    let size = size_of::<USEROBJECTFLAGS>() as u32;
    // SAFETY: takes nothing; the handle need not be closed.
    let station = unsafe { GetProcessWindowStation() };
    // SAFETY: a place for the answer, with its size; the length that is needed is not asked for.
    let told = unsafe { GetUserObjectInformationW(station, UOI_FLAGS, (&raw mut flags).cast(), size, ptr::null_mut()) };
    told != 0 && flags.dwFlags & WSF_VISIBLE as u32 != 0
}

#[expect(unsafe_code, reason = "std's streams hide whether there is one")]
fn standard(stream: STD_HANDLE) -> HANDLE {
    // SAFETY: takes no pointers.
    unsafe { GetStdHandle(stream) }
}

pub(super) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
