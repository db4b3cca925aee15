//! Windows deletes no program that runs, so another one has to do it when this one has ended.
//!
//! - The system's own `cmd.exe`, by its full path and without a window, waits and deletes, a few times. The path reaches it in
//!   a variable, and that stands in double quotes: no name of a file can hold one, so none, with whatever `&` or `%` in it,
//!   becomes a command.
//! - `MoveFileEx` with "until reboot" would need an admin's rights. A copy of this program that deletes itself when its last
//!   handle is closed (as the crate self-replace does it) needs a copy in the directory for temporary files, which virus
//!   scanners like less than `cmd`, and can stay behind as well.
//! - Left after a power cut in that second: the file itself, which can be deleted by hand.
//!
//! Whether it may be deleted at all is asked before, by opening it for that.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;
use windows_sys::Win32::System::Threading::{CREATE_NO_WINDOW, CreateProcessW, PROCESS_INFORMATION, STARTUPINFOW};

/// Seconds before each try. This process ends at once, so the first one is usually the last.
const WAITS: [u32; 4] = [1, 3, 10, 30];

pub(crate) fn remove(path: &Path, directory: Option<&Path>) -> io::Result<()> {
    if std::fs::remove_file(path).is_ok() {
        if let Some(directory) = directory {
            let _ = std::fs::remove_dir(directory);
        }
        return Ok(());
    }
    // A file that can be renamed can be deleted; and Windows lets a program that runs be renamed. Nothing is changed here.
    const DELETE: u32 = 0x0001_0000;
    OpenOptions::new().access_mode(DELETE).open(path).map(drop)?;
    let system = system_directory()?;
    let tries = WAITS.map(|seconds| {
        // `ping` is how cmd waits: its `timeout` needs a console.
        let pings = seconds + 1;
        format!(r#"(if exist "%{0}%" ping -n {pings} 127.0.0.1 >nul & del /f /q "%{0}%" 2>nul)"#, crate::env::REMOVE)
    });
    // A directory above the file, so that one variable is enough; one that is not empty stays.
    let last = directory.map_or_else(String::new, |_| format!(r#" & rd "%{}%\..""#, crate::env::REMOVE));
    let line = format!(r#"cmd /d /v:off /c "{}{last}""#, tries.join(" & "));
    start(&system, line.as_ref(), path)
}

/// No `Command`: all that it can do would be a twentieth of the launcher.
#[expect(unsafe_code, reason = "see above, and std calls a change of the environment unsafe")]
fn start(system: &Path, line: &OsStr, path: &Path) -> io::Result<()> {
    // SAFETY: always sound on Windows.
    unsafe { std::env::set_var(crate::env::REMOVE, path) };
    let (program, directory, mut line) =
        (wide(system.join("cmd.exe").as_os_str()), wide(system.as_os_str()), wide(line));
    let startup = STARTUPINFOW { cb: size_of::<STARTUPINFOW>() as u32, ..Default::default() };
    let mut created = PROCESS_INFORMATION::default();
    // SAFETY: strings with a NUL at their ends, one of them writable; a structure that tells its own size; nulls where they
    // are allowed; a place for the answer. The handles in it are closed with this process.
    let done = unsafe {
        CreateProcessW(
            program.as_ptr(),
            line.as_mut_ptr(),
            ptr::null(),
            ptr::null(),
            0,
            CREATE_NO_WINDOW,
            ptr::null(),
            directory.as_ptr(),
            &startup,
            &mut created,
        )
    };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

#[expect(unsafe_code, reason = "the variables that name it can be set by anybody")]
fn system_directory() -> io::Result<PathBuf> {
    let mut buffer = [0_u16; 1024];
    // SAFETY: a buffer of the length that is told.
    let length = unsafe { GetSystemDirectoryW(buffer.as_mut_ptr(), buffer.len() as u32) };
    match buffer.get(..length as usize) {
        Some(path) if length > 0 => Ok(PathBuf::from(OsString::from_wide(path))),
        _ => Err(io::Error::last_os_error()),
    }
}
