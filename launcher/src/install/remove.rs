//! Removal of an install root. Nothing is touched before every version in it was claimed, so that nothing that runs loses
//! its files; versions leave `versions/` by one rename each. Stopped at any point, it can be done again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::InstallError;
use super::layout::InstallRoot;
use super::lock::Lock;
use super::own_copy;
use super::seal::Claim;
use super::{staging, system};

/// How a removal ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Removal {
    /// Everything of ekiben's is gone, and the root, if it held nothing else.
    Done,
    /// Nothing was removed: these versions are in use.
    InUse(Vec<PathBuf>),
    /// Nothing was removed: somebody is installing, or this account may not write there.
    Locked,
}

/// Removes all that ekiben keeps in a root.
///
/// # Errors
/// When something can't be removed. No version is left in part.
pub fn remove(root: &InstallRoot) -> Result<Removal, InstallError> {
    let Some(lock) = Lock::if_free(&root.lock_file()) else { return Ok(Removal::Locked) };
    let versions = root.installed();
    let claims: Vec<_> = versions.iter().map(|version_dir| Claim::of(version_dir)).collect();
    if claims.iter().any(Option::is_none) {
        let in_use = versions.into_iter().zip(&claims).filter(|(_, claim)| claim.is_none());
        return Ok(Removal::InUse(in_use.map(|(version_dir, _)| version_dir).collect()));
    }
    let _held: Vec<_> = claims.into_iter().flatten().filter_map(Claim::for_the_rename).collect();
    for version_dir in &versions {
        if !staging::discard(root, version_dir) {
            let denied = io::Error::new(io::ErrorKind::ResourceBusy, "a file in it is open");
            return Err(InstallError::io("remove", version_dir)(denied));
        }
    }
    let staging = root.staging();
    or_gone(system::remove_tree(&staging)).map_err(InstallError::io("remove", &staging))?;
    let logs = root.logs();
    or_gone(system::remove_tree(&logs)).map_err(InstallError::io("remove", &logs))?;
    or_gone(fs::remove_file(root.icon())).map_err(InstallError::io("remove", &root.icon()))?;
    // Windows keeps the name of a file that is open.
    drop(lock);
    let lock_file = root.lock_file();
    or_gone(fs::remove_file(&lock_file)).map_err(InstallError::io("remove", &lock_file))?;
    // What is in them now is not ours, or that of a start that has come meanwhile.
    let _ = fs::remove_dir(root.versions());
    let _ = fs::remove_dir(root.path());
    Ok(Removal::Done)
}

/// What is in a root that ekiben has not put there: an app may keep its data in the same directory.
pub fn foreign(root: &InstallRoot) -> Vec<PathBuf> {
    let mut ours = vec![root.versions(), root.staging(), root.lock_file(), root.logs(), root.icon()];
    ours.extend(own_copy::of(root));
    let entries = fs::read_dir(root.path()).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| !ours.contains(path)).collect()
}

/// Removes what [`foreign`] tells, and the root.
///
/// # Errors
/// When something can't be removed.
pub fn remove_foreign(root: &InstallRoot) -> Result<(), InstallError> {
    for path in foreign(root) {
        remove_any(&path).map_err(InstallError::io("remove", &path))?;
    }
    let _ = fs::remove_dir(root.path());
    Ok(())
}

/// Removes a file, a link itself, or a directory with all that is in it.
pub(super) fn remove_any(path: &Path) -> io::Result<()> {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    or_gone(if is_dir { system::remove_tree(path) } else { fs::remove_file(path) })
}

/// Removing what is not there is no failure.
pub(crate) fn or_gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seal::Seal;
    use super::*;

    #[test]
    fn all_goes_but_what_is_not_ours_and_nothing_while_a_version_is_held() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().join("app"));
        root.create().unwrap();
        let versions = ["1-abc", "2-abc"].map(|name| root.versions().join(name));
        for version_dir in &versions {
            fs::create_dir(version_dir).unwrap();
            Seal::write(version_dir).unwrap();
        }
        fs::create_dir(root.staging().join("3-abc.7-0")).unwrap();
        fs::write(root.path().join("notes"), "").unwrap();
        let running = Seal::hold(&versions[1]).unwrap();
        assert_eq!(remove(&root).unwrap(), Removal::InUse(vec![versions[1].clone()]));
        assert!(versions[0].exists());
        drop(running);
        let lock = Lock::if_free(&root.lock_file()).unwrap();
        assert_eq!(remove(&root).unwrap(), Removal::Locked);
        drop(lock);
        assert_eq!(remove(&root).unwrap(), Removal::Done);
        assert_eq!(foreign(&root), [root.path().join("notes")]);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        remove_foreign(&root).unwrap();
        assert!(!root.path().exists());
    }
}
