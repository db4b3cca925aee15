//! A first start: making the version dir exist.
//!
//! 1. Choose: the first place that is safe, can be written and may hold programs ([`roots`]).
//! 2. Lock, so that of many simultaneous first starts one does the work and the others wait.
//! 3. Look again: while waiting, another may have finished. Then see whether there is room.
//! 4. Stage: extract everything into a directory of our own, each frame checked before it is decoded; what an older
//!    version dir has is linked from there. Then seal it.
//! 5. Publish: one rename makes the version exist.
//!
//! The lock saves work and is not needed to be correct: staging dirs are unique, and the first rename wins.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use bundle::frame::FrameError;
use bundle::index::Index;
use bundle::source::Source;
use bundle::{Bundle, BundleError};

pub mod compare;
mod discard;
pub mod disk_use;
pub mod extract;
mod fault;
mod frames;
#[cfg(test)]
mod handmade;
mod kept;
pub mod layout;
pub mod listed;
pub mod lock;
pub mod logs;
pub mod new_file;
pub mod own_copy;
pub mod own_icon;
pub mod prune;
mod publish;
pub mod remove;
pub mod restore;
pub mod reuse;
pub mod roots;
pub mod seal;
mod staging;
mod users;
pub(crate) use crate::sys::files as system;

use listed::Owner;
use lock::Lock;
use roots::{Attempt, Candidate, Needed, Place, Refusal, Roots, refusal};
use seal::Seal;
use staging::Staging;
pub use users::is_in_use;

/// What a first start tells while it works. Called from one thread.
pub trait Watcher {
    /// Another process is installing, and this one waits for it. Called several times a second.
    fn waiting(&mut self);
    /// `done` of `total` bytes are extracted. Called several times a second, and at the end.
    fn extracted(&mut self, done: u64, total: u64);
    /// Whether to stop. Asked after each of the calls above; what was begun is then undone.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A version dir that is complete and held: nobody removes it while this lives, or what was started from it.
#[derive(Debug)]
pub struct Installed {
    /// Where its root is.
    pub candidate: Candidate,
    /// The version dir.
    pub version_dir: PathBuf,
    /// Its seal, held.
    pub seal: Seal,
}

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

impl Installed {
    /// The version in `directory`, if it is sealed, and not being removed. The directory was checked
    /// ([`roots`]): nobody else can change what is in it.
    fn look(candidate: Candidate, version_dir: PathBuf, directory: File) -> Option<Self> {
        let seal = Seal::hold_in(directory, &version_dir)?;
        Some(Self { candidate, version_dir, seal })
    }

    /// Whether it is still there: it may have been removed between a look for its seal and the hold on it.
    pub fn is_there(&self) -> bool {
        layout::seal(&self.version_dir).exists()
    }
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
    fn is_lack_of_memory_for_a_frame(&self) -> bool {
        let (Self::Bundle(BundleError::Io(source)) | Self::Frame(FrameError::Unpack { source, .. })) = self else {
            return false;
        };
        source.kind() == io::ErrorKind::OutOfMemory
    }

    /// The same, as what speaks against a place, if another one may be better.
    fn into_refusal(self) -> Result<Refusal, Self> {
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

/// Makes the version exist, complete, in the first place that has it or can take it.
///
/// # Errors
/// As [`InstallError`] says; the version dir does not exist then.
pub fn install<S: Source>(
    bundle: &Bundle<S>,
    roots: &Roots<'_>,
    watcher: &mut dyn Watcher,
) -> Result<Installed, InstallError> {
    install_in(bundle, roots.candidates(), watcher)
}

/// The same, in the first of these places that can take it.
///
/// # Errors
/// As [`install`].
pub fn install_in<S: Source>(
    bundle: &Bundle<S>,
    candidates: impl Iterator<Item = Candidate>,
    watcher: &mut dyn Watcher,
) -> Result<Installed, InstallError> {
    let _modes = system::ModesAsAsked::set();
    let index = bundle.index()?;
    let mut attempts = Vec::new();
    for candidate in candidates {
        if let Some(installed) = candidate.look(bundle) {
            return Ok(installed);
        }
        let installed = match candidate.prepare() {
            Ok(()) => install_at(bundle, &index, &candidate, watcher),
            Err(refusal) => Err(refusal.into()),
        };
        match installed {
            Ok(installed) => return Ok(installed),
            Err(failed) => attempts.push(Attempt { candidate, refusal: failed.into_refusal()? }),
        }
    }
    Err(InstallError::NoPlace { attempts })
}

fn install_at<S: Source>(
    bundle: &Bundle<S>,
    index: &Index,
    candidate: &Candidate,
    watcher: &mut dyn Watcher,
) -> Result<Installed, InstallError> {
    let root = &candidate.root;
    let version_dir = root.version_dir(&bundle.record().app.version, bundle.digest());
    let owner = Owner::of(bundle.record());
    let look = || candidate.look(bundle);
    let lock = Lock::acquire(&root.lock_file(), || look().is_some(), || wait(watcher));
    if watcher.is_cancelled() {
        return Err(InstallError::Cancelled);
    }
    if let Some(installed) = look() {
        return Ok(installed);
    }
    if lock.is_some() {
        discard::remove_leftovers(root, &owner);
    }
    // Not before: leftovers need room, and so does what another start was staging while this one waited for it.
    candidate.has_room(Needed::by(bundle, index))?;
    if let Some(installed) = restore::restore_in_use(bundle, candidate, &version_dir, watcher)? {
        return Ok(installed);
    }
    discard::set_aside(root, &version_dir, index, &owner);
    Staging::create(root, &version_dir, &owner)?.fill(root, bundle, index, watcher)?.publish(
        &version_dir,
        index,
        watcher,
    )?;
    look().ok_or_else(|| {
        let gone = io::Error::new(io::ErrorKind::NotFound, "it was there and is gone again");
        InstallError::io("use", &version_dir)(gone)
    })
}

/// Tells that we wait; whether to go on with that.
fn wait(watcher: &mut dyn Watcher) -> bool {
    watcher.waiting();
    !watcher.is_cancelled()
}
