//! Windows: access lists instead of modes, console events instead of signals, and no `execve`.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::core::BOOL;

/// Whether a Unix could execute the file. Windows has no executable bit, so the beginning of the file decides.
///
/// # Errors
/// Those of reading it.
pub fn is_executable(file: &Path, _metadata: &Metadata) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?.take(4).read_to_end(&mut start)?;
    Ok(super::begins_a_program(&start))
}

/// The target of the symbolic link, with `/` between the parts. `None` if it is not Unicode.
///
/// # Errors
/// Those of the system.
pub fn link_target(link: &Path) -> io::Result<Option<String>> {
    Ok(fs::read_link(link)?.to_str().map(|target| target.replace('\\', "/")))
}

/// Does nothing: on Windows the name of a file shows whether it is executable.
///
/// # Errors
/// None.
pub fn make_executable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Creates a file. It inherits the access list of the directory. An existing file is an error.
///
/// # Errors
/// Those of the system.
pub fn create_new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// Does nothing: the access list is inherited from the parent directory.
pub fn keep_temporary_private(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Always true: metadata on Windows has no number of names.
pub fn has_one_name(_metadata: &Metadata) -> bool {
    true
}

/// Always `None`: metadata on Windows has no identity of the file.
pub fn identity(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Always true: metadata on Windows has no owner.
pub fn is_kept_alike(_directory: &Metadata, _other: &Metadata) -> bool {
    true
}

/// What runs when this process is asked to end.
static BEFORE_THE_END: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// Runs `act` when this process is asked to end (Ctrl-C, a closed console). Then the process ends.
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

/// Creates a directory and its parents. They inherit the access list of the directory above.
///
/// # Errors
/// Those of the system.
pub fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Does nothing: the directory inherits its access list from the user's profile.
///
/// # Errors
/// None.
pub fn keep_others_out(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// Creates a symbolic link to a file at `link` with the target `to`, whose parts have `/` between them.
///
/// # Errors
/// Those of the system: Windows lets only administrators and developers create links.
pub fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(to.replace('/', "\\"), link)
}

/// Runs the program, waits for it, and ends with its exit code, of which 8 bits are kept.
///
/// # Errors
/// When it can't be started.
pub fn hand_over(mut command: Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
