//! Accounts and directories.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::Mode;
use rustix::process::umask;

/// The account of this process, from the auxiliary vector (getauxval(3), `AT_EUID`), which costs no system call.
#[expect(unsafe_code, reason = "std does not offer it")]
pub(crate) fn account() -> u32 {
    // SAFETY: takes a number, and returns one.
    unsafe { libc::getauxval(libc::AT_EUID) as u32 }
}

/// Sets a fixed umask, so that files get the modes that they are created with: under the umask 077, others could not use root's
/// installation, and under 000, everybody could write to it. Dropping this restores the former umask, which the app inherits. The
/// umask is one for the whole process.
#[must_use]
pub(crate) struct FixedUmask(Mode);

impl FixedUmask {
    pub(crate) fn set() -> Self {
        Self(umask(Mode::from(0o022)))
    }
}

impl Drop for FixedUmask {
    fn drop(&mut self) {
        umask(self.0);
    }
}

/// Creates what is missing, for everybody to read and for us alone to write, whatever the umask allows.
pub(crate) fn create_directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path)
}

/// Creates one, for everybody to read and for us alone to write, whatever the umask allows.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(path)
}

/// Lets everybody read a directory of ours, and nobody else write it.
pub(crate) fn open_to_all(directory: &Path) -> io::Result<()> {
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))
}

/// Whether a file may be run as a program. `None` where files do not say.
pub(crate) fn is_executable(file: &Metadata) -> Option<bool> {
    Some(file.mode() & 0o111 != 0)
}

/// How many names a file has.
pub(crate) fn names(file: &Metadata) -> u64 {
    file.nlink()
}

/// Creates a file that may be run, for everybody to read and for us alone to write.
pub(crate) fn create_new_program(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o755).open(path)
}

/// A number that nobody can guess: std seeds its hash maps from the system's random numbers.
pub(crate) fn unguessable() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Creates a file for this account alone: others could lock what they may open, and keep us waiting.
pub(crate) fn create_new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file to lock or to add to, and creates it for this account alone. Follows no link to it.
pub(crate) fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    const OTHERS_WRITE: u32 = 0o022;
    // A pipe of that name would be waited for.
    let file = options.create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    let found = file.metadata()?;
    let is_ours = (found.uid() == 0 || found.uid() == account()) && found.mode() & OTHERS_WRITE == 0;
    if found.is_file() && is_ours {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "other accounts can write to it, or it is not a file"))
}

/// Creates a directory for this account alone.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Creates a file, for everybody to read and for us alone to write, whatever the umask allows.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
}

/// What a user's programs lie in, below the local data directory.
pub(crate) const USERS_PROGRAMS: &str = "ekiben";

/// Whether a denied rename may succeed a moment later.
pub(crate) const DENIED_RENAMES_PASS: bool = false;

/// Whether some process runs a program or has loaded a library. `None`: files that run can be deleted here, so nobody has to
/// know.
pub(crate) const IS_LOADED: Option<fn(&Path) -> bool> = None;

/// Always false: on Linux, a file that runs can be replaced like any other.
pub(crate) fn is_running(_program: &Path) -> bool {
    false
}

/// Nothing to do: replacing a file depends on the directory here.
pub(crate) fn allow_replacing(_file: &Path) {}

/// Removes a directory with all that is in it.
pub(crate) fn remove_tree(directory: &Path) -> io::Result<()> {
    std::fs::remove_dir_all(directory)
}
