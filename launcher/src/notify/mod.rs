//! What the launcher says to people: nothing while all is well, progress when a first start takes long, and failures.

pub mod dialog;
mod progress;
mod terminal;
use crate::sys::console as system;
pub mod words;

pub use progress::Progress;

use crate::error::Failure;
use crate::install::care::logs;

/// Tells why the app was not started: on stderr, or in a dialog where nobody reads that; then it is in the launcher's log
/// too. A closed stderr is no reason to fail differently.
pub fn failure(failure: &Failure) {
    if failure.error.is_the_users_wish() {
        return;
    }
    use std::io::Write as _;
    let text = failure.error.render();
    if system::has_stderr() {
        let _ = writeln!(std::io::stderr(), "{text}");
        if system::somebody_reads_stderr() {
            return;
        }
    }
    if let Some(log) = &failure.log {
        logs::note(log, &text);
    }
    system::show(&dialog::of_failure(failure, words::of(system::language())));
}

/// Tells, in the middle of whatever has failed, why this process ends: on stderr, or in a dialog where nobody reads that.
pub fn unexpected_end(parts: &[&str]) {
    use std::io::Write as _;
    if system::has_stderr() {
        let mut text = parts.iter().chain(&["\n"]);
        let _ = text.try_for_each(|part| std::io::stderr().write_all(part.as_bytes()));
    } else {
        let words = words::of(system::language());
        let text = [words.could_not_start.replace("{}", words.this_program), parts.concat()].join("\n\n");
        let title = words.this_program.to_owned();
        system::show(&dialog::Dialog { title, text: text + "\n\n" + words.copy, is_error: true });
    }
}

/// Finds the console of whoever asked for the launcher itself: a program with windows is given none, even where it is started
/// from one.
pub fn find_the_console() {
    system::find_the_console();
}

/// Hands on a verb's answer: on standard output, or in a dialog where nobody reads that. A reader that has gone away has read
/// enough.
pub fn answer(app: &str, text: &str) {
    use std::io::Write as _;
    if system::has_stdout() {
        let _ = std::io::stdout().write_all(text.as_bytes());
    } else {
        system::show(&dialog::of_answer(app, text));
    }
}

/// Asks in a dialog, where there is no terminal to ask on. `None`: there is nobody to ask.
pub fn ask(app: &str, question: &str) -> Option<bool> {
    system::ask(&dialog::of_answer(app, question))
}

/// Keeps the last words readable in a console that is this program's alone, as after a double-click: it closes when we end.
/// Returns at once if all went well, and where anybody else reads or writes there.
pub fn before_the_console_closes(code: u32) {
    if crate::exec::exit_code::is_failure(code) && system::owns_its_console() {
        system::wait_for_a_key(words::of(system::language()).press_a_key);
    }
}
