//! Decides when the app of a service is started again after it ended, on Windows. On Linux systemd decides.

use std::time::Duration;

use super::settings::{Restart, Settings};

/// What happens after the app has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The service ends, too, with code 0.
    Stopped,
    /// The service ends, with this code as its failure.
    Failed(u32),
    /// The app is started again after this time.
    Again(Duration),
}

/// Counts how often in a row the app has ended soon after its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackOff {
    failures: u32,
}

/// An app that has run for this time has recovered.
const QUIET: Duration = Duration::from_secs(60);
/// The longest wait: 2^6 seconds.
const MOST_DOUBLINGS: u32 = 6;

impl BackOff {
    /// How long to wait before the next start, if the app has run for `ran`: 1, 2, 4, … 64 seconds, and 1 again once
    /// the app has run for a minute.
    pub fn wait(&mut self, ran: Duration) -> Duration {
        if ran >= QUIET {
            self.failures = 0;
        }
        let wait = Duration::from_secs(1 << self.failures.min(MOST_DOUBLINGS));
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// What to do when the app has ended with `code` after it ran for `ran`, without a request to stop.
pub fn next(settings: &Settings, code: u32, ran: Duration, back_off: &mut BackOff) -> Next {
    let is_on_purpose = settings.stop_codes.contains(&code);
    match settings.restart {
        _ if is_on_purpose => Next::Stopped,
        Restart::Always => Next::Again(back_off.wait(ran)),
        Restart::OnFailure if code != 0 => Next::Again(back_off.wait(ran)),
        _ if code == 0 => Next::Stopped,
        _ => Next::Failed(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::settings::words_of;

    #[test]
    fn waits_double_up_to_a_minute_and_begin_anew_after_a_quiet_one() {
        let mut back_off = BackOff::default();
        let soon = Duration::from_secs(3);
        let waits: Vec<u64> = (0..9).map(|_| back_off.wait(soon).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        assert_eq!(back_off.wait(QUIET).as_secs(), 1);
        assert_eq!(back_off.wait(soon).as_secs(), 2);
    }

    #[test]
    fn codes_and_the_setting_decide_what_follows() {
        let again = Next::Again(Duration::from_secs(1));
        for (restart, code, expected) in [
            ("always", 0, again),
            ("always", 1, again),
            ("always", 3, Next::Stopped),
            ("on-failure", 0, Next::Stopped),
            ("on-failure", 0xC000_0005, again),
            ("on-failure", 3, Next::Stopped),
            ("never", 0, Next::Stopped),
            ("never", 1, Next::Failed(1)),
            ("never", 3, Next::Stopped),
        ] {
            let words = ["--restart", restart, "--stop-codes", "3,4"].map(str::to_owned);
            let settings = Settings::new(&words_of(&words), "app", "App").unwrap();
            assert_eq!(next(&settings, code, Duration::ZERO, &mut BackOff::default()), expected, "{restart} {code}");
        }
    }
}
