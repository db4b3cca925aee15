//! Removal of an install root. Every version in it is claimed before anything is removed, so that no running process loses its
//! files; each version is renamed out of `versions/` first. If it is stopped at any point, it can be repeated.
//!
//! Only what ekiben has written is removed: version dirs and staging dirs are recognised by their lists, logs by their names, other
//! files by their content. If another publisher's app with the same id is installed too, what both may use stays.

use std::fs;
use std::path::{Path, PathBuf};

use super::{discard, kept, logs};
use crate::install::InstallError;
use crate::install::layout::{self, InstallRoot};
use crate::install::lock::Lock;
use crate::install::make::{own_copy, own_icon};
use crate::install::places::marker;
use crate::install::version::file_list::{self, Owner};
use crate::install::version::users;
use crate::sys::new_file;
use crate::sys::removal::{remove_any, remove_file};

/// How a removal ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Removal {
    /// Everything of ekiben's was removed, and the root, if it held nothing else.
    Done,
    /// Nothing was removed: these versions are in use.
    InUse(Vec<PathBuf>),
    /// Nothing was removed: somebody is installing, or this account may not write there.
    Locked,
}

/// Something in a root that is removed only on request.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign {
    /// Its path.
    pub path: PathBuf,
    /// Whose it is.
    pub whose: Whose,
}

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Not ekiben's: the app's, or its user's.
    Apps,
    /// The same, but the app may be another publisher's.
    Shared,
    /// A version, or a program, of another publisher's app.
    OtherPublishers,
}

/// Removes everything of this owner's that ekiben has written into a root, except the copy of the program.
///
/// # Errors
/// When something can't be removed. No version is left in part.
pub fn remove(root: &InstallRoot, owner: &Owner) -> Result<Removal, InstallError> {
    let Some(lock) = Lock::if_free(&root.lock_file()) else { return Ok(Removal::Locked) };
    let versions = versions_of(root, owner);
    let list = |version_dir: &Path| file_list::read(version_dir).and_then(|found| found.list);
    let claims: Vec<_> = versions.iter().map(|path| users::claim(path, list(path).as_ref()).ok()).collect();
    if claims.iter().any(Option::is_none) {
        let in_use = versions.into_iter().zip(&claims).filter(|(_, claim)| claim.is_none());
        return Ok(Removal::InUse(in_use.map(|(version_dir, _)| version_dir).collect()));
    }
    let _held: Vec<_> = claims.into_iter().flatten().filter_map(|claim| claim.into_rename_guard()).collect();
    for version_dir in &versions {
        discard::discard(root, version_dir).map_err(InstallError::io("remove", version_dir))?;
    }
    discard::remove_leftovers(root, owner);
    own_icon::remove(root, owner).map_err(InstallError::io("remove", &root.icon()))?;
    if is_shared(root, owner) {
        return Ok(Removal::Done);
    }
    for file in logs_of(root).into_iter().chain(updates_of(root)) {
        remove_file(&file).map_err(InstallError::io("remove", &file))?;
    }
    // Windows keeps a deleted file's name while the file is open.
    drop(lock);
    if is_lock(&root.lock_file()) {
        remove_file(&root.lock_file()).map_err(InstallError::io("remove", &root.lock_file()))?;
    }
    // What is in them now is not ours, or belongs to a start that has begun meanwhile.
    let updates = [root.update_downloads(), root.updates()];
    let others = [root.staging(), root.logs(), root.kept(), root.versions(), root.path().to_path_buf()];
    for directory in updates.into_iter().chain(others) {
        let _ = fs::remove_dir(directory);
    }
    Ok(Removal::Done)
}

/// This owner's version dirs.
pub fn versions_of(root: &InstallRoot, owner: &Owner) -> Vec<PathBuf> {
    let is_ours = |path: &PathBuf| Owner::read(path).as_ref() == Some(owner);
    root.installed().into_iter().filter(is_ours).collect()
}

/// What the app has written into its version dirs. A removal moves it to `kept/`.
pub fn written_into_versions(root: &InstallRoot, owner: &Owner) -> Vec<PathBuf> {
    let written = |version_dir: PathBuf| {
        let list = file_list::read(&version_dir).and_then(|found| found.list);
        let found = list.and_then(|list| kept::foreign(&version_dir, &list).ok()).unwrap_or_default();
        found.into_iter().map(move |path| version_dir.join(path))
    };
    versions_of(root, owner).into_iter().flat_map(written).collect()
}

