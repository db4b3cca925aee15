//! What stands in a dialog.

use super::words::Words;
use crate::error::{Failure, LaunchError};

/// A box with a button to close it.
#[derive(Debug, PartialEq, Eq)]
pub struct Dialog {
    /// The app's name, if it is known.
    pub title: String,
    /// All that there is to say.
    pub text: String,
    /// Whether it is bad news.
    pub is_error: bool,
}

/// What was asked for.
pub fn of_answer(app: &str, text: &str) -> Dialog {
    Dialog { title: app.to_owned(), text: text.trim_end().to_owned(), is_error: false }
}

/// First what happened, in the user's language; then the lines that whoever made the app can use, as they stand in the log.
pub fn of_failure(failure: &Failure, words: &Words) -> Dialog {
    let title = failure.app.clone().unwrap_or_else(|| words.this_program.to_owned());
    // What the app said is in a log of its own, which the error names.
    let (happened, log) = match *failure.error {
        LaunchError::Died { .. } => (words.has_failed, None),
        _ => (words.could_not_start, failure.log.as_deref()),
    };
    let mut text = format!("{}\n\n{}\n\n", happened.replace("{}", &title), failure.error.render());
    if let Some(log) = log {
        text += &format!("{}\n{}\n\n", words.log, log.display());
    }
    Dialog { title, text: text + words.copy, is_error: true }
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;

    #[test]
    fn a_dialog_says_what_happened_in_the_users_language_and_then_the_details() {
        let failure = |log: Option<&str>| Failure {
            error: Box::new(LaunchError::OwnFile { source: std::io::ErrorKind::NotFound.into() }),
            app: log.map(|_| "Bentō".to_owned()),
            log: log.map(Into::into),
        };
        let known = of_failure(&failure(Some("/r/logs/launcher.log")), words::of(0x0407));
        assert_eq!(known.title, "Bentō");
        assert_eq!(
            known.text,
            "Bentō konnte nicht gestartet werden.\n\nerror: could not find this program's own file: entity not found\n\
             help: start it by its full path, and check that this account may read it\n\nDas Protokoll:\n/r/logs/launcher.log\n\n\
             Strg+C kopiert diesen Text."
        );
        let unknown = of_failure(&failure(None), words::of(0));
        assert!(unknown.text.starts_with("This program could not be started.\n\nerror: "), "{}", unknown.text);
        assert!(!unknown.text.contains("The log:"));
    }
}
