//! Repair: what is missing or changed in a version dir is restored from its bundle, file by file.
//!
//! Nothing that the app has written is lost. A start repairs if the machine was restarted or something is missing. It leaves files
//! that the app has changed as they are: their time has changed, which a power cut does not do, and they hold more than zeros.
//! `self repair` restores those too, and moves the app's to `kept/` ([`super::kept`]), as everything that is in the way of a
//! missing file.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::{self, Difference, Kind};
use super::kept;
use crate::install::lock::Lock;
use crate::install::make::extract::Extraction;
use crate::install::make::publish;
use crate::install::make::reuse::Older;
use crate::install::make::staging::Staging;
use crate::install::places::{Candidate, Place};
use crate::install::version::file_list::{self, List, Owner};
use crate::install::version::seal::Seal;
use crate::install::version::users;
use crate::install::{InstallError, Installed, Watcher, fault, layout};
use crate::sys::files;
use crate::sys::removal::{remove_any, remove_file};
use bundle::Bundle;
use bundle::entry_path::below;
use bundle::index::{Entry, Index};
use bundle::source::Source;

/// What a repair restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Everything that is missing or changed.
    Everything,
    /// Everything that is missing or changed, except what the app has changed.
    Lost,
}

/// Compares an installed version with its bundle, and restores what is missing or changed. Extra files stay. Returns what
/// differed. If nothing did, and the machine was restarted since the version was written, the version is settled.
///
/// # Errors
/// When the bundle is damaged, or a file can't be replaced (on Windows one that is in use). Each file is then either as it
/// was or as in the bundle, and the seal says that something is wrong.
pub fn restore<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    restore_unless(bundle, installed, What::Everything, || false, watcher)
}

/// The same for a start that has found something wrong. If there are many at once, one does the work, and the others wait until
/// `program` exists again.
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
    restore_unless(bundle, installed, What::Lost, done, watcher).map(drop)
}

/// Whether a cleaner has deleted files of a version in the directory for temporary files: on some systems, cleaners delete single
/// files that were not used for days. Checks once a day whether all files exist; a start that finds one missing has to repair the
/// version.
pub fn has_been_cleaned(installed: &Installed) -> bool {
    let seal = &installed.seal;
    if installed.candidate.place != Place::Temporary || !seal.is_check_due() {
        return false;
    }
    let list = file_list::read(&installed.version_dir).and_then(|found| found.list);
    let is_there = |path: &str| fs::symlink_metadata(below(&installed.version_dir, path)).is_ok();
    if list.is_some_and(|list| list.paths().all(is_there)) {
        let _ = seal.note_check();
        return false;
    }
    seal.invalidate().is_ok()
}

/// Repairs a version that has lost its seal while somebody runs it, so that it can't be installed again. `None`: nobody runs it, or
/// it has its seal. To be called with the lock held.
///
/// # Errors
/// As [`restore`].
pub(in crate::install) fn restore_in_use<S: Source>(
    bundle: &Bundle<S>,
    candidate: &Candidate,
    version_dir: &Path,
    watcher: &mut dyn Watcher,
) -> Result<Option<Installed>, InstallError> {
    let has_lost_its_seal = is_directory(version_dir) && !layout::seal(version_dir).exists();
    if !has_lost_its_seal || !users::is_in_use(version_dir) {
        return Ok(None);
    }
    Seal::write_invalid(version_dir).map_err(InstallError::io("write", &layout::seal(version_dir)))?;
    candidate
        .find(bundle)
        .map(|installed| restore_locked(bundle, &installed, What::Lost, watcher).map(|_| installed))
        .transpose()
}

fn restore_unless<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    what: What,
    done: impl Fn() -> bool,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    let _modes = files::FixedUmask::set();
    let root = &installed.candidate.root;
    let _lock = Lock::acquire(&root.lock_file(), &done, || crate::install::wait(watcher));
    if done() {
        return Ok(Vec::new());
    }
    if watcher.is_cancelled() {
        return Err(InstallError::Cancelled);
    }
    restore_locked(bundle, installed, what, watcher)
}

