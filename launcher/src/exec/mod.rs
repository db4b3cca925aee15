//! Handing over to the interpreter: the last thing the launcher does.
//!
//! Whoever starts the bundle should not be able to tell that a launcher stood in between. What the user typed reaches
//! Python unit for unit, and the state a process inherits (signals, standard streams, environment, console, priority)
//! reaches it as the launcher found it. Unix replaces the process, so pid and exit status are Python's own; Windows
//! can't, so the launcher waits and passes the exit code on.
//!
//! What to run is decided elsewhere.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

pub mod command_line;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// What to hand over to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The interpreter's full path; nothing is searched.
    pub program: PathBuf,
    /// What stands between the program and what the user typed.
    pub arguments: Vec<OsString>,
    /// Variables added to ours; one that is there already is replaced.
    pub environment: Vec<(&'static str, OsString)>,
    /// Names of variables that are not passed on.
    pub withheld: &'static [&'static str],
}

/// Runs `program arguments… TYPED_ARGV0 TYPED_ARGS…`.
///
/// On Unix this is `execve` and does not return when it succeeds. On Windows it returns the exit code of the
/// interpreter when that has ended, all 32 bits of it.
///
/// # Errors
/// When the system refuses to start the program, with its error; `InvalidInput` when the start can't be written as a
/// command line at all (a NUL inside, or longer than Windows allows). The launcher can then still report.
pub fn start(start: &Start) -> io::Result<u32> {
    system::start(start)
}
