//! Programs, and what they took.

use std::process::{Command, Stdio};
use std::time::Instant;

use ekiben_tests::measured::Cost;

/// Runs a program, which must end well.
pub(crate) fn cost(command: &mut Command) -> Cost {
    let (cost, status) = ended(command.stdin(Stdio::null()).stdout(Stdio::null()));
    assert_eq!(status, 0, "{command:?}");
    cost
}

/// Runs a program to its end, and its status as the system tells it: 0 is a good end.
#[expect(unsafe_code, clippy::zombie_processes, reason = "std waits without asking what it took")]
pub(crate) fn ended(command: &mut Command) -> (Cost, i32) {
    let begun = Instant::now();
    let child = command.spawn().unwrap_or_else(|e| panic!("could not start {command:?}: {e}"));
    let mut status = 0;
    // SAFETY: all zeros are a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: our own child, not waited for before, and two places of the right types.
    let waited = unsafe { libc::wait4(child.id().cast_signed(), &mut status, 0, &mut usage) };
    let wall = begun.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(waited, child.id().cast_signed());
    let cpu = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    (Cost { wall, cpu, peak: usage.ru_maxrss as f64 / 1000.0 }, status)
}

pub(crate) fn milliseconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 * 1000.0 + time.tv_usec as f64 / 1000.0
}
