//! Dialogs and progress where nobody reads stderr: windows of zenity or kdialog, or a notification. The launcher has no toolkit.
//!
//! [`super::program`] starts them. They use the display and the language that the variables of the session name.

use std::cell::Cell;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::program::{NULL, end_of, spawn};

use super::console::is_stderr_read;
use crate::sys::dialog::Dialog;

/// A progress window, or a notification. Dropping it closes it and ends the process that shows it: the app must not find a child
/// that it did not start.
#[derive(Debug)]
pub(crate) struct Window {
    process: libc::pid_t,
    /// Where a progress window reads how far it is. A socket, because writing to a closed one can be done without a signal.
    input: Option<OwnedFd>,
    percent: Cell<Option<u64>>,
    state: Cell<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Cancelled,
    Gone,
}

impl Window {
    /// `None` where somebody reads stderr, where there is no desktop, and where no program can show anything.
    pub(crate) fn open(title: &str, text: &str, cancel: &str) -> Option<Self> {
        if !is_wanted() {
            return None;
        }
        let bar = ["zenity", "--progress", "--title", title, "--text", text, "--cancel-label", cancel, "--width=360"];
        let popups: [&[&str]; 2] = [
            &["notify-send", "--app-name", title, title, text],
            &["kdialog", "--title", title, "--passivepopup", text, "10"],
        ];
        let window = |process, input| Self { process, input, percent: Cell::new(None), state: Cell::new(State::Open) };
        let zenity = sockets().and_then(|[ours, its]| Some(window(start(&bar, its.as_raw_fd())?, Some(ours))));
        zenity.or_else(|| popups.iter().find_map(|popup| start(popup, NULL)).map(|process| window(process, None)))
    }

    #[expect(unsafe_code, reason = "std's streams can be had with names alone")]
    pub(crate) fn show(&self, text: &str, done: u64, total: u64) {
        // At 100 the window would close.
        let percent = (done.saturating_mul(100) / total.max(1)).min(99);
        if self.percent.replace(Some(percent)) != Some(percent)
            && let Some(input) = &self.input
        {
            let line = format!("# {text}\n{percent}\n");
            // SAFETY: so many bytes, which live through the call. A closed window needs no update.
            unsafe { libc::send(input.as_raw_fd(), line.as_ptr().cast(), line.len(), libc::MSG_NOSIGNAL) };
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        if self.state.get() == State::Open
            && let Some(status) = end_of(self.process, libc::WNOHANG)
        {
            // zenity(1): 1 when the cancel button or the window's own was used; also when there is no display, but then it has
            // read nothing, and a socket that is closed before it was read to its end is reset (unix(7)).
            let closed = libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 1;
            let seen = self.input.as_ref().is_some_and(is_at_its_end);
            self.state.set(if closed && seen { State::Cancelled } else { State::Gone });
        }
        self.state.get() == State::Cancelled
    }
}

impl Drop for Window {
    #[expect(unsafe_code, reason = "the process was not started by std")]
    fn drop(&mut self) {
        if self.state.get() == State::Open {
            // SAFETY: our child, which nobody has waited for.
            unsafe { libc::kill(self.process, libc::SIGKILL) };
            end_of(self.process, 0);
        }
    }
}

/// Shows a text. Does not wait until it is closed.
pub(crate) fn show(dialog: &Dialog) {
    let Dialog { title, text, is_error } = dialog;
    let kind = if *is_error { "--error" } else { "--info" };
    let zenity = ["zenity", kind, "--no-markup", "--width=480", "--title", title, "--text", text];
    let old = ["kdialog", "--title", title, if *is_error { "--error" } else { "--msgbox" }, text];
    if is_wanted() {
        let _ = start(&zenity, NULL).or_else(|| start(&old, NULL));
    }
}

/// Starts a program that shows something, with this standard input.
fn start(words: &[&str], input: RawFd) -> Option<libc::pid_t> {
    spawn(words, [input, NULL, NULL]).ok()
}

/// There is nobody to ask: a question goes to a terminal.
pub(crate) fn ask(_question: &Dialog) -> Option<bool> {
    None
}

/// The language of the session, as locales are named: `de_AT.UTF-8`. Empty if none is set.
pub(crate) fn language() -> String {
    // locale(7): the first of these that is set and not empty.
    let set = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default()
}

/// Whether there is a desktop, and nobody reads stderr as it is written: it is not a terminal, and not a pipe to another program.
pub(super) fn is_wanted() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) && !is_stderr_read()
}

#[expect(unsafe_code, reason = "std's streams are more than is wanted here")]
pub(super) fn sockets() -> Option<[OwnedFd; 2]> {
    let mut pair = [0; 2];
    // SAFETY: a place for two descriptors, which are then ours alone.
    unsafe {
        let done = libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0, pair.as_mut_ptr());
        (done == 0).then(|| pair.map(|descriptor| OwnedFd::from_raw_fd(descriptor)))
    }
}

#[expect(unsafe_code, reason = "std's streams are more than is wanted here")]
fn is_at_its_end(socket: &OwnedFd) -> bool {
    let mut byte = 0_u8;
    // SAFETY: a place for one byte.
    unsafe { libc::recv(socket.as_raw_fd(), (&raw mut byte).cast(), 1, libc::MSG_DONTWAIT) == 0 }
}
