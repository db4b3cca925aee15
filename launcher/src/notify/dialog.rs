//! The text of dialogs.

use super::words::Words;
use crate::error::{Failure, LaunchError};
use crate::install::InstallError;
use crate::sys::dialog::{Dialog, FailureDialog, Labels};

/// For the answer of a verb, or its question.
pub fn for_answer(app: &str, text: &str) -> Dialog {
    Dialog { title: app.to_owned(), text: text.trim_end().to_owned(), is_error: false }
}

/// What happened and what to do, in the user's language, and the details for the app's developer, as they are in the log.
pub fn for_failure(failure: &Failure, words: &Words) -> FailureDialog {
    let title = failure.app.clone().unwrap_or_else(|| words.this_program.to_owned());
    // What the app wrote is in its own log, which the error names.
    let (happened, log) = match &*failure.error {
        LaunchError::Died { log, .. } => (words.has_failed, log),
        _ => (words.could_not_start, &failure.log),
    };
    FailureDialog {
        sentence: happened.replace("{}", &title),
        advice: advice(&failure.error, words),
        details: failure.error.render(),
        log: log.clone(),
        labels: Labels {
            details: words.details,
            copy_details: words.copy_details,
            open_log: words.open_log,
            close: words.close,
            log: words.log,
            how_to_copy: words.copy,
        },
        title,
    }
}

/// What somebody can do who knows nothing of the program; the details have what a developer can do.
fn advice(error: &LaunchError, words: &Words) -> &'static str {
    match error {
        _ if error.is_out_of_memory() => words.close_others,
        _ if error.is_disk_full() => words.free_room,
        LaunchError::Bundle { .. } | LaunchError::Install { source: InstallError::Bundle(_), .. } => words.get_again,
        LaunchError::Start { .. } | LaunchError::OwnFile { .. } => words.start_again,
        _ => words.pass_on,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use bundle::BundleError;

    use super::super::words;
    use super::*;

    fn failure(error: LaunchError) -> Failure {
        Failure { error: Box::new(error), app: Some("Bentō".to_owned()), log: Some("/r/logs/launcher.log".into()) }
    }

    fn own_file() -> LaunchError {
        LaunchError::OwnFile { source: io::ErrorKind::NotFound.into() }
    }

    #[test]
    fn a_dialog_says_what_happened_in_the_users_language_and_then_the_details() {
        let german = words::for_locale("de_AT.UTF-8");
        let known = for_failure(&failure(own_file()), german);
        assert_eq!((known.title.as_str(), known.sentence.as_str()), ("Bentō", "Bentō konnte nicht gestartet werden."));
        assert_eq!(
            known.as_text(),
            format!(
                "Bentō konnte nicht gestartet werden.\n\n{}\n\nerror: could not find this program's own file: entity not \
                 found\nhelp: start it by its full path, and check that this account may read it\n\nDas Protokoll:\n\
                 /r/logs/launcher.log",
                german.start_again
            )
        );
        let unknown = for_failure(&Failure::from(own_file()), words::for_locale(""));
        assert_eq!(unknown.sentence, "This program could not be started.");
        assert!(!unknown.as_text().contains("The log:"));
    }

    #[test]
    fn advice_fits_what_has_failed() {
        let words = words::for_locale("");
        let bundle = |source| LaunchError::Bundle { path: "/b".into(), source };
        let full = io::Error::from(io::ErrorKind::StorageFull);
        for (error, expected) in [
            (bundle(BundleError::Mismatch { what: "index" }), words.get_again),
            (bundle(BundleError::Io(full)), words.free_room),
            (bundle(BundleError::Io(io::ErrorKind::OutOfMemory.into())), words.close_others),
            (own_file(), words.start_again),
            (LaunchError::Died { app: "a".into(), code: 1, words: Vec::new(), log: None }, words.pass_on),
        ] {
            assert_eq!(for_failure(&failure(error), words).advice, expected);
        }
    }
}
