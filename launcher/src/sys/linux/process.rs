//! What this process got from whoever started it, its own file apart: arguments, standard streams, signals.
//!
//! # Why the launcher has no Rust runtime on Linux
//! Before `main`, Rust's runtime ignores SIGPIPE, opens `/dev/null` where a standard stream is closed, and prepares for
//! an overflowing stack. The app would inherit the first two through `execve`, unless they are noted before and undone
//! after; and all of it together is half of the system calls of a warm start. So the executable has C's `main`
//! (`src/main/linux.rs`), and [`begin`] does what is needed, in a way that `execve` undoes by itself.
//!
//! What is lost: `std::env::args_os` is empty with musl (use [`arguments`]). Writing into a closed pipe ends the launcher, as
//! it ends any C program, until [`ignore_sigpipe`].

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

pub(crate) use super::file_rights::has_rights_of_its_file;

/// What `main` was called with. Null in a process that Rust's runtime has started: a test, the builder.
static ARGV: AtomicPtr<*const c_char> = AtomicPtr::new(ptr::null_mut());
static ARGC: AtomicUsize = AtomicUsize::new(0);

/// Notes the arguments, and opens `/dev/null` for closed standard streams: otherwise a file that is opened later would get the
/// number of a standard stream, and messages would be written into it.
///
/// # Safety
/// Takes the arguments of `main`, as they were given to it, before there is a second thread.
#[expect(unsafe_code, reason = "arguments are C strings")]
pub unsafe fn begin(argc: c_int, argv: *const *const c_char) {
    ARGC.store(usize::try_from(argc).unwrap_or(0), Ordering::Relaxed);
    ARGV.store(argv.cast_mut(), Ordering::Relaxed);

    let mut streams = [0, 1, 2].map(|fd: c_int| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: an array of that many entries; a timeout of zero returns at once.
    unsafe { libc::poll(streams.as_mut_ptr(), 3, 0) };
    let closed = streams.iter().filter(|stream| stream.revents & libc::POLLNVAL != 0);
    for _ in closed {
        // The lowest free number is that of a closed stream. `execve` closes it again: the app finds its standard streams as they
        // were. If there is no `/dev/null`, the app is started all the same.
        // SAFETY: a string with a NUL at its end.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    }
}

/// What was typed, the program's own name first. Empty if the caller passed not even that.
#[expect(unsafe_code, reason = "arguments are C strings")]
pub(crate) fn arguments() -> Vec<OsString> {
    let argv = ARGV.load(Ordering::Relaxed);
    if argv.is_null() {
        return std::env::args_os().collect();
    }
    let argument = |at| {
        // SAFETY: `main` is given this many arguments.
        let argument = unsafe { *argv.add(at) };
        // SAFETY: strings with a NUL at their end, which live as long as the process.
        OsStr::from_bytes(unsafe { CStr::from_ptr(argument) }.to_bytes()).to_owned()
    };
    (0..ARGC.load(Ordering::Relaxed)).map(argument).collect()
}

/// From now on, writing into a closed pipe is an error and not the end of the process: for the report of a failure, whose
/// exit code counts more. The app is not started after this.
#[expect(unsafe_code, reason = "std has no way to say this")]
pub fn ignore_sigpipe() {
    // SAFETY: sets a disposition, installs no handler of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// Nothing is loaded: the launcher is one static program.
pub fn restrict_dll_search() {}
