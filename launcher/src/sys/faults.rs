//! Unexpected ends: a defect of the launcher, a lack of memory, or a file that can't be read any more ends this process.
//!
//! What is said then, and which exit code it gets, is the caller's to decide ([`Reporter`]).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::system::faults as system;

pub(crate) use system::report_faults;

/// Why a launcher ends where it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A panic, or an allocation that failed.
    FailedCheck,
    /// An access to memory that is not the launcher's.
    InvalidAccess,
    /// A part of its own file, which the system reads when it is needed, can't be read.
    UnreadableFile,
    /// Whatever else.
    Other,
}

/// Reports an unexpected end.
#[derive(Debug)]
pub struct Reporter {
    /// The exit code for it.
    pub code: fn(Cause) -> u32,
    /// Tells people. On Linux this runs in a signal handler: system calls alone are allowed.
    pub report: fn(Cause),
}

static REPORTER: OnceLock<&'static Reporter> = OnceLock::new();

/// From now on, a panic, and an allocation that fails where nothing can be done about it, are reported and end this
/// process. The app inherits none of this. Cheap enough for every start.
pub(crate) fn report_panics(reporter: &'static Reporter) {
    let _ = REPORTER.set(reporter);
    system::catch_panics();
    // Launchers that are shipped never call it: there a panic is nothing but an illegal instruction.
    if !cfg!(panic = "immediate-abort") {
        std::panic::set_hook(Box::new(|panic| {
            if cfg!(debug_assertions) {
                use std::io::Write as _;
                let _ = writeln!(std::io::stderr(), "{panic}");
            }
            end(Cause::FailedCheck)
        }));
    }
}

/// Reports why, and ends the process.
pub(crate) fn end(cause: Cause) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let Some(reporter) = REPORTER.get() else { system::end_process(1) };
    if ENDING.swap(true, Ordering::Relaxed) {
        // Another thread reports it.
        system::let_another_thread_report();
    } else {
        (reporter.report)(cause);
    }
    system::end_process((reporter.code)(cause))
}
