//! The text of dialogs.

use super::words::Words;
use crate::error::{Failure, LaunchError};
use crate::sys::desktop::DIALOGS_CAN_BE_COPIED;
use crate::sys::dialog::Dialog;

/// For the answer of a verb, or its question.
pub fn for_answer(app: &str, text: &str) -> Dialog {
    Dialog { title: app.to_owned(), text: text.trim_end().to_owned(), is_error: false }
}

/// First what happened, in the user's language; then the details for the app's developer, as they are in the log.
pub fn for_failure(failure: &Failure, words: &Words) -> Dialog {
    let title = failure.app.clone().unwrap_or_else(|| words.this_program.to_owned());
    // What the app wrote is in its own log, which the error names.
    let (happened, log) = match *failure.error {
        LaunchError::Died { .. } => (words.has_failed, None),
        _ => (words.could_not_start, failure.log.as_deref()),
    };
    let mut text = format!("{}\n\n{}\n\n", happened.replace("{}", &title), failure.error.render());
    if let Some(log) = log {
        text += &format!("{}\n{}\n\n", words.log, log.display());
    }
    if DIALOGS_CAN_BE_COPIED {
        text += words.copy;
    }
    Dialog { title, text: text.trim_end().to_owned(), is_error: true }
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
        let known = for_failure(&failure(Some("/r/logs/launcher.log")), words::for_locale("de_AT.UTF-8"));
        assert_eq!(known.title, "Bentō");
        assert_eq!(
            known.text,
            "Bentō konnte nicht gestartet werden.\n\nerror: could not find this program's own file: entity not found\n\
             help: start it by its full path, and check that this account may read it\n\nDas Protokoll:\n/r/logs/launcher.log"
                .to_owned()
                + if DIALOGS_CAN_BE_COPIED { "\n\nStrg+C kopiert diesen Text." } else { "" }
        );
        let unknown = for_failure(&failure(None), words::for_locale(""));
        assert!(unknown.text.starts_with("This program could not be started.\n\nerror: "), "{}", unknown.text);
        assert!(!unknown.text.contains("The log:"));
    }
}
