//! Repair: what is missing or changed in a version dir comes back from its bundle, file by file.
//!
//! Nothing that the app has written is lost by it. A start that repairs, because the machine was restarted or something is
//! missing, leaves files that the app has changed as they are: they have another time than they were given, which a power
//! cut does not do, and hold more than zeros. Whoever asks for a repair gets the bundle's files, and those are moved to
//! `kept/` ([`super::kept`]), as is everything that is in the way of a file that is missing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::{self, Difference, Kind};
use super::kept;
use super::remove::{or_gone, remove_any};
use crate::install::lock::Lock;
use crate::install::make::extract::Extraction;
use crate::install::make::publish;
use crate::install::make::reuse::Older;
use crate::install::make::staging::Staging;
use crate::install::places::{Candidate, Place};
use crate::install::version::listed::{self, List, Owner};
use crate::install::version::seal::Seal;
use crate::install::version::users;
use crate::install::{InstallError, Installed, Watcher, fault, layout, system};
use bundle::Bundle;
use bundle::entry_path::below;
use bundle::index::{Entry, Index};
use bundle::source::Source;

/// What a repair brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// All that is missing or changed.
    Everything,
    /// What was lost: not what the app has changed.
    Lost,
}

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
    restore_unless(bundle, installed, What::Everything, || false, watcher)
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
    restore_unless(bundle, installed, What::Lost, done, watcher).map(drop)
}

/// Whether a cleaner has been at a version among temporary files: those of some systems remove single files that nobody has
/// used for days. Asked once a day, of the names of all files; a start that finds one missing has to repair the version.
pub fn has_been_cleaned(installed: &Installed) -> bool {
    let seal = &installed.seal;
    if installed.candidate.place != Place::Temporary || !seal.is_to_be_looked_over() {
        return false;
    }
    let list = listed::read(&installed.version_dir).and_then(|found| found.list);
    let is_there = |path: &str| fs::symlink_metadata(below(&installed.version_dir, path)).is_ok();
    if list.is_some_and(|list| list.paths().all(is_there)) {
        let _ = seal.looked_over();
        return false;
    }
    seal.doubt().is_ok()
}

/// Repairs a version that has lost its seal while somebody runs it: it can't be made anew then. `None`: nobody does. To be
/// called by whoever has the lock.
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
    Seal::write_doubt(version_dir).map_err(InstallError::io("write", &layout::seal(version_dir)))?;
    candidate
        .look(bundle)
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
    let _modes = system::ModesAsAsked::set();
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
    let list = listed::read(version_dir).and_then(|found| found.list);
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
        written(seal.doubt())?;
        let staging = Staging::create(root, version_dir, &Owner::of(bundle.record()))?;
        let kept = root.kept().join(version_dir.file_name().unwrap_or_default());
        let repair = Repair { wanted: &wanted, staging: &staging, version_dir, kept: &kept, list: list.as_ref() };
        repair.bring_back(bundle, &index, watcher)?;
        renew_list(bundle, &index, version_dir, list.as_ref());
        written(seal.renew())?;
        return Ok(differences);
    }
    renew_list(bundle, &index, version_dir, list.as_ref());
    if !seal.is_sound_now() {
        // An install root that we may only read is settled by whoever may write it.
        let _ = seal.settle_compared();
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

/// Where it has lost its list, it gets another one: every file was just compared with the bundle. Where this account may not
/// write it, somebody else will.
fn renew_list<S: Source>(bundle: &Bundle<S>, index: &Index, version_dir: &Path, list: Option<&List>) {
    if list.is_none() {
        let _ = listed::write_anew(version_dir, &Owner::of(bundle.record()), index, true);
    }
}

/// Whether a file is another one than was installed, and not because a disk has lost it.
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
    /// Gets what the app has written and is in the way.
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
        let now = listed::time_of_installation();
        // As the list has it, so that it stays true.
        let time = &|path: &str| self.list.map_or(Some(now), |list| list.time(path));
        let (directory, older) = (self.staging.path(), &Older::none());
        Extraction { bundle, index, directory, wanted, time, older }.run(watcher)?;
        for path in self.wanted {
            let (from, to) = (directory.join(path), self.version_dir.join(path));
            self.make_way(path)
                // A directory's files have their own turn.
                .and_then(
                    |()| if is_directory(&from) { self.make_directory(path) } else { publish::replace(&from, &to) },
                )
                .map_err(InstallError::io("replace", &to))?;
        }
        Ok(())
    }

    /// Makes sure that `path` can be renamed to: directories above it, and nothing in its place that the app may miss.
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
            // Nothing but empty directories and what Python has cached.
            return fs::remove_dir_all(to);
        }
        system::allow_replacing(&to);
        Ok(())
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.keep(path)?;
        let path = self.version_dir.join(path);
        or_gone(fs::remove_file(&path))?;
        system::create_directory(&path)
    }

    /// Moves what is at a path to `kept/`, unless it is what was installed there, or nothing that anybody could miss.
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
