//! A failure on a desktop: windows of zenity, one for the sentence and one each for the details and the log.
//!
//! A process in the background shows them, since somebody has to read which button was pressed, and nobody should wait for it.
//! The log is shown by zenity too: the program that opens a file is chosen by variables, and none may choose what runs here.

use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd;

use super::background;
use super::desktop::{is_wanted, show, sockets};
use super::program::{NULL, end_of, find, output, spawn};
use crate::sys::dialog::{Dialog, FailureDialog};

/// What puts its standard input on the clipboard, by the variable of the display that it needs.
const COPIES: [(&str, &[&str]); 3] = [
    ("WAYLAND_DISPLAY", &["wl-copy"]),
    ("DISPLAY", &["xclip", "-selection", "clipboard"]),
    ("DISPLAY", &["xsel", "--clipboard", "--input"]),
];

/// How many lines of a log a window has room for.
const LINES: usize = 25;

/// Shows a failure. Does not wait until it is closed.
#[expect(unsafe_code, reason = "changing the environment is unsafe beside other threads")]
pub(crate) fn show_failure(dialog: &FailureDialog) {
    if !is_wanted() {
        return;
    }
    if find("zenity").is_none() {
        return show(&Dialog { title: dialog.title.clone(), text: dialog.as_text(), is_error: true });
    }
    background::run(|| {
        // Where the session's locale is not installed, zenity takes no letters but those of ASCII. All words are ours.
        // SAFETY: this process has one thread.
        unsafe { std::env::set_var("LC_ALL", "C.UTF-8") };
        while show_sentence(dialog).is_some() {}
    });
}

/// Shows the sentence, and then what was asked for. `None` when it was closed.
fn show_sentence(dialog: &FailureDialog) -> Option<()> {
    let labels = &dialog.labels;
    let text = [&dialog.sentence, "\n\n", dialog.advice].concat();
    let log = dialog.log.as_ref().and_then(|log| fs::read(log).ok());
    let mut buttons = vec![labels.details];
    buttons.extend(log.as_ref().map(|_| labels.open_log));
    let pressed = ask(["--error", "--width=480"], [&dialog.title, &text, labels.close], &buttons)?;
    let page = match log.filter(|_| pressed == labels.open_log) {
        Some(log) => end_of_log(&log.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>()),
        None => dialog.as_text(),
    };
    let copies = copies();
    let buttons: Vec<_> = copies.map(|_| labels.copy_details).into_iter().collect();
    let pressed = ask(["--info", "--width=720"], [&dialog.title, &page, labels.close], &buttons);
    if let Some(words) = copies.filter(|_| pressed.is_some()) {
        copy(words, &page);
    }
    Some(())
}

/// The label of the further button that was pressed; `None` when the window was closed.
fn ask(kind: [&str; 2], [title, text, close]: [&str; 3], buttons: &[&str]) -> Option<String> {
    let mut words = vec!["zenity", kind[0], kind[1], "--no-markup", "--title", title, "--text", text];
    words.extend(["--ok-label", close]);
    words.extend(buttons.iter().flat_map(|button| ["--extra-button", *button]));
    let (pressed, _) = output(&words).ok()?;
    let pressed = pressed.trim_end();
    (!pressed.is_empty()).then(|| pressed.to_owned())
}

fn end_of_log(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// The program of this desktop that copies, if it has one.
fn copies() -> Option<&'static [&'static str]> {
    let usable = COPIES.into_iter().find(|(variable, words)| {
        let is_set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        is_set && words.first().is_some_and(|name| find(name).is_some())
    });
    usable.map(|(_, words)| words)
}

fn copy(words: &[&str], text: &str) {
    let Some([ours, its]) = sockets() else { return };
    if let Ok(process) = spawn(words, [its.as_raw_fd(), NULL, NULL]) {
        drop(its);
        let _ = fs::File::from(ours).write_all(text.as_bytes());
        end_of(process, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_log_its_last_lines_are_shown() {
        assert_eq!(end_of_log("a\nb\n"), "a\nb");
        let long: String = (0..100).map(|n| format!("{n}\n")).collect();
        assert_eq!(end_of_log(&long).lines().next(), Some("75"));
    }
}
