//! Error messages of the builder: one line with what happened and its causes, then `help:`.
//!
//! Functions return `anyhow::Error` with `.context("could not …")`. A function that knows what the reader can
//! do creates a [`Failure`] or adds [`Help::help`]. Only [`render`] turns errors into text.

use std::error::Error;
use std::fmt;

use crate::report::text;

/// A message, and the reader's next step if there is one.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
    source: Option<anyhow::Error>,
}

impl Failure {
    /// What happened, and where: lower-case first letter, no final dot, names in backticks.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, source: None }
    }

    /// Adds what the reader can do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The next step, if one was given.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|e| &**e as &(dyn Error + 'static))
    }
}

/// Adds a message and the next step to an error that happened below.
pub trait Help<T> {
    /// On failure: `message`, with the error as its cause and `help` as the next step.
    ///
    /// # Errors
    /// The same error, with the message and the help.
    fn or_fail(self, message: impl Into<String>, help: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Help<T> for Result<T, E> {
    fn or_fail(self, message: impl Into<String>, help: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|e| Failure { message: message.into(), help: Some(help.into()), source: Some(e.into()) }.into())
    }
}

/// The text for a person: `error: what: cause: cause`, then one `help:` line with every next step that was given.
///
/// Messages can contain text from anywhere, so characters that a terminal would obey are escaped.
pub fn render(error: &anyhow::Error) -> String {
    let message = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let mut all = format!("error: {message}");
    let failures = error.chain().filter_map(|e| e.downcast_ref::<Failure>());
    let steps: Vec<_> = match is_full_disk(&message) {
        // Nothing else helps against a full disk, whatever the command did.
        true => vec![MORE_ROOM],
        false => failures.filter_map(Failure::help_text).collect(),
    };
    if !steps.is_empty() {
        all.push_str("\nhelp: ");
        all.push_str(&steps.join("; or "));
    }
    text::lines(&all)
}

const MORE_ROOM: &str = "free some room on that disk (`ekiben cache clean` empties ekiben's cache), or move what fills it: \
                         EKIBEN_CACHE, UV_CACHE_DIR and TMPDIR name other directories";

/// Whether a message, of the system or of another program, says that a disk is full.
pub fn is_full_disk(message: &str) -> bool {
    let message = message.to_lowercase();
    ["no space left on device", "disk quota exceeded", "not enough space on the disk"]
        .iter()
        .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn next_steps_of_several_causes_share_one_line() {
        let low = Err::<(), _>(Failure::new("no network").help("check the cable"));
        let error = low.or_fail("could not fetch `a`", "put `a` there yourself").unwrap_err();
        assert_eq!(
            render(&error),
            "error: could not fetch `a`: no network\nhelp: put `a` there yourself; or check the cable"
        );
    }

    #[test]
    fn a_full_disk_is_not_blamed_on_what_was_done() {
        let full = std::io::Error::from_raw_os_error(28);
        let low = Err::<(), _>(full).or_fail("could not download `a`", "check the network");
        let error = low.or_fail("could not get CPython 3.13", "name a mirror").unwrap_err();
        let text = render(&error);
        assert!(text.contains("\nhelp: free some room on that disk") && !text.contains("network"), "{text}");
        let uv = anyhow::anyhow!("uv: failed to write: No space left on device (os error 28)");
        assert!(render(&uv).contains("help: free some room"));
    }

    #[test]
    fn what_is_quoted_does_not_act_upon_the_terminal() {
        let error = anyhow::anyhow!("no `\u{1b}[1A\u{9b}2K\u{202e}`");
        assert_eq!(render(&error), "error: no `\\u{1b}[1A\\u{9b}2K\\u{202e}`");
    }

    #[test]
    fn causes_follow_the_message_and_help_comes_last() {
        let low = std::io::Error::other("disk on fire");
        let error =
            Err::<(), _>(low).or_fail("could not read `a`", "put it out").context("could not build `b`").unwrap_err();
        assert_eq!(render(&error), "error: could not build `b`: could not read `a`: disk on fire\nhelp: put it out");
    }
}
