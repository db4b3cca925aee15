//! What stands in a dialog.

use std::path::PathBuf;

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

/// A box for a failure: a sentence, what to do, and the details for those who want them.
#[derive(Debug, PartialEq, Eq)]
pub struct FailureDialog {
    /// The app's name, if it is known.
    pub title: String,
    /// What happened, in the user's language.
    pub sentence: String,
    /// What the user can do, likewise.
    pub advice: &'static str,
    /// For the app's developer, as it is in the log.
    pub details: String,
    /// The log, if there is one.
    pub log: Option<PathBuf>,
    /// What stands on its buttons, likewise.
    pub labels: Labels,
}

/// Words on buttons, and others that a dialog may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels {
    /// Shows the details.
    pub details: &'static str,
    /// Copies them.
    pub copy_details: &'static str,
    /// Shows the log.
    pub open_log: &'static str,
    /// Closes the dialog.
    pub close: &'static str,
    /// Stands before the path of the log.
    pub log: &'static str,
    /// How to copy the text of a box that has no button for it.
    pub how_to_copy: &'static str,
}

impl FailureDialog {
    /// All of it as one text.
    pub fn as_text(&self) -> String {
        let mut text = [self.sentence.as_str(), self.advice, &self.details].join("\n\n");
        if let Some(log) = self.log.as_ref().map(|log| log.display().to_string()).filter(|log| !text.contains(log)) {
            text += &["\n\n", self.labels.log, "\n", &log].concat();
        }
        text
    }
}
