//! Unexpected ends: what is said when a defect of the launcher, a lack of memory, or a file that can't be read any more ends
//! it, and with which exit code.
//!
//! Launchers that are shipped have no texts for panics (`builder/build/nested.rs`): a panic, and an allocation that fails
//! where nothing else could be done, is an illegal instruction. [`crate::sys::faults`] calls us then. What is said is
//! constant, because whatever has just failed must not be needed to say it.

use super::{pause_if_console_is_ours, words};
use crate::error::{DEFECT, MORE_MEMORY, OUT_OF_MEMORY};
use crate::sys::dialog::Dialog;
use crate::sys::faults::{Cause, Reporter};
use crate::sys::{console, desktop, faults, memory};

const REPORTER: Reporter = Reporter { code: |cause| texts(cause, memory::was_exhausted()).1, report };

/// From now on, a panic ends this process with a line that says so, and with [`DEFECT`]; an allocation that fails where
/// nothing can be done about it, with [`OUT_OF_MEMORY`]. The app inherits none of this. Cheap enough for every start.
pub fn report_panics() {
    faults::report_panics(&REPORTER);
}

/// On stderr, or in a dialog where nobody reads that. A dialog needs more of the process than a write does; should it fail in
/// turn, the process ends all the same.
fn report(cause: Cause) {
    let ([what, help], code) = texts(cause, memory::was_exhausted());
    if console::has_stderr() {
        console::write_error(&[what, help, "\n"]);
    } else {
        let words = words();
        let happened = words.could_not_start.replace("{}", words.this_program);
        let text = [&happened, "\n\n", what, help, "\n\n", words.copy].concat();
        desktop::show(&Dialog { title: words.this_program.to_owned(), text, is_error: true });
    }
    pause_if_console_is_ours(code);
}

/// What to say, as parts of one text, and the exit code.
fn texts(cause: Cause, lacked_memory: bool) -> ([&'static str; 2], u32) {
    const REPORT: &str = "start it again; if it ends like this again, send these lines to the developer of the app";
    match cause {
        // A file that can't be read is not a matter of memory.
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
                let (parts, code) = texts(cause, lacked_memory);
                let text = parts.concat();
                let lines: Vec<_> = text.lines().collect();
                assert!(matches!(lines[..], [what, todo] if what.starts_with("error: ") && todo.starts_with("help: ")));
                let of_memory = lacked_memory && cause != UnreadableFile;
                assert_eq!((text.contains("enough memory"), code == OUT_OF_MEMORY), (of_memory, of_memory), "{text}");
            }
        }
    }
}