/// What is in a root and is not ekiben's, or not this owner's, sorted by path. A removal leaves it.
pub fn foreign(root: &InstallRoot, owner: &Owner) -> Vec<Foreign> {
    let apps = if is_shared(root, owner) { Whose::Shared } else { Whose::Apps };
    let is_of_another = |whose: Option<Owner>| match whose {
        Some(whose) if whose == *owner => None,
        Some(_) => Some(Whose::OtherPublishers),
        None => Some(apps),
    };
    let copy = own_copy::owner(root);
    let mut found = Vec::new();
    for path in entries(root.path()) {
        let parts: Vec<(PathBuf, Option<Whose>)> = if path == root.versions() {
            let is_version =
                |path: &Path| path.file_name()?.to_str().filter(|name| layout::is_version_name(name)).map(drop);
            let whose = |path: &Path| is_version(path).and_then(|()| Owner::read(path));
            entries(&path).into_iter().map(|path| (path.clone(), is_of_another(whose(&path)))).collect()
        } else if path == root.staging() {
            let whose = |path: &Path| is_of_another(discard::owner_of_leftover(path));
            entries(&path).into_iter().map(|path| (path.clone(), whose(&path))).collect()
        } else if path == root.logs() && apps == Whose::Apps {
            let logs = logs_of(root);
            entries(&path).into_iter().filter(|path| !logs.contains(path)).map(|path| (path, Some(apps))).collect()
        } else if path == root.updates() && apps == Whose::Apps {
            let mut ours = updates_of(root);
            ours.push(root.update_downloads());
            entries(&path).into_iter().filter(|path| !ours.contains(path)).map(|path| (path, Some(apps))).collect()
        } else if path == root.executable() && copy.is_some() {
            vec![(path, is_of_another(copy.clone()))]
        } else if path == root.lock_file() && is_lock(&path)
            || path == root.icon() && own_icon::is_ours(root, owner)
            || path == root.icon_note() && own_icon::is_note(root, owner)
            || path == root.marker() && marker::is_machine_root(root, owner)
            || path == root.services()
        {
            Vec::new()
        } else {
            vec![(path, Some(apps))]
        };
        found.extend(parts.into_iter().filter_map(|(path, whose)| Some(Foreign { path, whose: whose? })));
    }
    found.sort_unstable();
    found
}

/// Removes what [`foreign`] tells of the app itself, and the root.
///
/// # Errors
/// When something can't be removed.
pub fn remove_foreign(root: &InstallRoot, owner: &Owner) -> Result<(), InstallError> {
    for Foreign { path, .. } in foreign(root, owner).into_iter().filter(|found| found.whose == Whose::Apps) {
        remove_any(&path).map_err(InstallError::io("remove", &path))?;
    }
    for directory in [root.staging(), root.logs(), root.versions(), root.path().to_path_buf()] {
        let _ = fs::remove_dir(directory);
    }
    Ok(())
}

/// Whether an app of the same id and another publisher is installed here.
fn is_shared(root: &InstallRoot, owner: &Owner) -> bool {
    root.installed().iter().any(|path| Owner::read(path).is_some_and(|whose| whose != *owner))
}

/// A lock is an empty file.
fn is_lock(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// Every name that a log of ekiben's can have, and their lock.
fn logs_of(root: &InstallRoot) -> Vec<PathBuf> {
    let mut all = vec![layout::log_lock(&root.app_log())];
    for log in [root.app_log(), root.launcher_log()] {
        all.extend((1..=logs::OLDER).map(|age| layout::older_log(&log, age)));
        all.push(log);
    }
    all
}

/// Every file that an updater has.
fn updates_of(root: &InstallRoot) -> Vec<PathBuf> {
    let mut all = entries(&root.update_downloads());
    all.extend([root.update_lock(), root.update_previous()]);
    let replaced_whole = [root.update_state(), root.update_checked(), root.update_found()];
    let is_ours = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(layout::is_of_update)
            || replaced_whole.iter().any(|whole| new_file::is_unfinished(path, whole))
    };
    all.extend(entries(&root.updates()).into_iter().filter(is_ours));
    all.extend(replaced_whole);
    all
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::handmade::{create, owner, version_dir};
    use crate::install::version::seal::Seal;

    #[test]
    fn everything_of_ours_is_removed_and_nothing_while_a_version_is_held() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().join("app"));
        create(&root);
        let app = owner("app");
        let versions = ["1-0123456789ab", "2-0123456789ab"].map(|name| root.versions().join(name));
        versions.iter().for_each(|path| version_dir(path, &app));
        fs::create_dir(root.staging().join("3-0123456789ab.7-0")).unwrap();
        fs::write(root.path().join("notes"), "").unwrap();
        fs::create_dir_all(root.update_downloads()).unwrap();
        let unfinished = root.updates().join("state.json.0123456789abcdef.new");
        let files =
            [root.update_state(), root.update_lock(), root.update_download(bundle::Digest::of(b"")), unfinished];
        for file in files.into_iter().chain([root.update_replaced(7), layout::probation(&versions[0])]) {
            fs::write(file, "").unwrap();
        }
        let running = Seal::hold(&versions[1]).unwrap();
        assert_eq!(remove(&root, &app).unwrap(), Removal::InUse(vec![versions[1].clone()]));
        assert!(versions[0].exists());
        drop(running);
        let lock = Lock::if_free(&root.lock_file()).unwrap();
        assert_eq!(remove(&root, &app).unwrap(), Removal::Locked);
        drop(lock);
        assert_eq!(remove(&root, &app).unwrap(), Removal::Done);
        assert_eq!(foreign(&root, &app), [Foreign { path: root.path().join("notes"), whose: Whose::Apps }]);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        remove_foreign(&root, &app).unwrap();
        assert!(!root.path().exists());
    }
}
