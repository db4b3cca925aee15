//! No executable bits here, and no way to become another program.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, ExitCode};

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
