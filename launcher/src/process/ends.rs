//! Unexpected ends: what is said when a defect of the launcher, a lack of memory, or a file that can't be read any more ends
//! it, and with which exit code.
//!
//! Launchers that are shipped have no words for panics (`builder/build/nested.rs`): a panic, and an allocation that fails
//! where nothing else could be done, is an illegal instruction. [`super::tell_of_panics`] has the system call us then. What
//! is said is constant, because whatever has just failed must not be needed to say it.

use crate::sys::memory;

/// The exit code when there is not enough memory.
pub const OUT_OF_MEMORY: u32 = 119;
/// The exit code of a launcher that has ended because of a defect in it, or of something that no code can handle.
pub const DEFECT: u32 = 126;

/// What the reader can do about a lack of memory.
pub const MORE_MEMORY: &str = "close other programs, or let it have more memory (there may be a limit: `ulimit -v`, or that of \
                               a container or a service), and start it again";

/// Why a launcher ends where it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A panic, or an allocation that failed.
    FailedCheck,
    /// An access to memory that is not the launcher's.
    InvalidAccess,
    /// A part of its own file, which the system reads when it is needed, can't be read.
    UnreadableFile,
    /// Whatever else.
    Other,
}

/// What to say, as parts of one text, and the exit code.
pub(crate) fn told(cause: Cause) -> ([&'static str; 2], u32) {
    words(cause, memory::has_lacked())
}

fn words(cause: Cause, lacked_memory: bool) -> ([&'static str; 2], u32) {
    const REPORT: &str = "start it again; if it ends like this again, pass these lines on to whoever made the app";
    match cause {
        // A file that can't be read has nothing to do with it.
        Cause::FailedCheck | Cause::InvalidAccess | Cause::Other if lacked_memory => {
            (["error: there is not enough memory to start this program\nhelp: ", MORE_MEMORY], OUT_OF_MEMORY)
        }
        Cause::FailedCheck => {
            (["error: the launcher of this program failed a check of its own\nhelp: ", REPORT], DEFECT)
        }
        Cause::InvalidAccess => {
            (["error: the launcher of this program caused an access violation\nhelp: ", REPORT], DEFECT)
        }
        Cause::UnreadableFile => {
            let what = "error: a part of this program's file could not be read while it was running\nhelp: ";
            ([what, "check the disk or share that it lies on, and start it again"], DEFECT)
        }
        Cause::Other => (["error: the launcher of this program ended unexpectedly\nhelp: ", REPORT], DEFECT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_one_line_what_and_one_line_what_to_do() {
        use Cause::{FailedCheck, InvalidAccess, Other, UnreadableFile};
        for cause in [FailedCheck, InvalidAccess, UnreadableFile, Other] {
            for lacked_memory in [false, true] {
                let (parts, code) = words(cause, lacked_memory);
                let text = parts.concat();
                let lines: Vec<_> = text.lines().collect();
                assert!(matches!(lines[..], [what, todo] if what.starts_with("error: ") && todo.starts_with("help: ")));
                let of_memory = lacked_memory && cause != UnreadableFile;
                assert_eq!((text.contains("enough memory"), code == OUT_OF_MEMORY), (of_memory, of_memory), "{text}");
            }
        }
    }
}
