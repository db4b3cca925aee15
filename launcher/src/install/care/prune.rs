//! Clean-up: old versions that nobody runs, and what killed processes left behind.
//!
//! A version is claimed first ([`crate::install::version::users`]), then renamed out of `versions/`, and then deleted, except what
//! the app has written into it ([`super::discard`]). A start at the same time finds the version whole, or not at all and installs
//! it again. Versions of another publisher's app with the same id are left alone.

use std::io;
use std::path::{Path, PathBuf};

use super::discard;
use crate::install::fault;
use crate::install::layout::InstallRoot;
use crate::install::lock::Lock;
use crate::install::version::file_list::{self, Owner};
use crate::install::version::seal::Seal;
use crate::install::version::users;
use crate::sys::processes::Process;

/// What a clean-up did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// Version dirs that were removed, and for each where the files are now that the app had written into it.
    pub removed: Vec<(PathBuf, Vec<PathBuf>)>,
    /// Version dirs that were not removed because they are in use; by whom, as far as that is known.
    pub in_use: Vec<(PathBuf, Vec<Process>)>,
    /// Version dirs that could not be removed, and why.
    pub failed: Vec<(PathBuf, io::Error)>,
}

/// Whether a clean-up would remove something.
pub fn is_due(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) -> bool {
    discard::has_leftovers(root, owner) || !surplus(root, keep, current, owner).is_empty()
}

/// Removes leftovers, and all versions except the newest `keep`, one of which is `current`. `None` when somebody is installing or
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
        let list = file_list::read(&version_dir).and_then(|found| found.list);
        match users::claim(&version_dir, list.as_ref()) {
            Err(by) => pruned.in_use.push((version_dir, by)),
            Ok(claim) => {
                let _claim = claim.into_rename_guard();
                match fault::point("claimed").and_then(|()| discard::discard(root, &version_dir)) {
                    Ok(kept) => pruned.removed.push((version_dir, kept)),
                    Err(error) => pruned.failed.push((version_dir, error)),
                }
            }
        }
    }
    Some(pruned)
}

/// The work in the background: the clean-up, and settling the current version if it is time for that. If it fails, a later start
/// does it.
pub fn afterwards(root: &InstallRoot, keep: u32, current: &Path, owner: &Owner) {
    let Some(_lock) = Lock::if_free(&root.lock_file()) else { return };
    prune_locked(root, keep, current, owner);
    if let Some(seal) = Seal::hold(current).filter(Seal::is_flush_due) {
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
    // Their owners are read only if there may be too many: a start that has nothing to remove opens no list.
    if others.len() > kept {
        others.retain(|version_dir| Owner::read(version_dir).as_ref() == Some(owner));
    }
    others.truncate(others.len().saturating_sub(kept));
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::handmade::{create, owner, version_dir};

    #[test]
    fn the_newest_versions_and_those_in_use_stay() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        create(&root);
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
        create(&root);
        let _lock = Lock::if_free(&root.lock_file()).unwrap();
        assert!(prune(&root, 1, Path::new("current"), &owner("app")).is_none());
    }
}
