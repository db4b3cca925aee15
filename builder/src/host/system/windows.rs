//! Access lists instead of modes, console events instead of signals, and no way to become another program.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::core::BOOL;

/// Whether a Unix would execute the file. Windows keeps no such bit, so what the file begins with decides.
///
/// # Errors
/// Those of reading it.
pub fn is_executable(file: &Path, _metadata: &Metadata) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?.take(4).read_to_end(&mut start)?;
    Ok(super::begins_a_program(&start))
}

/// Where the symbolic link leads, with `/` between the parts. `None` if that is no Unicode.
///
/// # Errors
/// Those of the system.
pub fn link_target(link: &Path) -> io::Result<Option<String>> {
    Ok(fs::read_link(link)?.to_str().map(|target| target.replace('\\', "/")))
}

/// Nothing to do: the name decides.
///
/// # Errors
/// None.
pub fn make_executable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A new file. Its access list is that of the directory. What is there already is an error.
///
/// # Errors
/// Those of the system.
pub fn create_new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// Nothing to do: the access list is that of the directory above.
pub fn keep_temporary_private(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Nothing that speaks against it: metadata does not count names here.
pub fn has_one_name(_metadata: &Metadata) -> bool {
    true
}

/// Nothing that is known without another look at the file.
pub fn identity(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Nothing that speaks against it: metadata tells no owner here.
pub fn is_kept_alike(_directory: &Metadata, _other: &Metadata) -> bool {
    true
}

/// What is to be done when this process is asked to end.
static BEFORE_THE_END: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// Has `act` done when this process is asked to end (Ctrl-C, a console that is closed), before it ends as it would have ended.
#[expect(unsafe_code, reason = "std knows no console events")]
pub fn before_an_interrupt_ends_this(act: impl Fn() + Send + Sync + 'static) {
    if BEFORE_THE_END.set(Box::new(act)).is_ok() {
        // SAFETY: a function of the type that is asked for, which lives as long as the process. Without it, the next build
        // clears up.
        unsafe { SetConsoleCtrlHandler(Some(on_event), 1) };
    }
}

/// Called by the system in a thread of its own.
#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn on_event(_event: u32) -> BOOL {
    if let Some(act) = BEFORE_THE_END.get() {
        act();
    }
    // Not handled: the next handler ends the process.
    0
}

/// A directory with all above it; the access list is that of the one above.
///
/// # Errors
/// Those of the system.
pub fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Nothing to do: a directory that is made for this account alone has its own access list.
///
/// # Errors
/// None.
pub fn keep_others_out(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// A symbolic link to a file at `link`, which leads to `to`, whose parts have `/` between them.
///
/// # Errors
/// Those of the system: Windows makes links for administrators and developers only.
pub fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(to.replace('/', "\\"), link)
}

/// Waits for the program and passes its exit code on, as far as 8 bits hold it.
///
/// # Errors
/// When it can't be started.
pub fn hand_over(mut command: Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
