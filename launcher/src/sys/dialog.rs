//! What stands in a dialog.

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
