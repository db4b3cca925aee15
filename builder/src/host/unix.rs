//! Executable bits, and `execve`.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

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
