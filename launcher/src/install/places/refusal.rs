//! Why a candidate was not used, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Candidate;
use crate::env;
use crate::sys::path_error::PathError;
use crate::sys::renaming;

/// A candidate that was tried, and the reason not to use it.
#[derive(Debug)]
pub struct Attempt {
    /// The candidate.
    pub candidate: Candidate,
    /// The reason.
    pub refusal: Refusal,
}

/// A reason not to use a candidate.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A place that an admin owns is only read, and the version is not in it.
    #[error("this version is not installed there, and only an administrator can do that")]
    NotThere,
    /// The place can't be created or written.
    #[error("could not {action} `{}`: {source}", path.display())]
    Io {
        /// The action that failed.
        action: &'static str,
        /// The path of the action.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The version was written there, but could not be published.
    #[error("could not rename the version into place as `{}`: {source}", path.display())]
    Publish {
        /// The version dir.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could change what would be run.
    #[error("not safe: `{}` {why}", path.display())]
    Unsafe {
        /// The part of the path that is not safe.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Mounted with `noexec`.
    #[error("no programs may run from the file system of `{}` (noexec)", path.display())]
    NoPrograms {
        /// The root.
        path: PathBuf,
    },
    /// There is not enough space.
    #[error("`{}` has room for {} MiB, and {} MiB are needed", path.display(), mib_down(*free), mib_up(*needed))]
    NoRoom {
        /// The root.
        path: PathBuf,
        /// In bytes.
        needed: u64,
        /// In bytes.
        free: u64,
    },
    /// Windows would not find the files installed there.
    #[error("`{}`: path is {by} characters too long", path.display())]
    TooLong {
        /// The root.
        path: PathBuf,
        /// How many characters too long.
        by: usize,
        /// Whether an admin can lift the limit.
        can_be_lifted: bool,
    },
    /// The installation was begun, and failed.
    #[error("{why}")]
    Failed {
        /// The error, with its causes.
        why: String,
    },
}

impl Refusal {
    /// What the reader can do about it.
    pub fn help(&self) -> String {
        let elsewhere = || format!("set {} to a directory that this account can write to", env::ROOT);
        match self {
            Self::Io { source, .. } => help(source),
            Self::Publish { source, .. } => help_publish(source),
            Self::NotThere | Self::Failed { .. } => elsewhere(),
            Self::Unsafe { .. } => format!("make it writable for this account alone, or {}", elsewhere()),
            Self::NoPrograms { .. } => format!("set {} to a directory where programs may run", env::ROOT),
            Self::TooLong { can_be_lifted, .. } => {
                let or = if *can_be_lifted {
                    ", or ask your administrator to enable long paths (`LongPathsEnabled`)"
                } else {
                    ""
                };
                format!("set {} to a directory with a shorter path{or}", env::ROOT)
            }
            Self::NoRoom { .. } => format!("free some room there, or set {} to a directory on another disk", env::ROOT),
        }
    }
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Self {
        match error {
            PathError::Io { action, path, source } => Self::Io { action, path, source },
            PathError::Unsafe { path, why } => Self::Unsafe { path, why },
        }
    }
}

/// What the reader can do about a failure of the system.
pub(in crate::install) fn help(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("free some room there, or set {} to a directory on another disk", env::ROOT)
        }
        io::ErrorKind::AlreadyExists => "rename or remove it".to_owned(),
        _ => format!("set {} to a directory that this account can write to", env::ROOT),
    }
}

/// What the reader can do about a version dir that was written completely but could not be published.
pub(in crate::install) fn help_publish(error: &io::Error) -> String {
    if renaming::is_denied(error) {
        return format!(
            "another program, perhaps a virus scanner, keeps files there open: start it again to retry, or set {} to a \
             directory that the program leaves alone",
            env::ROOT
        );
    }
    help(error)
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.candidate.place, self.refusal)
    }
}

fn mib_up(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

fn mib_down(bytes: u64) -> u64 {
    bytes >> 20
}
