//! Without Rust's runtime: [`begin`] is what remains of it.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

pub(crate) use super::file_rights::has_rights_of_its_file;

/// What `main` was called with. Null in a process that Rust's runtime has started: a test, the builder.
static ARGV: AtomicPtr<*const c_char> = AtomicPtr::new(ptr::null_mut());
static ARGC: AtomicUsize = AtomicUsize::new(0);

/// Notes the arguments, and gives closed standard streams a place: otherwise a file that is opened later would get the
/// number of one, and what is meant for a person would be written into it.
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
        // The lowest number that is free is that of a closed stream. `execve` closes it again: the app finds its standard
        // streams as they were. When there is no `/dev/null`, a start is more important than this.
        // SAFETY: a string with a NUL at its end.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    }
}

#[expect(unsafe_code, reason = "arguments are C strings")]
pub(crate) fn typed() -> Vec<OsString> {
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

#[expect(unsafe_code, reason = "std has no way to say this")]
pub(crate) fn outlive_closed_pipes() {
    // SAFETY: sets a disposition, installs no handler of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// Nothing is loaded: the launcher is one static program.
pub(crate) fn load_from_the_system_alone() {}
