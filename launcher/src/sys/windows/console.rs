//! The console: the one that this process was given, or that of whoever asked for the launcher itself.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::windows::io::IntoRawHandle;

use windows_sys::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, CONSOLE_MODE, ENABLE_ECHO_INPUT, FlushConsoleInputBuffer, GetConsoleCP,
    GetConsoleMode, GetConsoleProcessList, GetConsoleWindow, INPUT_RECORD, KEY_EVENT, ReadConsoleInputW,
    SetConsoleMode,
};
use windows_sys::Win32::UI::WindowsAndMessaging::IsWindowVisible;

use super::standard::Stream;

/// A console, or a file or pipe that whoever started us gave. A program without a console may have been left the number of
/// its parent's, which leads nowhere.
pub(crate) fn has_stderr() -> bool {
    has_console() || Stream::Errors.is_redirected()
}

/// Where there is one, whoever gave it to us.
pub(crate) fn is_stderr_read() -> bool {
    true
}

/// The same.
pub(crate) fn has_stdout() -> bool {
    has_console() || Stream::Output.is_redirected()
}

/// Writes parts of a text to stderr.
pub(crate) fn write_error<const PARTS: usize>(parts: &[&str; PARTS]) {
    let _ = parts.iter().try_for_each(|part| std::io::stderr().write_all(part.as_bytes()));
}

#[expect(unsafe_code, reason = "std has no consoles")]
pub(super) fn has_console() -> bool {
    // SAFETY: takes no pointers; answers 0 where there is no console.
    unsafe { GetConsoleCP() != 0 }
}

/// Attaches to the console of the program that started us, if it has one
/// (<https://learn.microsoft.com/en-us/windows/console/attachconsole>): a program with windows is given none, even where it
/// is started from one. Its handles have to be fetched, unless files or pipes were given in their place. Input stays what it
/// is: a shell does not wait for a program with windows, and reads on.
#[expect(unsafe_code, reason = "std has no consoles")]
pub(crate) fn attach_parent_console() {
    if has_console() || Stream::Output.is_redirected() && Stream::Errors.is_redirected() {
        return;
    }
    // SAFETY: takes no pointers.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) } == 0 {
        return;
    }
    for stream in [Stream::Output, Stream::Errors] {
        if let Ok(console) = OpenOptions::new().read(true).write(true).open("CONOUT$")
            && !stream.is_redirected()
        {
            stream.set(console.into_raw_handle());
        }
    }
}

/// A console that a person sees, and that ends with this process.
pub(crate) struct OwnConsole(());

impl OwnConsole {
    /// `None` unless no other program is in it, neither input nor output leads elsewhere, and its window is shown. (The
    /// window of a console that Windows Terminal shows tells the Terminal's state.)
    #[expect(unsafe_code, reason = "std has no consoles")]
    pub(crate) fn open() -> Option<Self> {
        let is_console = |stream: Stream| {
            let mut mode = 0;
            // SAFETY: a place for the answer; what is no console is refused.
            unsafe { GetConsoleMode(stream.handle(), &mut mode) != 0 }
        };
        let mut processes = [0; 2];
        // SAFETY: a place for as many answers.
        let alone = unsafe { GetConsoleProcessList(processes.as_mut_ptr(), 2) } == 1;
        // SAFETY: takes nothing; a window that is none is not visible.
        let shown = unsafe { IsWindowVisible(GetConsoleWindow()) } != 0;
        (alone && shown && Stream::ALL.into_iter().all(is_console)).then_some(Self(()))
    }

    /// Shows the prompt and waits until a key is pressed. What was typed before does not count.
    #[expect(unsafe_code, reason = "std reads lines")]
    pub(crate) fn wait_for_key(&self, prompt: &str) {
        let _ = write!(std::io::stderr(), "\n{prompt} ");
        let input = Stream::Input.handle();
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
}

/// What is typed is not shown, as long as this lives.
pub(super) struct HiddenInput {
    /// How the console was before; `None`: the input is none.
    mode: Option<CONSOLE_MODE>,
}

impl HiddenInput {
    #[expect(unsafe_code, reason = "std has no consoles")]
    pub(super) fn new() -> Self {
        let (input, mut mode) = (Stream::Input.handle(), 0);
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
            unsafe { SetConsoleMode(Stream::Input.handle(), mode) };
        }
    }
}
