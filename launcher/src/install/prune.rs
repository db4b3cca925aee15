//! Clean-up: old versions that nobody runs, and what killed processes left behind.
//!
//! A version is claimed before it is touched ([`super::seal`]), leaves `versions/` by one rename, and is deleted then. A start
//! that comes meanwhile finds it whole, or not at all and installs it again.

use std::path::{Path, PathBuf};

use super::fault;
use super::layout::InstallRoot;
use super::lock::Lock;
use super::seal::{Claim, Seal};
use super::staging;

/// What a clean-up did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Version dirs that are gone.
    pub removed: Vec<PathBuf>,
    /// Version dirs that would have gone, and are in use.
    pub in_use: Vec<PathBuf>,
}

/// Whether a clean-up would find something to do, without doing it.
pub fn is_due(root: &InstallRoot, keep: u32, current: &Path) -> bool {
    let leftovers = std::fs::read_dir(root.staging()).is_ok_and(|mut entries| entries.next().is_some());
    leftovers || !surplus(root, keep, current).is_empty()
}

/// Removes all versions but the newest `keep`, `current` among them, and the leftovers. `None` when somebody is installing or
/// cleaning up right now.
pub fn prune(root: &InstallRoot, keep: u32, current: &Path) -> Option<Pruned> {
    let _lock = Lock::if_free(&root.lock_file())?;
    prune_locked(root, keep, current)
}

fn prune_locked(root: &InstallRoot, keep: u32, current: &Path) -> Option<Pruned> {
    fault::point("clean-up").ok()?;
    staging::remove_leftovers(root);
    let mut pruned = Pruned::default();
    for version_dir in surplus(root, keep, current) {
        if remove(root, &version_dir) { &mut pruned.removed } else { &mut pruned.in_use }.push(version_dir);
    }
    Some(pruned)
}

/// What nobody waits for: the clean-up, and settling the current version, if it is time for that. Left undone, a later start
/// does it.
pub fn afterwards(root: &InstallRoot, keep: u32, current: &Path) {
    let Some(_lock) = Lock::if_free(&root.lock_file()) else { return };
    prune_locked(root, keep, current);
    if let Some(seal) = Seal::hold(current).filter(Seal::is_to_be_flushed) {
        let _ = seal.flush();
    }
}

fn surplus(root: &InstallRoot, keep: u32, current: &Path) -> Vec<PathBuf> {
    let mut others: Vec<_> = root.installed().into_iter().filter(|version_dir| version_dir != current).collect();
    let kept = usize::try_from(keep).unwrap_or(usize::MAX).saturating_sub(1);
    others.truncate(others.len().saturating_sub(kept));
    others
}

fn remove(root: &InstallRoot, version_dir: &Path) -> bool {
    let Some(claim) = Claim::of(version_dir) else { return false };
    if fault::point("claimed").is_err() {
        return false;
    }
    let _claim = claim.for_the_rename();
    staging::discard(root, version_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_what_is_in_use_stays_too() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        root.create().unwrap();
        let versions: Vec<_> = (0..6).map(|n| root.versions().join(format!("{n}-abc"))).collect();
        for (age, version_dir) in versions.iter().enumerate() {
            std::fs::create_dir(version_dir).unwrap();
            Seal::write(version_dir).unwrap();
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age as u64 * 100);
            std::fs::File::open(version_dir).unwrap().set_modified(time).unwrap();
        }
        std::fs::create_dir(root.staging().join("7-abc.99-0")).unwrap();
        let running = Seal::hold(&versions[1]).unwrap();
        let current = &versions[2];
        assert!(is_due(&root, 3, current));
        let pruned = prune(&root, 3, current).unwrap();
        assert_eq!(pruned.removed, [versions[0].clone(), versions[3].clone()]);
        assert_eq!(pruned.in_use, [versions[1].clone()]);
        drop(running);
        assert_eq!(prune(&root, 3, current).unwrap().removed, [versions[1].clone()]);
        assert_eq!(root.installed(), [versions[2].clone(), versions[4].clone(), versions[5].clone()]);
        assert!(!is_due(&root, 3, current));
    }

    #[test]
    fn a_clean_up_does_not_wait_for_an_installation() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        root.create().unwrap();
        let _lock = Lock::if_free(&root.lock_file()).unwrap();
        assert_eq!(prune(&root, 1, Path::new("current")), None);
    }
}
