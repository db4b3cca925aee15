//! Why a file is not a bundle that can be used.

use std::io;

use super::footer::FooterError;

/// Why bytes are not a bundle that can be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It can't be read.
    #[error("could not read it")]
    Io(#[from] io::Error),
    /// No usable footer.
    #[error(transparent)]
    Footer(#[from] FooterError),
    /// A digest is wrong.
    #[error("the {what} does not match its SHA-256")]
    Mismatch {
        /// Which part.
        what: &'static str,
    },
    /// A part with the right digest that still isn't what the format says.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// Which part.
        what: &'static str,
        /// In which way.
        why: String,
    },
}
