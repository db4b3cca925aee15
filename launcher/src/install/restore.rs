//! Repair: what is missing or changed in a version dir comes back from its bundle, file by file.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::{self, Difference, Kind};
use super::content::each_entry;
use super::lock::Lock;
use super::remove::remove_any;
use super::staging::Staging;
use super::{InstallError, Installed, Watcher, extract, publish};
use crate::bundle::Bundle;
use crate::bundle::index::Index;
use crate::bundle::source::Source;

/// Compares an installed version with its bundle, and brings back what is missing or changed. Extra files stay. Returns what
/// differed. If the machine was restarted since the version was installed, it counts as settled then.
///
/// # Errors
/// When the bundle is damaged, or a file can't be replaced (on Windows one that is in use). Each file is then either as it
/// was or as in the bundle.
pub fn restore<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    let root = &installed.candidate.root;
    let _lock = Lock::acquire(&root.lock_file(), || false, || watcher.waiting());
    let index = bundle.index()?;
    let differences = compare::compare(bundle, &index, &installed.version_dir, watcher)?;
    let wanted: BTreeSet<PathBuf> =
        differences.iter().filter(|found| found.kind != Kind::Extra).map(|found| found.path.clone()).collect();
    if !wanted.is_empty() {
        let staging = Staging::create(root, &installed.version_dir)?;
        bring_back(bundle, &index, &wanted, &staging, &installed.version_dir, watcher)?;
    }
    if !installed.seal.is_sound() {
        // An install root that we may only read is settled by whoever may write it.
        let _ = installed.seal.settle();
    }
    Ok(differences)
}

/// Removes what a version dir has and its bundle does not: paths below the version dir.
///
/// # Errors
/// When something can't be removed.
pub fn remove_extra<'a>(installed: &Installed, extra: impl Iterator<Item = &'a Path>) -> Result<(), InstallError> {
    for path in extra {
        let path = installed.version_dir.join(path);
        remove_any(&path).map_err(InstallError::io("remove", &path))?;
    }
    Ok(())
}

fn bring_back<S: Source>(
    bundle: &Bundle<S>,
    index: &Index,
    wanted: &BTreeSet<PathBuf>,
    staging: &Staging,
    version_dir: &Path,
    watcher: &mut dyn Watcher,
) -> Result<(), InstallError> {
    let below = |entry: &crate::bundle::index::Entry| entry.path.below(Path::new(""));
    let holds_wanted =
        |frame: &crate::bundle::index::Frame| frame.entries.iter().any(|entry| wanted.contains(&below(entry)));
    each_entry(bundle, index, &holds_wanted, watcher, &|entry, content| {
        if !wanted.contains(&below(entry)) {
            return Ok(());
        }
        extract::write_entry(staging.path(), entry, content)
    })?;
    for path in wanted {
        let to = version_dir.join(path);
        make_way(version_dir, &to).map_err(InstallError::io("replace", &to))?;
        publish::replace(&staging.path().join(path), &to).map_err(InstallError::io("replace", &to))?;
    }
    Ok(())
}

/// Makes sure that `path` can be renamed to: directories above it, and nothing of another kind in its place.
fn make_way(version_dir: &Path, path: &Path) -> io::Result<()> {
    let above: Vec<_> = path.ancestors().skip(1).take_while(|directory| *directory != version_dir).collect();
    for directory in above.into_iter().rev() {
        if !fs::symlink_metadata(directory).is_ok_and(|there| there.is_dir()) {
            remove(directory)?;
            fs::create_dir(directory)?;
        }
    }
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
