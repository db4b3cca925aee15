//! SIGKILL, which no process can catch.

#[expect(unsafe_code, reason = "std ends a process only in ways that can be caught")]
pub(crate) fn kill() -> ! {
    // SAFETY: takes no pointers.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    unreachable!("killed")
}
