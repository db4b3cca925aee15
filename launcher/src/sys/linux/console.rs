//! Standard streams, which always exist here: a terminal, a file, or the session's journal.

/// Always: [`begin`](super::process::begin) has opened `/dev/null` for closed streams.
pub(crate) fn has_stderr() -> bool {
    true
}

/// The same.
pub(crate) fn has_stdout() -> bool {
    true
}

/// Whether somebody reads stderr as it is written: a terminal or a pipe has a reader, a file or the session's journal has none.
#[expect(unsafe_code, reason = "std looks at no descriptor's kind")]
pub(crate) fn is_stderr_read() -> bool {
    // SAFETY: a structure of numbers, and a place for the answer.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        libc::isatty(libc::STDERR_FILENO) == 1
            || libc::fstat(libc::STDERR_FILENO, &raw mut found) == 0 && found.st_mode & libc::S_IFMT == libc::S_IFIFO
    }
}

/// Writes parts of a text to stderr, in one system call: fit for a signal handler.
#[expect(unsafe_code, reason = "std may allocate")]
pub(crate) fn write_error<const PARTS: usize>(parts: &[&str; PARTS]) {
    let parts = parts.map(|part| libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() });
    // SAFETY: so many pieces of text, which live through the call.
    unsafe { libc::writev(libc::STDERR_FILENO, parts.as_ptr(), PARTS as libc::c_int) };
}

/// Nothing to do: a program has the terminal that it was started from.
pub(crate) fn attach_parent_console() {}

/// There is none: no terminal ends with its program.
pub(crate) enum OwnConsole {}

impl OwnConsole {
    pub(crate) fn open() -> Option<Self> {
        None
    }

    pub(crate) fn wait_for_key(&self, _prompt: &str) {
        match *self {}
    }
}
