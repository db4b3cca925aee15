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

/// Whether the file with this metadata is executable by anyone.
///
/// # Errors
/// None.
pub fn is_executable(_file: &Path, metadata: &Metadata) -> io::Result<bool> {
    Ok(metadata.permissions().mode() & 0o111 != 0)
}

/// The target of the symbolic link, with `/` between the parts. `None` if it is not Unicode.
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

/// Creates a file that only this account can read and write, whatever the umask is. An existing file or link is an error.
///
/// # Errors
/// Those of the system.
pub fn create_new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a temporary directory private to this account, whatever the umask is.
pub fn keep_temporary_private(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(Permissions::from_mode(0o700));
}

/// Whether a file has only one name. Another account could have put a hard link here.
pub fn has_one_name(metadata: &Metadata) -> bool {
    metadata.nlink() == 1
}

/// The identity of a file, which is the same for all of its names.
pub fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    Some((metadata.dev(), metadata.ino()))
}

/// Whether a directory belongs to the same account as another, and no other account has any rights to it.
pub fn is_kept_alike(directory: &Metadata, other: &Metadata) -> bool {
    directory.uid() == other.uid() && directory.mode() & 0o077 == 0
}

/// Runs `act` when a signal asks this process to end (Ctrl-C, a closed terminal, SIGTERM). Then the process ends by that
/// signal. Signals that it ignores (`nohup`) stay ignored.
pub fn before_an_interrupt_ends_this(act: impl Fn() + Send + 'static) {
    let signals = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
    // If this fails, the next build cleans up.
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

/// Creates a directory and its parents, writable only by this account, whatever the umask is.
///
/// # Errors
/// Those of the system.
pub fn create_directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path)
}

/// Removes all rights of other accounts to a directory of this account.
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

/// Creates a symbolic link at `link` with the target `to`, whose parts have `/` between them.
///
/// # Errors
/// Those of the system.
pub fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

/// Replaces this process with the program (`execve`). Returns only on failure.
///
/// # Errors
/// When it can't be started.
pub fn hand_over(mut command: Command) -> io::Result<ExitCode> {
    Err(command.exec())
}
