//! What can go wrong with an update. The app is as it was then.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use bundle::BundleError;
use release::Refused;

/// Why there was no update.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The call makes no sense.
    #[error("{what}")]
    Misuse {
        /// Why.
        what: String,
    },
    /// The app's own bundle can't be read.
    #[error("could not use the bundle `{}`", path.display())]
    Bundle {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// It has no updates, or they are switched off.
    #[error("{what}")]
    Off {
        /// Why.
        what: String,
    },
    /// Another updater is at work.
    #[error("another update of this app is under way")]
    Busy,
    /// Something on this machine's disk.
    #[error("could not {doing} `{}`", path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The source of the releases.
    #[error("could not get `{place}`: {why}")]
    Fetch {
        /// What.
        place: String,
        /// What went wrong.
        why: String,
    },
    /// The metadata is not accepted.
    #[error("the release metadata is refused")]
    Metadata(#[from] Refused),
    /// The file is not the one that was published.
    #[error("the downloaded file is refused: {0}")]
    File(String),
    /// The new version does not work here.
    #[error("version {version} does not start on this machine, and was not installed: {why}")]
    Trial {
        /// Which.
        version: String,
        /// What it said.
        why: String,
    },
    /// It is not known whether the new version works: its trial could not be started, or did not end by itself.
    #[error("could not try version {version}: {why}")]
    NotTried {
        /// Which.
        version: String,
        /// What it said.
        why: String,
    },
    /// There is nothing to go back to.
    #[error("there is no earlier version to go back to")]
    NoPrevious,
}

impl UpdateError {
    /// For something on this machine's disk.
    pub fn disk(doing: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Disk { doing, path, source }
    }

    /// What the process ends with.
    pub fn exit_code(&self) -> i32 {
        if matches!(self, Self::Misuse { .. }) { 2 } else { 1 }
    }

    /// What the reader can do about it.
    fn help(&self) -> &'static str {
        match self {
            Self::Misuse { .. } => "`self help` lists what there is",
            Self::Bundle { .. } => "the file was changed or damaged: get it again",
            Self::Off { .. } => "ask whoever gave you this app how it is updated",
            Self::Busy => "wait until it has ended",
            Self::Disk { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "this account may not write there: have an administrator update the app, or `self install` a copy of your own"
            }
            Self::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room there, and try again"
            }
            Self::Disk { .. } => "check that this account can write there, and try again",
            Self::Fetch { .. } => "check the connection, and try again later",
            Self::Metadata(Refused::Expired { .. }) => {
                "check this computer's clock; if it is right, the publisher has to sign the releases again"
            }
            Self::Metadata(Refused::NoSuchVersion { .. } | Refused::Withdrawn(_) | Refused::BelowMinimum { .. }) => {
                "`self update --check` says which version there is"
            }
            Self::Metadata(_) | Self::File(_) => {
                "whoever hosts it may have been attacked, or be in the middle of a change: try again later, then tell the publisher"
            }
            Self::NotTried { .. } => "run the update again; what was downloaded is kept",
            Self::Trial { .. } => "tell the publisher; the app goes on as it is",
            Self::NoPrevious => "`self update --to VERSION` installs an earlier one, if its publisher still has it",
        }
    }

    /// The text for a person.
    pub fn render(&self) -> String {
        let mut text = format!("error: {self}");
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a `String` can't fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        bundle::text::shown(&text).into_owned() + "\nhelp: " + self.help()
    }
}
