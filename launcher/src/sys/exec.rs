//! Handing over to the interpreter: the last thing the launcher does.
//!
//! Whoever starts the bundle should not be able to tell that a launcher stood in between. What the user typed reaches
//! Python unit for unit, and the state a process inherits (signals, standard streams, environment, console, priority)
//! reaches it as the launcher found it. Linux replaces the process, so pid and exit status are Python's own; Windows
//! can't, so the launcher waits and passes the exit code on; for an app with windows only as long as it takes to see that
//! it has come up.
//!
//! `start(&Start, running)` runs `program arguments… TYPED_ARGV0 TYPED_ARGS…`.
//!
//! On Linux this is `execve` and does not return when it succeeds. On Windows it returns the exit code of the
//! interpreter when that has ended, all 32 bits of it. An app with windows runs on by itself after its first moments,
//! unless whoever started us gave it a standard stream (a redirection, a pipe): then its end counts, and we wait for it.
//! Where this process outlives the start, it calls `running` once the program runs, to release what only a start needs.
//!
//! It fails when the system refuses to start the program, with its error; with `InvalidInput` when the start can't be
//! written as a command line at all (a NUL inside, or longer than Windows allows). The launcher can then still report, and
//! `running` was not called.
//!
//! What to run is decided elsewhere.

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use super::system::exec::{HAS_APP_LOG, Windowed, become_bundle, start};

/// What to hand over to.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The interpreter's full path; nothing is searched.
    pub(crate) program: PathBuf,
    /// What stands between the program and what the user typed.
    pub(crate) arguments: Vec<OsString>,
    /// Variables added to ours; one that is there already is replaced.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// Names of variables that are not passed on.
    pub(crate) withheld: &'static [&'static str],
    /// For an app with windows and no console: what its system wants to know of it.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "there it is started as any other"))]
    pub(crate) windowed: Option<Windowed<'a>>,
}

/// What the launcher has seen of the end of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(target_os = "linux", expect(dead_code, reason = "there the launcher becomes the app"))]
pub(crate) enum Ended {
    /// It ended with this code, and whoever started the launcher gets the code and what the app wrote.
    With(u32),
    /// It ended in its first moments with this code, and nobody is there to see it.
    Unseen(u32),
    /// It has windows and runs on, without the launcher.
    NotYet,
}
