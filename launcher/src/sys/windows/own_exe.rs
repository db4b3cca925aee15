//! Deleting this program's own file. Windows can't delete a running program, so another program has to do it after this one has
//! ended.
//!
//! - The system's own `cmd.exe`, started by its full path and without a window, waits and deletes, and retries a few times. It
//!   gets the path in a variable, in double quotes, which no file name can contain: so no name becomes a command, whatever `&` or
//!   `%` is in it.
//! - `MoveFileEx` with "until reboot" would need an admin's rights. A copy of this program that deletes itself when its last
//!   handle is closed (as the crate self-replace does it) needs a copy in the directory for temporary files, which virus
//!   scanners like less than `cmd`, and can stay behind as well.
//! - After a power cut in that second, the file itself is left, and can be deleted by hand.
//!
//! Whether this account may delete it is checked before, by opening it for that.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;
use windows_sys::Win32::System::Threading::{CREATE_NO_WINDOW, STARTUPINFOW};

use super::child::{Child, Program};
use super::utf16::{text, wide};

/// Seconds before each try. This process ends at once, so the first one is usually the last.
const WAITS: [u32; 4] = [1, 3, 10, 30];

/// Removes a file that may be the very one that runs, at once or as soon as this process has ended, and then the directory
/// that it leaves empty, if one is named.
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
    start(&system, &line, path)
}

#[expect(unsafe_code, reason = "std calls a change of the environment unsafe")]
fn start(system: &Path, line: &str, path: &Path) -> io::Result<()> {
    // SAFETY: always sound on Windows.
    unsafe { std::env::set_var(crate::env::REMOVE, path) };
    let startup = STARTUPINFOW { cb: size_of::<STARTUPINFOW>() as u32, ..Default::default() };
    let program = Program {
        path: &wide(system.join("cmd.exe")),
        directory: Some(&wide(system)),
        flags: CREATE_NO_WINDOW,
        inherits_handles: false,
        startup: &startup,
    };
    Child::start(&program, &mut wide(line)).map(drop)
}

#[expect(unsafe_code, reason = "the variables that name it can be set by anybody")]
fn system_directory() -> io::Result<PathBuf> {
    let mut buffer = [0_u16; 1024];
    // SAFETY: a buffer of the length that is told.
    let length = unsafe { GetSystemDirectoryW(buffer.as_mut_ptr(), buffer.len() as u32) } as usize;
    if length == 0 || length >= buffer.len() {
        return Err(io::Error::last_os_error());
    }
    Ok(PathBuf::from(text(&buffer)))
}
