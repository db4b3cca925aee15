//! What the launcher says to people: nothing while all is well, progress when a first start takes long, and failures.

pub mod dialog;
mod progress;
mod terminal;
pub mod unexpected_end;
pub mod words;

pub use progress::Progress;
use words::Words;

use crate::error::Failure;
use crate::install::care::logs;
use crate::sys::console::{self, OwnConsole};
use crate::sys::{self, desktop};
use bundle::LaunchRecord;

/// Reports why the app was not started: on stderr, or in a dialog and the launcher's log where nobody reads stderr. If stderr is
/// closed, the report is lost and nothing else changes.
pub fn failure(failure: &Failure) {
    if failure.error.is_cancelled() {
        return;
    }
    use std::io::Write as _;
    let text = failure.error.render();
    if console::has_stderr() {
        let _ = writeln!(std::io::stderr(), "{text}");
        if console::is_stderr_read() {
            return;
        }
    }
    if let Some(log) = &failure.log {
        logs::note(log, &text);
    }
    sys::show_failure(&dialog::for_failure(failure, words()));
}

/// Says on a terminal that there is a newer version. Nobody is disturbed elsewhere.
pub fn newer(record: &LaunchRecord, version: &str) {
    use std::io::{IsTerminal as _, Write as _};
    let mut stderr = std::io::stderr();
    if stderr.is_terminal()
        && version != record.app.version
        && let Some(word) = &record.settings.self_word
    {
        let name = &record.app.name;
        let _ = writeln!(stderr, "{name} {version} is available; to install it, add `{word} update` to its name");
    }
}

/// Shows a verb's answer: on standard output, or in a dialog where nobody reads that. A closed pipe is not an error.
pub fn answer(app: &str, text: &str) {
    use std::io::Write as _;
    if console::has_stdout() {
        let _ = std::io::stdout().write_all(text.as_bytes());
    } else {
        desktop::show(&dialog::for_answer(app, text));
    }
}

/// Asks in a dialog, where there is no terminal to ask on. `None`: there is nobody to ask.
pub fn ask(app: &str, question: &str) -> Option<bool> {
    desktop::ask(&dialog::for_answer(app, question))
}

/// After a failure, waits for a key in a console that is this program's alone, as after a double-click: it closes when we
/// end, and the message with it. Returns at once if all went well, and where anybody else reads or writes there.
pub fn pause_if_console_is_ours(code: u32) {
    if crate::exec::exit_code::is_failure(code)
        && let Some(console) = OwnConsole::open()
    {
        console.wait_for_key(words().press_a_key);
    }
}

/// In the user's language.
fn words() -> &'static Words {
    words::for_locale(&desktop::language())
}
