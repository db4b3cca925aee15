//! Why an installation, a repair or a verb of `self` failed.

use std::io;
use std::path::{Path, PathBuf};

use super::places::{Attempt, Place, Refusal, refusal};
use crate::sys::path_error::PathError;
use bundle::BundleError;
use bundle::frame::FrameError;

/// Why a version dir could not be made. Nothing is left behind but, perhaps, an empty install root.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A directory or file could not be created, written or renamed.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program of the system's failed, and has said why.
    #[error("could not run `{program}`")]
    Program {
        /// Its name and arguments.
        program: String,
        /// How it ended, or why it could not be started.
        source: io::Error,
    },
    /// It was written, but could not be published.
    #[error("could not rename the version into place as `{}`", path.display())]
    Publish {
        /// The version dir.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No candidate could take it.
    #[error("no place to install it")]
    NoPlace {
        /// Each candidate, and what spoke against it.
        attempts: Vec<Attempt>,
    },
    /// A candidate can't take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The user has cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The bundle is damaged.
    #[error("the bundle can't be used")]
    Bundle(#[from] BundleError),
    /// The bundle holds something that must not be extracted.
    #[error("the bundle can't be extracted")]
    Frame(#[from] FrameError),
}

impl From<PathError> for InstallError {
    fn from(error: PathError) -> Self {
        match error {
            PathError::Io { action, path, source } => Self::Io { action, path, source },
            PathError::Unsafe { .. } => Self::Refused(error.into()),
        }
    }
}

impl InstallError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// For `map_err`: a program of the system's failed.
    pub fn program(program: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Program { program: program.to_owned(), source }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Io { source, .. } => refusal::help(source),
            Self::Program { .. } => "see its output above; when that is fixed, do this again".to_owned(),
            Self::Publish { source, .. } => refusal::help_publish(source),
            Self::Refused(refusal) => refusal.help(),
            // An admin's marker: no variable leads elsewhere.
            Self::NoPlace { attempts } if attempts.iter().all(|attempt| attempt.candidate.place == Place::Beside) => {
                "an administrator has decided that it is installed there and nowhere else: start it once as an administrator".to_owned()
            }
            Self::NoPlace { attempts } => {
                let telling = attempts.iter().find(|attempt| !matches!(attempt.refusal, Refusal::NotThere));
                telling.or(attempts.first()).map_or_else(String::new, |attempt| attempt.refusal.help())
            }
            Self::Cancelled => "start it again to retry".to_owned(),
            Self::Bundle(_) | Self::Frame(_) => "the file was changed or damaged: download it again".to_owned(),
        }
    }

    /// Whether there was not enough memory for a frame of the bundle. Nothing of that frame has been used then.
    pub(super) fn is_out_of_memory_for_frame(&self) -> bool {
        let (Self::Bundle(BundleError::Io(source)) | Self::Frame(FrameError::Unpack { source, .. })) = self else {
            return false;
        };
        source.kind() == io::ErrorKind::OutOfMemory
    }

    /// The reason not to use a place, if another place may work.
    pub(super) fn into_refusal(self) -> Result<Refusal, Self> {
        match self {
            // Another place would not help.
            Self::Io { ref source, .. } | Self::Refused(Refusal::Io { ref source, .. })
                if source.kind() == io::ErrorKind::OutOfMemory =>
            {
                Err(self)
            }
            Self::Io { action, path, source } => Ok(Refusal::Io { action, path, source }),
            Self::Publish { path, source } => Ok(Refusal::Publish { path, source }),
            Self::Refused(refusal) => Ok(refusal),
            other => Err(other),
        }
    }
}
