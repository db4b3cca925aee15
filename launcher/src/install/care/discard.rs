//! Removing what ekiben has written: version dirs, and staging dirs that were left behind. Each is recognised by its list
//! ([`crate::install::version::file_list`]), and not only by its name; everything else in `versions/` and `staging/` is not
//! ekiben's.
//!
//! A version dir is renamed out of `versions/` first, so that there is never a part of a version under its name. Then what the app
//! has written into it is moved to `kept/`, and the rest is deleted, its list last. If the process is killed in between, the next
//! first start or clean-up goes on with it. An overlay can't rename a directory of its lower layer: there all of that is done in
//! place, and the seal is deleted first.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::kept;
use crate::install::fault;
use crate::install::layout::{self, InstallRoot, OWN};
use crate::install::version::deletion::delete;
use crate::install::version::file_list::{self, Found, List, Owner};
use crate::sys::processes;
use bundle::index::Index;

/// The end of the name of what is being removed.
const GONE: &str = ".gone";

/// What something in `staging/` is, by its name.
#[derive(Debug, PartialEq, Eq)]
enum Leftover {
    /// `<anything>.<process>-<number>`: a staging dir. All of it is ekiben's.
    Staged,
    /// `<version dir>.<process>.gone`: a version dir that is being removed, with what the app has written into it.
    Version(String),
}

/// Removes a version dir, which the caller has claimed. Returns where the files are now that the app had written into it.
///
/// # Errors
/// When it can't be removed. It is then unchanged, or out of `versions/`, or without a seal; the next clean-up goes on with it.
pub(in crate::install) fn discard(root: &InstallRoot, version_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let list = file_list::read(version_dir).and_then(|found| found.list);
    let list = list.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "its list of files is damaged"))?;
    let mut gone = version_dir.file_name().unwrap_or_default().to_os_string();
    gone.push(format!(".{}{GONE}", std::process::id()));
    let gone = root.staging().join(gone);
    let name = version_dir.file_name().unwrap_or_default();
    crate::sys::files::create_directories(&root.staging())?;
    let renamed = fault::point("discard").and_then(|()| fs::rename(version_dir, &gone));
    let tree = match renamed {
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => version_dir,
        renamed => {
            renamed?;
            // Where locks do not work, a start may have begun meanwhile.
            if processes::users(&gone).is_some_and(|users| !users.is_empty()) {
                fs::rename(&gone, version_dir)?;
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "it was just started"));
            }
            &gone
        }
    };
    fault::point("discarded")?;
    empty(root, tree, name, &list)
}

/// Moves what the app has written out of a tree, and deletes the rest.
fn empty(root: &InstallRoot, tree: &Path, name: &OsStr, list: &List) -> io::Result<Vec<PathBuf>> {
    let kept = kept::keep(tree, list, &root.kept().join(name))?;
    // Files that are still open (Windows) are deleted later.
    let deleted = delete(tree);
    if tree.starts_with(root.versions()) {
        deleted?;
    }
    Ok(kept)
}

/// Moves away what has a version's name and no seal. Nothing that ekiben publishes looks like that, but a power cut or a cleaner
/// of temporary files may have removed the seal.
pub(in crate::install) fn move_aside(root: &InstallRoot, version_dir: &Path, index: &Index, owner: &Owner) {
    let Ok(found) = fs::symlink_metadata(version_dir) else { return };
    if layout::seal(version_dir).exists() {
        return;
    }
    let _ = if found.is_dir() {
        // The bundle says as well as the list what belongs in a directory of this name.
        let is_listed = file_list::read(version_dir).is_some_and(|found| found.list.is_some());
        let list = if is_listed { Ok(()) } else { file_list::rewrite(version_dir, owner, index, false) };
        list.and_then(|()| discard(root, version_dir)).map(drop)
    } else {
        kept::move_to(version_dir, &root.kept().join(version_dir.file_name().unwrap_or_default())).map(drop)
    };
}

/// Removes what killed first starts and clean-ups of this owner left behind. To be called with the lock held.
///
/// Another process may be staging without the lock: it has waited too long, or its locks do not work. So each leftover is renamed
/// before anything in it is deleted: a process that still works in it fails then, and can't publish an incomplete tree. (Windows
/// denies the rename while a file in it is open.)
pub(in crate::install) fn remove_leftovers(root: &InstallRoot, owner: &Owner) {
    for path in leftovers(root) {
        // A leftover that can't be removed now is removed later.
        let _ = remove_leftover(root, &path, owner);
    }
}

/// Whether [`remove_leftovers`] would remove something.
pub(in crate::install) fn has_leftovers(root: &InstallRoot, owner: &Owner) -> bool {
    let is_ours = |path: &PathBuf| Owner::read(path).map_or_else(|| is_empty_staging(path), |whose| whose == *owner);
    leftovers(root).any(|path| Leftover::from_path(&path).is_some() && is_ours(&path))
}

