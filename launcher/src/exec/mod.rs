//! Handing over to the interpreter: the last thing the launcher does.
//!
//! Whoever starts the bundle should not be able to tell that a launcher stood in between. What the user typed reaches
//! Python unit for unit, and the state a process inherits (signals, standard streams, environment, console, priority)
//! reaches it as the launcher found it. Unix replaces the process, so pid and exit status are Python's own; Windows
//! can't, so the launcher waits and passes the exit code on; for an app with windows only as long as it takes to see that
//! it has come up.
//!
//! What to run is decided elsewhere.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

pub mod exit_code;
pub mod variables;

use crate::sys::exec as system;

/// What to hand over to.
#[derive(Debug)]
pub struct Start<'a> {
    /// The interpreter's full path; nothing is searched.
    pub program: PathBuf,
    /// What stands between the program and what the user typed.
    pub arguments: Vec<OsString>,
    /// Variables added to ours; one that is there already is replaced.
    pub environment: Vec<(&'static str, OsString)>,
    /// Names of variables that are not passed on.
    pub withheld: &'static [&'static str],
    /// The app has windows and no console. Makes a difference only where [`LOGS`] says so.
    pub windowed: bool,
    /// The bundle may be gone at any moment ([`crate::own_file::may_vanish`]): who has windows is left as soon as it waits for
    /// its user.
    pub may_vanish: bool,
    /// What the taskbar knows such an app by. Windows only.
    pub app_user_model_id: &'a str,
    /// Where such an app's words go if whoever started us gave no place for them; none: nowhere.
    pub log: Option<(&'a Path, &'a File)>,
}

/// What the launcher has seen of the end of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ended with this code, and whoever started the launcher gets code and words.
    With(u32),
    /// It ended in its first moments with this code, and nobody is there to see it.
    Unseen(u32),
    /// It has windows and runs on, without the launcher.
    NotYet,
}

/// Whether an app with windows gets a log. On Unix its words go where those of whoever started it go: the session's journal,
/// usually.
pub const LOGS: bool = cfg!(windows);

/// Runs `program arguments… TYPED_ARGV0 TYPED_ARGS…`.
///
/// On Unix this is `execve` and does not return when it succeeds. On Windows it returns the exit code of the
/// interpreter when that has ended, all 32 bits of it. An app with windows runs on by itself after its first moments,
/// unless whoever started us gave it a standard stream (a redirection, a pipe): then its end counts, and we wait for it.
/// Where this process outlives the start, it calls `running` once the program runs, to let go of what only a start needs.
///
/// # Errors
/// When the system refuses to start the program, with its error; `InvalidInput` when the start can't be written as a
/// command line at all (a NUL inside, or longer than Windows allows). The launcher can then still report, and `running` was
/// not called.
pub fn start(start: &Start<'_>, running: &mut dyn FnMut()) -> io::Result<Ended> {
    system::start(start, running)
}
