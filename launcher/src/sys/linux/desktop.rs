//! What a desktop shows for us, where nobody reads stderr: zenity's windows, or a notification. The launcher has no toolkit.
//!
//! Programs are looked for in `/usr/bin` alone, which is root's, and no variable says which one is run. Theirs are the
//! display and the language that the variables of a session name.

use std::cell::Cell;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::ptr;

/// A window of progress, or a notification. Gone when it is dropped, and so is the process that shows it: the app finds no
/// child that it did not start.
#[derive(Debug)]
pub(crate) struct Window {
    process: libc::pid_t,
    /// Where a window of progress reads how far it is. A socket: writing to one that was closed can be told not to end us.
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
    /// None where somebody reads stderr, where there is no desktop, and where it can't show anything.
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
        let zenity = sockets().and_then(|[ours, its]| Some(window(spawn(&bar, Some(&its))?, Some(ours))));
        zenity.or_else(|| popups.iter().find_map(|popup| spawn(popup, None)).map(|process| window(process, None)))
    }

    #[expect(unsafe_code, reason = "std's streams can be had with names alone")]
    pub(crate) fn show(&self, text: &str, done: u64, total: u64) {
        // At 100 the window would believe that all is done.
        let percent = (done.saturating_mul(100) / total.max(1)).min(99);
        if self.percent.replace(Some(percent)) != Some(percent)
            && let Some(input) = &self.input
        {
            let line = format!("# {text}\n{percent}\n");
            // SAFETY: so many bytes, which live through the call. Whoever has closed the window does not want to know.
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

/// Shows a text, and leaves it there: whoever reads it closes it.
pub(crate) fn show(title: &str, text: &str, is_error: bool) {
    let kind = if is_error { "--error" } else { "--info" };
    let zenity = ["zenity", kind, "--no-markup", "--width=480", "--title", title, "--text", text];
    let old = ["kdialog", "--title", title, if is_error { "--error" } else { "--msgbox" }, text];
    if is_wanted() {
        let _ = spawn(&zenity, None).or_else(|| spawn(&old, None));
    }
}

/// A desktop, and a stderr that nobody reads as it is written: no terminal, and no program that started us with a pipe.
fn is_wanted() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) && !somebody_reads_stderr()
}

/// Whether what is written there has a reader: the journal of a session, or a file, has none at that moment.
#[expect(unsafe_code, reason = "std looks at no descriptor's kind")]
pub(crate) fn somebody_reads_stderr() -> bool {
    // SAFETY: a structure of numbers, and a place for the answer.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        libc::isatty(libc::STDERR_FILENO) == 1
            || libc::fstat(libc::STDERR_FILENO, &raw mut found) == 0 && found.st_mode & libc::S_IFMT == libc::S_IFIFO
    }
}

#[expect(unsafe_code, reason = "std's streams are more than is wanted here")]
fn sockets() -> Option<[OwnedFd; 2]> {
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

#[expect(unsafe_code, reason = "std gives copies alone")]
unsafe extern "C" {
    /// environ(7): null, or a list with a null at its end.
    static environ: *const *mut libc::c_char;
}

/// Starts a program of the system's, with this as its standard input.
#[expect(unsafe_code, reason = "std's own way is a large part of a launcher")]
fn spawn(words: &[&str], input: Option<&OwnedFd>) -> Option<libc::pid_t> {
    let path = ["/usr/bin/", words.first()?].concat();
    let file = std::fs::metadata(&path).ok()?;
    if file.uid() != 0 || file.mode() & 0o022 != 0 {
        return None;
    }
    let path = CString::new(path).ok()?;
    let words: Vec<_> = words.iter().map(|word| CString::new(*word).ok()).collect::<Option<_>>()?;
    let arguments: Vec<_> = words.iter().map(|word| word.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();

    // SAFETY: lists of strings with a NUL at their ends, and a null at theirs, which live through the call; actions that were
    // made before they are used and unmade after; nothing here changes the environment. `posix_spawn` is safe beside other threads.
    unsafe {
        let mut actions: libc::posix_spawn_file_actions_t = std::mem::zeroed();
        libc::posix_spawn_file_actions_init(&raw mut actions);
        for stream in 0..3 {
            let null = c"/dev/null".as_ptr();
            libc::posix_spawn_file_actions_addopen(&raw mut actions, stream, null, libc::O_RDWR, 0);
        }
        if let Some(input) = input {
            libc::posix_spawn_file_actions_adddup2(&raw mut actions, input.as_raw_fd(), libc::STDIN_FILENO);
        }
        let mut process = 0;
        let failed = libc::posix_spawn(
            &raw mut process,
            path.as_ptr(),
            &raw const actions,
            ptr::null(),
            arguments.as_ptr(),
            environ,
        );
        libc::posix_spawn_file_actions_destroy(&raw mut actions);
        (failed == 0).then_some(process)
    }
}

/// Its wait status, once it has ended.
#[expect(unsafe_code, reason = "the process was not started by std")]
fn end_of(process: libc::pid_t, options: libc::c_int) -> Option<libc::c_int> {
    let mut status = 0;
    loop {
        // SAFETY: a place for the answer.
        match unsafe { libc::waitpid(process, &raw mut status, options) } {
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            found => return (found == process).then_some(status),
        }
    }
}
