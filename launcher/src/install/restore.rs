//! Repair: what is missing or changed in a version dir comes back from its bundle, file by file.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::{self, Difference, Kind};
use super::extract::Extraction;
use super::lock::Lock;
use super::remove::remove_any;
use super::reuse::Older;
use super::staging::Staging;
use super::{InstallError, Installed, Watcher, fault, layout, publish, system};
use crate::bundle::Bundle;
use crate::bundle::index::{Entry, Index};
use crate::bundle::source::Source;

/// Compares an installed version with its bundle, and brings back what is missing or changed. Extra files stay. Returns what
/// differed. If nothing did, and the machine was restarted since the version was written, it counts as settled then.
///
/// # Errors
/// When the bundle is damaged, or a file can't be replaced (on Windows one that is in use). Each file is then either as it
/// was or as in the bundle, and the seal says that something is wrong.
pub fn restore<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    restore_unless(bundle, installed, || false, watcher)
}

/// The same for a start that has found something wrong: of many at once one does the work, and the others wait until their
/// program is there again.
///
/// # Errors
/// As [`restore`].
pub fn restore_for<S: Source>(
    program: &Path,
    bundle: &Bundle<S>,
    installed: &Installed,
    watcher: &mut dyn Watcher,
) -> Result<(), InstallError> {
    let done = || installed.seal.is_sound_now() && program.exists();
    restore_unless(bundle, installed, done, watcher).map(drop)
}

fn restore_unless<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    done: impl Fn() -> bool,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    let _modes = system::ModesAsAsked::set();
    let root = &installed.candidate.root;
    let _lock = Lock::acquire(&root.lock_file(), &done, || super::wait(watcher));
    if done() {
        return Ok(Vec::new());
    }
    if watcher.is_cancelled() {
        return Err(InstallError::Cancelled);
    }
    fault::point("compare").map_err(InstallError::io("read", &installed.version_dir))?;
    let index = bundle.index()?;
    let differences = compare::compare(bundle, &index, &installed.version_dir, watcher)?;
    let wanted: BTreeSet<PathBuf> =
        differences.iter().filter(|found| found.kind != Kind::Extra).map(|found| found.path.clone()).collect();
    let seal = &installed.seal;
    if !wanted.is_empty() {
        let written =
            |result: io::Result<()>| result.map_err(InstallError::io("write", &layout::seal(&installed.version_dir)));
        written(seal.doubt())?;
        let staging = Staging::create(root, &installed.version_dir)?;
        bring_back(bundle, &index, &wanted, &staging, &installed.version_dir, watcher)?;
        written(seal.renew())?;
    } else if !seal.is_sound_now() {
        // An install root that we may only read is settled by whoever may write it.
        let _ = seal.settle();
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
    let is_wanted = |entry: &Entry| wanted.contains(&entry.path.below(Path::new("")));
    let directory = staging.path();
    Extraction { bundle, index, directory, wanted: &is_wanted, older: &Older::none() }.run(watcher)?;
    for path in wanted {
        let (from, to) = (staging.path().join(path), version_dir.join(path));
        make_way(version_dir, &to)
            // A directory's files have their own turn.
            .and_then(|()| if is_directory(&from) { make_directory(&to) } else { publish::replace(&from, &to) })
            .map_err(InstallError::io("replace", &to))?;
    }
    Ok(())
}

/// Makes sure that `path` can be renamed to: directories above it, and nothing of another kind in its place.
fn make_way(version_dir: &Path, path: &Path) -> io::Result<()> {
    let above: Vec<_> = path.ancestors().skip(1).take_while(|directory| *directory != version_dir).collect();
    for directory in above.into_iter().rev() {
        if !is_directory(directory) {
            make_directory(directory)?;
        }
    }
    if is_directory(path) {
        return fs::remove_dir_all(path);
    }
    system::allow_replacing(path);
    Ok(())
}

fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_dir())
}

fn make_directory(path: &Path) -> io::Result<()> {
    remove(path)?;
    system::create_directory(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
