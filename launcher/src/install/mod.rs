//! A first start: making the version dir exist.
//!
//! 1. Choose: the first place that is safe, can be written and may hold programs ([`places`]).
//! 2. Lock, so that of many simultaneous first starts one does the work and the others wait.
//! 3. Look again: another process may have finished while this one waited. Then check whether there is room.
//! 4. Stage: extract everything into a directory of our own, each frame checked before it is decoded; files that an older
//!    version dir has are linked from there. Then seal it.
//! 5. Publish: one rename makes the version exist.
//!
//! The lock saves work; correctness does not depend on it: staging dirs are unique, and the first rename wins.

use crate::sys::files;
use std::io;

use bundle::Bundle;
use bundle::index::Index;
use bundle::source::Source;

pub mod care;
mod error;
mod fault;
#[cfg(test)]
pub(crate) mod handmade;
pub mod layout;
pub mod lock;
pub mod make;
pub mod places;
pub mod version;
mod watcher;

use care::{discard, restore};
pub use error::InstallError;
use lock::Lock;
use make::staging::Staging;
pub use places::Installed;
use places::{Attempt, Candidate, Needed, Roots};
use version::file_list::Owner;
pub use version::users::is_in_use;
pub use watcher::Watcher;
use watcher::wait;

/// Makes the version exist, complete, in the first place that has it or can hold it.
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

/// The same, in the first of these places that can hold it.
///
/// # Errors
/// As [`install`].
pub fn install_in<S: Source>(
    bundle: &Bundle<S>,
    candidates: impl Iterator<Item = Candidate>,
    watcher: &mut dyn Watcher,
) -> Result<Installed, InstallError> {
    let _modes = files::FixedUmask::set();
    let index = bundle.index()?;
    let mut attempts = Vec::new();
    for candidate in candidates {
        if let Some(installed) = candidate.find(bundle) {
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
    let owner = Owner::from_record(bundle.record());
    let look = || candidate.find(bundle);
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
    // Not earlier: leftovers take room, and so did what another start was staging while this one waited for it.
    candidate.has_room(Needed::from_bundle(bundle, index))?;
    if let Some(installed) = restore::restore_in_use(bundle, candidate, &version_dir, watcher)? {
        return Ok(installed);
    }
    discard::move_aside(root, &version_dir, index, &owner);
    Staging::create(root, &version_dir, &owner)?.fill(root, bundle, index, watcher)?.publish(
        &version_dir,
        index,
        watcher,
    )?;
    look().ok_or_else(|| {
        let gone = io::Error::new(io::ErrorKind::NotFound, "it was deleted right after it was installed");
        InstallError::io("use", &version_dir)(gone)
    })
}
