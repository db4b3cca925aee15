//! Unexpected ends reach a process as signals. The handler writes and ends the process, by system calls alone.
//!
//! `execve` resets signals with a handler to their default, so the app inherits none of this. A signal that was ignored when the
//! launcher started has to stay ignored for the app: it gets no handler.
//!
//! # Why not `sigaction`
//! Musl's makes a second system call, to unblock signals of its own that the launcher never uses, and each one is a part of
//! every start.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_ulong};
use std::ptr;

use crate::sys::faults::{self, Cause};

/// `struct kernel_sigaction` of Linux.
#[repr(C)]
struct Action {
    handler: usize,
    flags: c_ulong,
    restorer: usize,
    /// Signals that are blocked while the handler runs: all. If the handler itself fails, that ends the process.
    mask: u64,
}

/// SA_RESTORER, without which x86-64 calls no handler. Ours does not return, so there is nothing to restore.
const RESTORER: c_ulong = 0x0400_0000;
const STACK: usize = 16 << 10;

/// The handler's stack: the ordinary stack may be used up.
#[repr(align(16))]
struct Stack(UnsafeCell<[u8; STACK]>);

#[expect(unsafe_code, reason = "the kernel writes to it")]
// SAFETY: nobody but the kernel ever uses it.
unsafe impl Sync for Stack {}

static HANDLERS_STACK: Stack = Stack(UnsafeCell::new([0; STACK]));

/// Three system calls, in a launcher as shipped: for a panic, for an access to memory that is not there, and for a part of the
/// launcher's own file that can't be read any more (a share that has gone away).
pub(crate) fn catch_panics() {
    for signal in [libc::SIGILL, libc::SIGSEGV, libc::SIGBUS] {
        handle(signal);
    }
    if !cfg!(panic = "immediate-abort") {
        // A failed allocation ends in this signal there.
        handle(libc::SIGABRT);
    }
}

/// The same for everything else that ends a process unexpectedly, and what can be an error instead becomes one: for whatever
/// does more than a later start does, which should not pay for it.
pub(crate) fn report_faults() {
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

/// Waits for it: that thread ends the process.
#[expect(unsafe_code, reason = "std may allocate")]
pub(crate) fn let_another_thread_report() {
    // SAFETY: takes no pointers.
    unsafe { libc::sleep(1) };
}

#[expect(unsafe_code, reason = "std runs what was asked for at an exit")]
pub(crate) fn end_process(code: u32) -> ! {
    // SAFETY: takes no pointers.
    unsafe { libc::_exit(code.cast_signed()) }
}

extern "C" fn handler(signal: c_int) {
    faults::end(match signal {
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
