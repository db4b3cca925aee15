//! Why metadata was not accepted.

/// What is wrong with it. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Fewer known keys than the root asks for have signed it.
    #[error("{valid} of the known keys have signed `{file}`, and {needed} must")]
    Signatures {
        /// Which file.
        file: String,
        /// How many known keys have signed it.
        valid: usize,
        /// How many have to.
        needed: usize,
    },
    /// The file of signatures is none.
    #[error("`{file}` is not a file of minisign signatures: {why}")]
    NotSignatures {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a public key.
    #[error("`{0}` is not a minisign public key")]
    NotAKey(String),
    /// It can't be read.
    #[error("`{file}` is malformed: {why}")]
    Malformed {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Of a later format.
    #[error("`{file}` has format version {found}, and this ekiben understands version {} only", super::FORMAT)]
    UnknownFormat {
        /// Which file.
        file: String,
        /// What it says.
        found: u32,
    },
    /// A signed file of another kind, app, channel or number in the place of the right one.
    #[error("`{file}` is for {what} `{found}`, and `{expected}` was expected")]
    Another {
        /// Which file.
        file: String,
        /// What tells them apart.
        what: &'static str,
        /// What it is for.
        found: String,
        /// What it should be for.
        expected: String,
    },
    /// An older file than was seen before.
    #[error(
        "`{file}` is older than one that was seen before: root {root}, serial {serial}, after root {seen_root}, serial {seen_serial}"
    )]
    Older {
        /// Which file.
        file: String,
        /// The number of the root that it names.
        root: u32,
        /// Its serial.
        serial: u64,
        /// The number of the root that was seen.
        seen_root: u32,
        /// The serial that was seen.
        seen_serial: u64,
    },
    /// Nobody has signed it again in time.
    #[error("`{file}` expired {} ago", super::channel::span(*.late))]
    Expired {
        /// Which file.
        file: String,
        /// Seconds since then.
        late: u64,
    },
    /// A version that can't be ordered.
    #[error("`{0}` is not a version as PEP 440 has them")]
    NotAVersion(String),
    /// There is no such version.
    #[error("there is no version {version} for {target} in this channel")]
    NoSuchVersion {
        /// What was asked for.
        version: String,
        /// For which target.
        target: String,
    },
    /// The publisher has withdrawn it.
    #[error("version {0} was withdrawn by its publisher")]
    Withdrawn(String),
    /// Older than the oldest that may still be installed.
    #[error("version {version} is older than {minimum}, the oldest that its publisher still allows")]
    BelowMinimum {
        /// What was asked for.
        version: String,
        /// The oldest allowed.
        minimum: String,
    },
}
