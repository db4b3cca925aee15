//! Owners and modes, signals, and `execve`.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

/// Whether anyone may execute the file, of which this is the metadata.
///
/// # Errors
/// None.
pub fn is_executable(_file: &Path, metadata: &Metadata) -> io::Result<bool> {
    Ok(metadata.permissions().mode() & 0o111 != 0)
}

/// Where the symbolic link leads, with `/` between the parts. `None` if that is no Unicode.
///
/// # Errors
/// Those of the system.
pub fn link_target(link: &Path) -> io::Result<Option<String>> {
    Ok(fs::read_link(link)?.to_str().map(str::to_owned))
}

/// `rwxr-xr-x`.
///
/// # Errors
/// Those of the system.
pub fn make_executable(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o755))
}

/// A new file that nobody else may read or write, whatever the umask is. What is there already, or a link, is an error.
///
/// # Errors
/// Those of the system.
pub fn create_new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Has a temporary directory made for this account alone, whatever the umask is.
pub fn keep_temporary_private(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(Permissions::from_mode(0o700));
}

/// Whether a file has no other name, by which somebody may have put it here.
pub fn has_one_name(metadata: &Metadata) -> bool {
    metadata.nlink() == 1
}

/// What tells a file from every other, whatever its names are.
pub fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    Some((metadata.dev(), metadata.ino()))
}

/// Whether a directory belongs to the same account as another, and to nobody else in any way.
pub fn is_kept_alike(directory: &Metadata, other: &Metadata) -> bool {
    directory.uid() == other.uid() && directory.mode() & 0o077 == 0
}

/// Has `act` done when this process is asked to end, before it ends as it would have ended: by Ctrl-C, by a terminal that
/// is closed, or by whoever stops it. What it ignores (`nohup`), it goes on ignoring.
pub fn before_an_interrupt_ends_this(act: impl Fn() + Send + 'static) {
    let signals = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
    // Without it, the next build clears up.
    let Ok(mut signals) = Signals::new(signals) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            act();
            drop(low_level::emulate_default_handler(signal));
        }
    });
}

#[expect(unsafe_code, reason = "std knows no signals")]
fn is_ignored(signal: i32) -> bool {
    // SAFETY: all zeros are a valid value of this structure of numbers and pointers.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: nothing is set, and there is a place for the answer.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), &mut now) };
    asked == 0 && now.sa_sigaction == libc::SIG_IGN
}

/// A directory with all above it, in which nobody else may write, whatever the umask is.
///
/// # Errors
/// Those of the system.
pub fn create_directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path)
}

/// Takes all rights to a directory of this account's from everybody else.
///
/// # Errors
/// Those of the system.
pub fn keep_others_out(directory: &Path) -> io::Result<()> {
    let mode = fs::metadata(directory)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(directory, Permissions::from_mode(mode & 0o700))
}

/// A symbolic link at `link` that leads to `to`, whose parts have `/` between them.
///
/// # Errors
/// Those of the system.
pub fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

/// Becomes the program, so that signals and exit status are its own. Returns only on failure.
///
/// # Errors
/// When it can't be started.
pub fn hand_over(mut command: Command) -> io::Result<ExitCode> {
    Err(command.exec())
}
