//! Why an installation, a repair or a verb of `self` failed.

use std::io;
use std::path::{Path, PathBuf};

use super::places::{Attempt, Place, Refusal, refusal};
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
    /// No candidate could take it.
    #[error("no place to install it")]
    NoPlace {
        /// Each candidate, and what spoke against it.
        attempts: Vec<Attempt>,
    },
    /// A candidate can't take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The watcher wished it.
    #[error("it was cancelled")]
    Cancelled,
    /// The bundle is damaged.
    #[error("the bundle can't be used")]
    Bundle(#[from] BundleError),
    /// The bundle holds something that is refused.
    #[error("the bundle can't be extracted")]
    Frame(#[from] FrameError),
}

impl InstallError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Io { action, source, .. } => refusal::help(action, source),
            Self::Refused(refusal) => refusal.help(),
            // An admin's marker: no variable leads elsewhere.
            Self::NoPlace { attempts } if attempts.iter().all(|attempt| attempt.candidate.place == Place::Beside) => {
                "an admin has decided that it is installed there and nowhere else: start it once as an admin".to_owned()
            }
            Self::NoPlace { attempts } => {
                let telling = attempts.iter().find(|attempt| !matches!(attempt.refusal, Refusal::NotThere));
                telling.or(attempts.first()).map_or_else(String::new, |attempt| attempt.refusal.help())
            }
            Self::Cancelled => "start it again when there is time".to_owned(),
            Self::Bundle(_) | Self::Frame(_) => "the file was changed or damaged on its way: get it again".to_owned(),
        }
    }

    /// Whether there was not enough memory to hold a part of the bundle. Nothing of that part has been used then.
    pub(super) fn is_lack_of_memory_for_a_frame(&self) -> bool {
        let (Self::Bundle(BundleError::Io(source)) | Self::Frame(FrameError::Unpack { source, .. })) = self else {
            return false;
        };
        source.kind() == io::ErrorKind::OutOfMemory
    }

    /// The same, as what speaks against a place, if another one may be better.
    pub(super) fn into_refusal(self) -> Result<Refusal, Self> {
        match self {
            // It is not the place that lacks it.
            Self::Io { ref source, .. } | Self::Refused(Refusal::Io { ref source, .. })
                if source.kind() == io::ErrorKind::OutOfMemory =>
            {
                Err(self)
            }
            Self::Io { action, path, source } => Ok(Refusal::Io { action, path, source }),
            Self::Refused(refusal) => Ok(refusal),
            other => Err(other),
        }
    }
}
