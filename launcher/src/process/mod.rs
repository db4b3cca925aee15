//! What this process got from whoever started it, its own file apart: arguments, standard streams, signals.
//!
//! # Why the launcher has no Rust runtime on Unix
//! Before `main`, Rust's runtime ignores SIGPIPE, opens `/dev/null` where a standard stream is closed, and prepares for
//! an overflowing stack. The app would inherit the first two through `execve`, unless they are noted before and undone
//! after; and all of it together is half of the system calls of a warm start. So the executable has C's `main`
//! (`src/main/linux.rs`), and [`begin`](crate::sys::begin) does what is needed, in a way that `execve` undoes by itself.
//!
//! What is lost: `std::env::args_os` is empty with musl (use [`typed`]). Writing into a closed pipe ends the launcher, as it
//! ends any C program, until [`outlive_closed_pipes`].
//!
//! On Windows Rust's runtime does nothing that reaches the app, and stays.

use std::ffi::OsString;

pub mod ends;
use crate::sys::{faults, process as system};

/// What was typed, the program's own name first. Empty if the caller passed not even that.
pub fn typed() -> Vec<OsString> {
    system::typed()
}

/// From now on, writing into a closed pipe is an error and not the end of the process: for the report of a failure, whose
/// exit code counts more. The app is not started after this.
pub fn outlive_closed_pipes() {
    system::outlive_closed_pipes();
}

/// Whether this process has rights that whoever started it does not have, because its file gives them: set-user-ID,
/// set-group-ID or capabilities (getauxval(3), `AT_SECURE`). What such a process runs must not depend on the environment, and
/// where an app is installed does. False on Windows, which has no such files.
pub fn has_rights_of_its_file() -> bool {
    system::has_rights_of_its_file()
}

/// From now on, libraries that are loaded by name come from the system's own directory alone, those that its libraries load
/// included: never from beside the bundle, where a download or a share may hold one that somebody has planted. Those that the
/// bundle names in its header are loaded before, and are all ones that Windows never looks for anywhere else; a test holds
/// the list. What this process starts does not inherit it.
pub fn load_from_the_system_alone() {
    system::load_from_the_system_alone();
}

/// From now on, a panic ends this process with a line that says so, and with [`ends::DEFECT`]; an allocation that fails where
/// nothing can be done about it, with [`ends::OUT_OF_MEMORY`]. The app inherits none of this. Cheap enough for every start.
pub fn tell_of_panics() {
    faults::tell_of_panics();
    // Launchers that are shipped never call it: there a panic is nothing but an illegal instruction.
    if !cfg!(panic = "immediate-abort") {
        std::panic::set_hook(Box::new(|panic| {
            if cfg!(debug_assertions) {
                use std::io::Write as _;
                let _ = writeln!(std::io::stderr(), "{panic}");
            }
            faults::end(ends::Cause::FailedCheck)
        }));
    }
}

/// The same for everything else that ends a process unexpectedly, and what can be an error instead becomes one: for whatever
/// does more than a later start does, which should not pay for it.
pub fn tell_of_faults() {
    faults::tell_of_faults();
}
