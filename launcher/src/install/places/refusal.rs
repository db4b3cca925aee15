//! Why a candidate was not used, in words for whoever has to find another one.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Candidate;
use crate::env;
use crate::install::make::publish;

/// A candidate that was looked at, and what spoke against it.
#[derive(Debug)]
pub struct Attempt {
    /// The candidate.
    pub candidate: Candidate,
    /// What spoke against it.
    pub refusal: Refusal,
}

/// What speaks against a candidate.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Only read, and the version is not in it.
    #[error("this version is not there, and only an admin puts it there")]
    NotThere,
    /// It can't be made or written.
    #[error("could not {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could change what would be run.
    #[error("not safe: `{}` {why}", path.display())]
    Unsafe {
        /// Which part of the path.
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
    /// Full.
    #[error("`{}` has room for {} MiB, and {} MiB are needed", path.display(), mib_down(*free), mib_up(*needed))]
    NoRoom {
        /// The root.
        path: PathBuf,
        /// In bytes.
        needed: u64,
        /// In bytes.
        free: u64,
    },
    /// Windows would not find what is installed there.
    #[error("`{}` is {by} characters too long for what would lie in it", path.display())]
    TooLong {
        /// The root.
        path: PathBuf,
        /// How many.
        by: usize,
        /// Whether an admin can lift the limit.
        can_be_lifted: bool,
    },
    /// The installation was begun, and failed.
    #[error("{why}")]
    Failed {
        /// With causes.
        why: String,
    },
}

impl Refusal {
    /// What the reader can do about it.
    pub fn help(&self) -> String {
        let elsewhere = || format!("set {} to a directory that this account may write", env::ROOT);
        match self {
            Self::Io { action, source, .. } => help(action, source),
            Self::NotThere | Self::Failed { .. } => elsewhere(),
            Self::Unsafe { .. } => format!("make it writable for this account alone, or {}", elsewhere()),
            Self::NoPrograms { .. } => format!("set {} to a directory where programs may run", env::ROOT),
            Self::TooLong { can_be_lifted, .. } => {
                let or =
                    if *can_be_lifted { ", or have an admin switch long paths on (`LongPathsEnabled`)" } else { "" };
                format!("set {} to a directory with a shorter path{or}", env::ROOT)
            }
            Self::NoRoom { .. } => format!("free some room there, or set {} to a directory on another disk", env::ROOT),
        }
    }
}

/// What the reader can do about a failure of the system.
pub(in crate::install) fn help(action: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("free some room there, or set {} to a directory on another disk", env::ROOT)
        }
        // The whole tree could be written, but not be given its name.
        _ if action == PUBLISH && publish::is_transient(error) => format!(
            "another program, a virus scanner perhaps, keeps files there open: start again, or set {} to a directory that it leaves alone",
            env::ROOT
        ),
        _ if action == RUN => "what it said stands above; when that is put right, do this again".to_owned(),
        io::ErrorKind::AlreadyExists => "give it another name, or remove it".to_owned(),
        _ => format!("set {} to a directory that this account may write", env::ROOT),
    }
}

/// What a publish does to a version dir, in the words of an error.
pub(in crate::install) const PUBLISH: &str = "give its name to";

/// What is done with a program of the system's, in the words of an error.
pub(crate) const RUN: &str = "run";

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
