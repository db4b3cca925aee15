//! Accounts and directories.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Whose rights this process has.
#[expect(unsafe_code, reason = "std does not offer it")]
pub(crate) fn account() -> u32 {
    // SAFETY: takes nothing and can't fail (getuid(2)).
    unsafe { libc::geteuid() }
}

/// Creates what is missing, for everybody to read and for us alone to write, whatever the umask allows.
pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path)
}

/// Creates one, for everybody to read and for us alone to write, whatever the umask allows.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(path)
}

/// Whether a file may be run as a program. `None` where files do not say.
pub(super) fn is_executable(file: &Metadata) -> Option<bool> {
    Some(file.mode() & 0o111 != 0)
}

/// How many names a file has.
pub(super) fn names(file: &Metadata) -> u64 {
    file.nlink()
}

/// Creates a file that may be run, for everybody to read and for us alone to write.
pub(super) fn create_new_program(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o755).open(path)
}

/// Creates a file, for everybody to read and for us alone to write, whatever the umask allows.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
}

/// What may replace a file is up to the directory here.
pub(super) fn allow_replacing(_file: &Path) {}

/// Removes a directory with all that is in it.
pub(super) fn remove_tree(directory: &Path) -> io::Result<()> {
    std::fs::remove_dir_all(directory)
}
