//! What a service tells the event log of Windows. The numbers are what monitoring looks for, so each keeps its meaning.
//!
//! The message resource of a bundle (`builder/src/executable/brand/messages.rs`) has the text `%1` for each of them: what is
//! said is made here.

use super::restart::Next;
use crate::exec::exit_code;

/// An entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub id: u32,
    /// How bad it is.
    pub level: Level,
    /// For people.
    pub text: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Information,
    /// The app is started again.
    Warning,
    /// The service has failed.
    Error,
}

/// The numbers of all events.
pub const IDS: std::ops::RangeInclusive<u32> = STARTED..=NOT_STARTED;

const STARTED: u32 = 1;
const STOPPED: u32 = 2;
const ENDED: u32 = 3;
const RESTARTS: u32 = 4;
const FAILED: u32 = 5;
const KILLED: u32 = 6;
const NOT_STARTED: u32 = 7;

impl Event {
    /// The app runs.
    pub fn started(version: &str, process: u32) -> Self {
        Self::new(STARTED, Level::Information, format!("started version {version} as process {process}"))
    }

    /// The app has ended because it was asked to.
    pub fn stopped() -> Self {
        Self::new(STOPPED, Level::Information, "stopped".to_owned())
    }

    /// The app did not end in its time.
    pub fn killed(seconds: u64) -> Self {
        let text = format!("did not stop within {seconds} seconds: all its processes were ended");
        Self::new(KILLED, Level::Warning, text)
    }

    /// The app has ended by itself. `last_lines` is what it wrote before.
    pub fn ended(code: u32, next: Next, last_lines: &[String]) -> Self {
        let code = exit_code::text(code);
        let (id, level, then) = match next {
            Next::Stopped => (ENDED, Level::Information, "the service has stopped".to_owned()),
            Next::Again(wait) => (RESTARTS, Level::Warning, format!("it is started again in {} s", wait.as_secs())),
            Next::Failed(_) => (FAILED, Level::Error, "the service has failed".to_owned()),
        };
        let mut text = format!("ended with the exit code {code}; {then}");
        if level != Level::Information && !last_lines.is_empty() {
            text += "\r\n\r\nlast lines of its log:\r\n";
            text += &last_lines.join("\r\n");
        }
        Self::new(id, level, text)
    }

    /// The launcher could not start the app.
    pub fn not_started(error: &str) -> Self {
        Self::new(NOT_STARTED, Level::Error, format!("could not be started: {error}"))
    }

    fn new(id: u32, level: Level, text: String) -> Self {
        Self { id, level, text }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_unexpected_end_is_told_with_the_last_lines_and_what_follows() {
        let lines = ["Traceback".to_owned(), "  x".to_owned()];
        let again = Event::ended(3, Next::Again(Duration::from_secs(4)), &lines);
        assert_eq!((again.id, again.level), (RESTARTS, Level::Warning));
        assert_eq!(
            again.text,
            "ended with the exit code 3; it is started again in 4 s\r\n\r\nlast lines of its log:\r\nTraceback\r\n  x"
        );
        let failed = Event::ended(0xC000_0005, Next::Failed(0xC000_0005), &[]);
        assert_eq!((failed.id, failed.level), (FAILED, Level::Error));
        assert!(failed.text.contains("0xC0000005") && !failed.text.contains("last lines"), "{}", failed.text);
        let on_purpose = Event::ended(0, Next::Stopped, &lines);
        assert_eq!(on_purpose.text, "ended with the exit code 0; the service has stopped");
    }

    #[test]
    fn every_event_has_a_message() {
        for event in [Event::started("1", 2), Event::stopped(), Event::killed(30), Event::not_started("x")] {
            assert!(IDS.contains(&event.id), "{event:?}");
        }
    }
}