/// Whose something in `staging/` is. `None`: it is not ekiben's.
pub(in crate::install) fn owner_of_leftover(path: &Path) -> Option<Owner> {
    Leftover::from_path(path).and_then(|_| Owner::read(path))
}

fn leftovers(root: &InstallRoot) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(root.staging()).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path())
}

fn remove_leftover(root: &InstallRoot, path: &Path, owner: &Owner) -> io::Result<()> {
    let Some(leftover) = Leftover::from_path(path) else { return Ok(()) };
    let Some(found) = file_list::read(path) else { return if is_empty_staging(path) { delete(path) } else { Ok(()) } };
    if found.owner != *owner {
        return Ok(());
    }
    let gone = match path.as_os_str().as_encoded_bytes().ends_with(GONE.as_bytes()) {
        true => path.to_path_buf(),
        false => {
            let mut gone = path.as_os_str().to_os_string();
            gone.push(GONE);
            let gone = PathBuf::from(gone);
            match fault::point("leftover").and_then(|()| fs::rename(path, &gone)) {
                Err(e) if e.kind() == io::ErrorKind::CrossesDevices => path.to_path_buf(),
                renamed => renamed.map(|()| gone)?,
            }
        }
    };
    fault::point("leftover aside")?;
    match (leftover, found) {
        (Leftover::Staged, _) => delete(&gone),
        (Leftover::Version(name), Found { list: Some(list), .. }) => empty(root, &gone, name.as_ref(), &list).map(drop),
        (Leftover::Version(_), _) => Ok(()),
    }
}

/// Whether this is a staging dir of a process that was killed before it had begun the list: it holds nothing, or only an empty
/// list.
fn is_empty_staging(path: &Path) -> bool {
    let holds_only = |directory: &Path, allowed: &Path| match fs::read_dir(directory) {
        Ok(mut entries) => entries.all(|entry| entry.is_ok_and(|entry| entry.path() == allowed)),
        Err(e) => e.kind() == io::ErrorKind::NotFound,
    };
    let (own, list) = (path.join(OWN), layout::installed_file(path));
    holds_only(path, &own) && holds_only(&own, &list) && fs::metadata(&list).map_or(0, |found| found.len()) == 0
}

impl Leftover {
    fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (rest, is_gone) = name.strip_suffix(GONE).map_or((name, false), |rest| (rest, true));
        let (name, numbers) = rest.rsplit_once('.')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match numbers.split_once('-') {
            Some((process, number)) if is_number(process) && is_number(number) => Some(Self::Staged),
            None if is_number(numbers) && is_gone && layout::is_version_name(name) => {
                Some(Self::Version(name.to_owned()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::handmade::{create, owner};

    #[test]
    fn a_leftover_is_recognised_by_its_name_and_its_list() {
        for (name, leftover) in [
            ("1.0-0123456789ab.7-0", Some(Leftover::Staged)),
            ("1.0-0123456789ab.7-0.gone", Some(Leftover::Staged)),
            ("app.exe.7-12", Some(Leftover::Staged)),
            ("1.0-0123456789ab.7.gone", Some(Leftover::Version("1.0-0123456789ab".to_owned()))),
            ("my-drafts.7.gone", None),
            ("1.0-0123456789ab.7", None),
            ("1.0-0123456789ab", None),
            ("upload", None),
            (".gone", None),
            ("photos.2026-", None),
        ] {
            assert_eq!(Leftover::from_path(&Path::new("staging").join(name)), leftover, "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        create(&root);
        let path = |name: &str| root.staging().join(name);
        for (name, whose) in [("1-0123456789ab.7-0", "app"), ("1-0123456789ab.8-0.gone", "app"), ("1-a.9-0", "other")] {
            fs::create_dir_all(path(name).join("lib")).unwrap();
            fs::write(path(name).join("lib/half"), "half").unwrap();
            file_list::begin(&path(name), &owner(whose)).unwrap();
        }
        // Killed before the list was begun.
        fs::create_dir(path("1-0123456789ab.10-0")).unwrap();
        fs::create_dir_all(path("1-0123456789ab.11-0").join(OWN)).unwrap();
        fs::create_dir_all(path("1-0123456789ab.12-0").join(OWN)).unwrap();
        fs::write(layout::installed_file(&path("1-0123456789ab.12-0")), "").unwrap();
        // Nobody's that we know.
        fs::create_dir(path("2026.12-24")).unwrap();
        fs::write(path("2026.12-24/photo"), "").unwrap();
        fs::write(path("1-0123456789ab.13-0"), "").unwrap();
        assert!(has_leftovers(&root, &owner("app")));
        remove_leftovers(&root, &owner("app"));
        assert!(!has_leftovers(&root, &owner("app")));
        let mut left: Vec<_> = fs::read_dir(root.staging()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["1-0123456789ab.13-0", "1-a.9-0", "2026.12-24"]);
    }
}
