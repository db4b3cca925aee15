//! How an app is asked to stop, on Windows; on Linux systemd does it.
//!
//! Ctrl-C is what a Python program understands: `KeyboardInterrupt`, which the start script makes of Ctrl-Break as well.
//! An app that ignores Ctrl-C (a shell's child does, and so do programs that were started in a process group of their own)
//! may listen to Ctrl-Break. What is left when its time is over is ended with its job.

use std::time::Duration;

/// What is done to an app that is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Ctrl-C, to every process in its console.
    Interrupt,
    /// Ctrl-Break, to the same.
    Break,
    /// Its job is ended, and every process in it.
    End,
}

/// The steps, and how long after the request each is due.
pub fn steps(timeout: Duration) -> [(Duration, Step); 3] {
    [(Duration::ZERO, Step::Interrupt), (timeout / 2, Step::Break), (timeout, Step::End)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_half_of_its_time_for_ctrl_c_and_half_for_ctrl_break() {
        let seconds = Duration::from_secs;
        let steps = steps(seconds(30));
        assert_eq!(steps, [(seconds(0), Step::Interrupt), (seconds(15), Step::Break), (seconds(30), Step::End)]);
    }
}
