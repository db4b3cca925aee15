//! Through `/proc/self/exe` (proc_pid_exe(5)), which stays the running file whatever happens to its name.

use std::ffi::CStr;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::sys::own_file::OwnFile;

const RUNNING: &str = "/proc/self/exe";

/// Opens it.
///
/// # Errors
/// When the system does not tell where it is, or it can't be opened.
pub(crate) fn open() -> io::Result<OwnFile> {
    match std::fs::read_link(RUNNING) {
        Ok(path) => Ok(OwnFile { file: File::open(RUNNING)?, path }),
        // No /proc, as in some containers and chroots.
        Err(_) => {
            let path = started_as().map_or_else(std::env::current_exe, std::path::absolute)?;
            Ok(OwnFile { file: File::open(&path)?, path })
        }
    }
}

/// The path that the kernel was told to execute (getauxval(3), `AT_EXECFN`), which may be a link or relative. `None` if the
/// kernel doesn't say.
#[expect(unsafe_code, reason = "std does not offer the auxiliary vector")]
pub(crate) fn started_as() -> Option<PathBuf> {
    // SAFETY: takes a number and returns one; an unknown entry is 0.
    let address = unsafe { libc::getauxval(libc::AT_EXECFN) };
    if address == 0 {
        return None;
    }
    // SAFETY: the kernel put a string with a NUL at its end there, and it lives as long as the process.
    let path = unsafe { CStr::from_ptr(address as *const libc::c_char) };
    Some(Path::new(OsStr::from_bytes(path.to_bytes())).to_path_buf())
}
