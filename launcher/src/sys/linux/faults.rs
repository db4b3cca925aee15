//! Unexpected ends reach a process as signals. The handler writes and ends the process, by system calls alone.
//!
//! `execve` sets signals with a handler back to their default, so the app finds none of this. It would not find a signal
//! ignored any more that whoever started us had ignored: such a one is left alone.
//!
//! # Why not `sigaction`
//! Musl's makes a second system call, to unblock signals of its own that the launcher never uses, and each one is a part of
//! every start.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_ulong};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::process::ends::{self, Cause};

/// `struct kernel_sigaction` of Linux.
#[repr(C)]
struct Action {
    handler: usize,
    flags: c_ulong,
    restorer: usize,
    /// Signals that wait while the handler runs: all. One that can't wait, because the handler itself has failed, ends the process.
    mask: u64,
}

/// SA_RESTORER, without which x86-64 calls no handler. Ours does not return, so there is nothing to restore.
const RESTORER: c_ulong = 0x0400_0000;
const STACK: usize = 16 << 10;

/// What the handler stands on: the ordinary stack may be what is used up.
#[repr(align(16))]
struct Stack(UnsafeCell<[u8; STACK]>);

#[expect(unsafe_code, reason = "the kernel writes to it")]
// SAFETY: nobody but the kernel ever uses it.
unsafe impl Sync for Stack {}

static HANDLERS_STACK: Stack = Stack(UnsafeCell::new([0; STACK]));

/// Three system calls, in a launcher as shipped: for a panic, for an access to memory that is not there, and for a part of the
/// launcher's own file that can't be read any more (a share that has gone away).
pub(crate) fn tell_of_panics() {
    for signal in [libc::SIGILL, libc::SIGSEGV, libc::SIGBUS] {
        handle(signal);
    }
    if !cfg!(panic = "immediate-abort") {
        // What an allocation that fails ends in there.
        handle(libc::SIGABRT);
    }
}

pub(crate) fn tell_of_faults() {
    let stack = libc::stack_t { ss_sp: HANDLERS_STACK.0.get().cast(), ss_flags: 0, ss_size: STACK };
    #[expect(unsafe_code, reason = "std does not do it without its runtime")]
    // SAFETY: a piece of memory that lives as long as the process and is used for nothing else. It is this thread's alone.
    unsafe {
        libc::sigaltstack(&raw const stack, ptr::null_mut());
    }
    for signal in [libc::SIGABRT, libc::SIGSYS, libc::SIGTRAP] {
        handle(signal);
    }
    fail_writes_beyond_the_limit();
}

/// A write beyond the limit on the length of files (setrlimit(2), `RLIMIT_FSIZE`) ends a process, unless it handles the signal:
/// then the write is an error like any other.
#[expect(unsafe_code, reason = "std handles no signals")]
fn fail_writes_beyond_the_limit() {
    extern "C" fn nothing(_signal: c_int) {}
    let handler = nothing as extern "C" fn(c_int) as usize;
    // SAFETY: a handler that does nothing.
    if unsafe { libc::signal(libc::SIGXFSZ, handler) } == libc::SIG_IGN {
        // Then such a write is an error already, and the app is to find the signal ignored.
        // SAFETY: what it was before.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    }
}

/// Says why, and ends the process.
#[expect(unsafe_code, reason = "std may allocate, and runs what was asked for at an exit")]
pub(crate) fn end(cause: Cause) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let (parts, code) = ends::told(cause);
    if ENDING.swap(true, Ordering::Relaxed) {
        // Another thread is saying it.
        // SAFETY: takes no pointers.
        unsafe { libc::sleep(1) };
        // SAFETY: takes no pointers.
        unsafe { libc::_exit(code.cast_signed()) };
    }
    let parts = parts.map(|part| libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() });
    let end = libc::iovec { iov_base: c"\n".as_ptr().cast_mut().cast(), iov_len: 1 };
    let [what, todo] = parts;
    // SAFETY: three pieces of constant text.
    unsafe { libc::writev(libc::STDERR_FILENO, [what, todo, end].as_ptr(), 3) };
    // SAFETY: takes no pointers.
    unsafe { libc::_exit(code.cast_signed()) }
}

extern "C" fn handler(signal: c_int) {
    end(match signal {
        libc::SIGILL => Cause::FailedCheck,
        libc::SIGSEGV => Cause::InvalidAccess,
        libc::SIGBUS => Cause::UnreadableFile,
        _ => Cause::Other,
    })
}

/// Has the handler called for a signal, unless it is ignored.
#[expect(unsafe_code, reason = "std handles no signals")]
fn handle(signal: c_int) {
    let handler = handler as extern "C" fn(c_int) as usize;
    let flags = RESTORER | libc::SA_ONSTACK as c_ulong;
    let action = Action { handler, flags, restorer: handler, mask: u64::MAX };
    let mut before = Action { handler: libc::SIG_DFL, flags: 0, restorer: 0, mask: 0 };
    let size = size_of::<u64>();
    // SAFETY: two structures as the kernel has them, and the size of their masks; a handler that only makes system calls.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, &raw const action, &raw mut before, size) };
    if before.handler == libc::SIG_IGN {
        // SAFETY: as above.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, &raw const before, ptr::null_mut::<Action>(), size) };
    }
}