fn restore_locked<S: Source>(
    bundle: &Bundle<S>,
    installed: &Installed,
    what: What,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    let root = &installed.candidate.root;
    fault::point("compare").map_err(InstallError::io("read", &installed.version_dir))?;
    let index = bundle.index()?;
    let version_dir = &installed.version_dir;
    let differences = compare::compare(bundle, &index, version_dir, watcher)?;
    let list = file_list::read(version_dir).and_then(|found| found.list);
    let is_apps = |found: &Difference| {
        list.as_ref()
            .is_some_and(|list| found.kind == Kind::Changed && is_changed_by_the_app(version_dir, &found.path, list))
    };
    let wanted = |found: &&Difference| found.kind != Kind::Extra && (what == What::Everything || !is_apps(found));
    let wanted: BTreeSet<PathBuf> = differences.iter().filter(wanted).map(|found| found.path.clone()).collect();
    let seal = &installed.seal;
    if !wanted.is_empty() {
        let written =
            |result: io::Result<()>| result.map_err(InstallError::io("write", &layout::seal(&installed.version_dir)));
        written(seal.invalidate())?;
        let staging = Staging::create(root, version_dir, &Owner::from_record(bundle.record()))?;
        let kept = root.kept().join(version_dir.file_name().unwrap_or_default());
        let repair = Repair { wanted: &wanted, staging: &staging, version_dir, kept: &kept, list: list.as_ref() };
        repair.bring_back(bundle, &index, watcher)?;
        renew_list(bundle, &index, version_dir, list.as_ref());
        written(seal.renew())?;
        return Ok(differences);
    }
    renew_list(bundle, &index, version_dir, list.as_ref());
    if !seal.is_sound_now() {
        // A version that this account may only read is settled by one that may write it.
        let _ = seal.settle_compared();
    }
    Ok(differences)
}

/// Removes files that are not in the bundle: paths below the version dir.
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

/// Writes the list of files again if it is missing: every file was just compared with the bundle. If this account may not write it,
/// another one will.
fn renew_list<S: Source>(bundle: &Bundle<S>, index: &Index, version_dir: &Path, list: Option<&List>) {
    if list.is_none() {
        let _ = file_list::rewrite(version_dir, &Owner::from_record(bundle.record()), index, true);
    }
}

/// Whether a file differs from the installed one, and not because a disk has lost its content.
fn is_changed_by_the_app(version_dir: &Path, path: &Path, list: &List) -> bool {
    let at = version_dir.join(path);
    let changed = |found: fs::Metadata| {
        let is_as_installed = text(path).is_some_and(|path| list.is_as_installed(&path, &at, &found));
        found.is_file() && !is_as_installed && !kept::is_blank(&at)
    };
    fs::symlink_metadata(&at).is_ok_and(changed)
}

/// A path of the bundle's, as its index and the list have it.
fn text(path: &Path) -> Option<String> {
    Some(path.iter().map(OsStr::to_str).collect::<Option<Vec<_>>>()?.join("/"))
}

struct Repair<'a> {
    wanted: &'a BTreeSet<PathBuf>,
    staging: &'a Staging,
    version_dir: &'a Path,
    /// Where what the app has written is moved to if it is in the way.
    kept: &'a Path,
    list: Option<&'a List>,
}

impl Repair<'_> {
    fn bring_back<S: Source>(
        &self,
        bundle: &Bundle<S>,
        index: &Index,
        watcher: &mut dyn Watcher,
    ) -> Result<(), InstallError> {
        let wanted = &|entry: &Entry| self.wanted.contains(&entry.path.below(Path::new("")));
        let now = file_list::time_of_installation();
        // The time in the list, so that the list stays true.
        let time = &|path: &str| self.list.map_or(Some(now), |list| list.time(path));
        let (directory, older) = (self.staging.path(), &Older::none());
        Extraction { bundle, index, directory, wanted, time, older }.run(watcher)?;
        for path in self.wanted {
            let (from, to) = (directory.join(path), self.version_dir.join(path));
            self.make_way(path)
                // The files in a directory are wanted entries of their own.
                .and_then(
                    |()| if is_directory(&from) { self.make_directory(path) } else { publish::replace(&from, &to) },
                )
                .map_err(InstallError::io("replace", &to))?;
        }
        Ok(())
    }

    /// Makes sure that a file can be renamed to `path`: creates the directories above it, and moves away what the app has put there.
    fn make_way(&self, path: &Path) -> io::Result<()> {
        let above: Vec<_> = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()).collect();
        for directory in above.into_iter().rev() {
            if !is_directory(&self.version_dir.join(directory)) {
                self.make_directory(directory)?;
            }
        }
        let to = self.version_dir.join(path);
        self.keep(path)?;
        if is_directory(&to) {
            // It holds only empty directories and bytecode that Python has cached.
            return fs::remove_dir_all(to);
        }
        files::allow_replacing(&to);
        Ok(())
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.keep(path)?;
        let path = self.version_dir.join(path);
        remove_file(&path)?;
        files::create_directory(&path)
    }

    /// Moves what is at a path to `kept/`, unless it is what was installed there, or holds nothing.
    fn keep(&self, path: &Path) -> io::Result<()> {
        let at = self.version_dir.join(path);
        let Ok(found) = fs::symlink_metadata(&at) else { return Ok(()) };
        let is_as_installed =
            text(path).zip(self.list).is_some_and(|(path, list)| list.is_as_installed(&path, &at, &found));
        let is_nothing = match found.is_dir() {
            true => !kept::holds_something(&at)?,
            false => found.is_file() && kept::is_blank(&at),
        };
        if is_as_installed || is_nothing { Ok(()) } else { kept::move_to(&at, &self.kept.join(path)).map(drop) }
    }
}

fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_dir())
}
