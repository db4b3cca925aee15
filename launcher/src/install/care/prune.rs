//! Clean-up: old versions that nobody runs, and what killed processes left behind.
//!
//! A version is claimed before it is touched ([`crate::install::version::users`]), leaves `versions/` by one rename, and is deleted then, less
//! what the app has written into it ([`super::discard`]). A start that comes meanwhile finds it whole, or not at all and
//! installs it again. Versions of another publisher's app with the same id are none of ours.

use std::io;
use std::path::{Path, PathBuf};

use super::discard;
use crate::install::fault;
use crate::install::layout::InstallRoot;
use crate::install::lock::Lock;
use crate::install::version::listed::{self, Owner};
use crate::install::version::seal::Seal;
use crate::install::version::users;
use crate::processes::Process;

/// What a clean-up did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// Version dirs that are gone, and where that is now which the app had written into each.
    pub removed: Vec<(PathBuf, Vec<PathBuf>)>,
    /// Version dirs that would have gone, and are in use; by whom, as far as that is known.
    pub in_use: Vec<(PathBuf, Vec<Process>)>,
    /// Version dirs that would have gone, and why they could not.
    pub failed: Vec<(PathBuf, io::Error)>,
}

/// Whether a clean-up would find something to do, without doing it.
pub fn is_due(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) -> bool {
    discard::is_something_left(root, owner) || !surplus(root, keep, current, owner).is_empty()
}

/// Removes all versions but the newest `keep`, `current` among them, and the leftovers. `None` when somebody is installing or
/// cleaning up right now.
pub fn prune(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) -> Option<Pruned> {
    let _lock = Lock::if_free(&root.lock_file())?;
    prune_locked(root, keep, current, owner)
}

fn prune_locked(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) -> Option<Pruned> {
    fault::point("clean-up").ok()?;
    discard::remove_leftovers(root, owner);
    let mut pruned = Pruned::default();
    for version_dir in surplus(root, keep, current, owner) {
        let list = listed::read(&version_dir).and_then(|found| found.list);
        match users::claim(&version_dir, list.as_ref()) {
            Err(by) => pruned.in_use.push((version_dir, by)),
            Ok(claim) => {
                let _claim = claim.for_the_rename();
                match fault::point("claimed").and_then(|()| discard::discard(root, &version_dir)) {
                    Ok(kept) => pruned.removed.push((version_dir, kept)),
                    Err(error) => pruned.failed.push((version_dir, error)),
                }
            }
        }
    }
    Some(pruned)
}

/// What nobody waits for: the clean-up, and settling the current version, if it is time for that. Left undone, a later start
/// does it.
pub fn afterwards(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) {
    let Some(_lock) = Lock::if_free(&root.lock_file()) else { return };
    prune_locked(root, keep, current, owner);
    if let Some(seal) = Seal::hold(current).filter(Seal::is_to_be_flushed) {
        let _ = seal.flush();
    }
}

/// The same at the end of an installation for the whole machine: the version is settled at once, because whoever starts it
/// later can't.
pub fn finish(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) {
    let Some(_lock) = Lock::if_free(&root.lock_file()) else { return };
    prune_locked(root, keep, current, owner);
    if let Some(seal) = Seal::hold(current).filter(|seal| !seal.is_settled()) {
        let _ = seal.flush();
    }
}

fn surplus(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) -> Vec<PathBuf> {
    let kept = usize::try_from(keep).unwrap_or(usize::MAX).saturating_sub(1);
    let mut others: Vec<_> = root.installed().into_iter().filter(|version_dir| version_dir != current).collect();
    // Whose they are is read when there may be too many: a start that has nothing to remove opens none of these lists.
    if others.len() > kept {
        others.retain(|version_dir| Owner::of_directory(version_dir).as_ref() == Some(owner));
    }
    others.truncate(others.len().saturating_sub(kept));
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::handmade::{owner, version_dir};

    #[test]
    fn the_newest_stay_and_what_is_in_use_stays_too() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        root.create().unwrap();
        let versions: Vec<_> = (0..6).map(|n| root.versions().join(format!("{n}-0123456789ab"))).collect();
        let app = owner("app");
        for (age, path) in versions.iter().enumerate() {
            version_dir(path, &app);
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age as u64 * 100);
            std::fs::File::open(path).unwrap().set_modified(time).unwrap();
        }
        let others = ["7-0123456789ab", "my-drafts"].map(|name| root.versions().join(name));
        version_dir(&others[0], &owner("other"));
        version_dir(&others[1], &app);
        let running = Seal::hold(&versions[1]).unwrap();
        let current = &versions[2];
        let removed = |pruned: Pruned| pruned.removed.into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert!(is_due(&root, 3, current, &app));
        let pruned = prune(&root, 3, current, &app).unwrap();
        assert_eq!(pruned.in_use, [(versions[1].clone(), Vec::new())]);
        assert_eq!(removed(pruned), [versions[0].clone(), versions[3].clone()]);
        drop(running);
        assert_eq!(removed(prune(&root, 3, current, &app).unwrap()), [versions[1].clone()]);
        assert!([2, 4, 5].iter().all(|at| versions[*at].is_dir()) && others.iter().all(|path| path.is_dir()));
        assert!(!is_due(&root, 3, current, &app));
    }

    #[test]
    fn a_clean_up_does_not_wait_for_an_installation() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        root.create().unwrap();
        let _lock = Lock::if_free(&root.lock_file()).unwrap();
        assert!(prune(&root, 1, Path::new("current"), &owner("app")).is_none());
    }
}
