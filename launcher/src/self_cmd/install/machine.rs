//! `self install --system`: for the whole machine, by an admin. Everything is in one directory that admins alone may write:
//! a copy of this file, the versions, and what belongs to services. What that directory may be is decided here, from facts
//! that [`crate::sys::machine_place`] finds.
//!
//! Done again, by any bundle of this app, it repairs and updates all of it, and restarts the services that run. Stopped at
//! any point, it is completed by doing it again. The marker comes first: what has it is ekiben's to complete or remove.

use std::fs;
use std::path::{Path, PathBuf};

use super::menu::{self, Made, Wanted};
use super::{DIR, InstallRoot, LaunchError, SelfCommand};
use crate::install::care::{prune, restore};
use crate::install::make::own_copy::OwnCopy;
use crate::install::make::own_icon;
use crate::install::places::{Candidate, Place, Refusal, marker};
use crate::install::{self, InstallError};
use crate::notify::Progress;
use crate::self_cmd::service::{self, failed};
use crate::service::Unfit;
use crate::sys::machine_place;
use crate::sys::new_file;

/// Installs it, or brings it up to date. Where, and whether that has changed something that services run.
pub(in crate::self_cmd) fn install(
    command: &SelfCommand<'_>,
    made: &mut Made,
) -> Result<(InstallRoot, bool), LaunchError> {
    machine_place::check_rights().map_err(failed(command, "install"))?;
    let root = wanted(command)?;
    accept(command, &root)?;
    let is_new = fill(command, &root, made)?;
    let has_changed = service::bring_up_to_date(command, &root, made)?;
    Ok((root, is_new || has_changed))
}

/// The machine-wide root of this app: that of the file that runs; one that the system knows of; or the usual one.
pub(in crate::self_cmd) fn root(command: &SelfCommand<'_>) -> Option<InstallRoot> {
    let app = &command.bundle.record().app.id;
    let known = machine_place::roots(app).into_iter().chain(usual(command));
    let owner = command.owner();
    command.roots().machine().into_iter().chain(known).find(|root| marker::is_machine_root(root, &owner))
}

fn usual(command: &SelfCommand<'_>) -> Option<InstallRoot> {
    let app = &command.bundle.record().app;
    Some(InstallRoot::of(machine_place::usual(app)?, &app.id))
}

/// The root that was asked for: an admin's directory, or the one that there is, or the usual one.
fn wanted(command: &SelfCommand<'_>) -> Result<InstallRoot, LaunchError> {
    let app = &command.bundle.record().app.id;
    let chosen = command.options.value(DIR.name).map(|path| std::path::absolute(Path::new(path)));
    let chosen = chosen.transpose().ok().flatten();
    let root = chosen.map(|path| InstallRoot::of(path, app)).or_else(|| root(command)).or_else(|| usual(command));
    root.ok_or_else(|| LaunchError::Misuse {
        what: "there is no usual directory for programs on this machine".to_owned(),
        help: "say where with `--dir`".to_owned(),
    })
}

/// Makes the root, with a marker in it, if it may be one.
fn accept(command: &SelfCommand<'_>, root: &InstallRoot) -> Result<(), LaunchError> {
    let (path, owner) = (root.path(), &command.owner());
    if let Some(unfit) = machine_place::unfit(path) {
        return Err(unfit_for(path, unfit));
    }
    if !marker::is_machine_root(root, owner)
        && let Some(foreign) = foreign_in(root)
    {
        return Err(LaunchError::Refused {
            what: format!("`{}` holds something else: `{}`", path.display(), foreign.display()),
            help: "choose a directory that is empty, or not there yet, with `--dir`".to_owned(),
        });
    }
    machine_place::make(path).map_err(|refusal| match refusal {
        Refusal::Unsafe { .. } => LaunchError::Refused {
            what: refusal.to_string(),
            help: "choose another directory with `--dir`, in which only admins can write".to_owned(),
        },
        refusal => command.failed("install")(refusal.into()),
    })?;
    marker::write(root, owner).map_err(InstallError::io("write", &root.marker())).map_err(command.failed("install"))
}

/// Something in the directory that no earlier installation has left, which was removed or stopped halfway.
fn foreign_in(root: &InstallRoot) -> Option<PathBuf> {
    let left = [root.data(), root.logs(), root.kept()];
    let entries = fs::read_dir(root.path()).ok()?.flatten().map(|entry| entry.path());
    let mut foreign = entries.filter(|path| !left.contains(path) && !new_file::is_unfinished(path, &root.marker()));
    foreign.next()
}

fn unfit_for(path: &Path, unfit: Unfit) -> LaunchError {
    let why = match unfit {
        Unfit::Profile => "is a user's: it goes when that account does",
        Unfit::Temporary => "is for temporary files",
        Unfit::Remote => "is on a network: it must be there before the network is",
        Unfit::NoPrograms => "is on a file system that no programs may run from (noexec)",
        Unfit::NoRights => "is on a file system that keeps no access rights (FAT)",
        Unfit::Text => "has a character in its path that service managers read as something else",
    };
    LaunchError::Refused {
        what: format!("`{}` {why}", path.display()),
        help: "choose another directory with `--dir`".to_owned(),
    }
}

/// Version, program and menu. The version comes first: a service that ends meanwhile is started again by the program that is
/// there, and that has its version. Whether the program was changed.
fn fill(command: &SelfCommand<'_>, root: &InstallRoot, made: &mut Made) -> Result<bool, LaunchError> {
    let (bundle, record, owner) = (command.bundle, command.bundle.record(), command.owner());
    let candidate = Candidate { place: Place::Beside, root: root.clone() };
    let mut progress = Progress::for_first_start(&record.app.name);
    let not_installed = |source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source };
    let is_there = candidate.find(bundle).is_some();
    let installed = install::install_in(bundle, [candidate].into_iter(), &mut progress).map_err(not_installed)?;
    if is_there {
        restore::restore(bundle, &installed, &mut progress).map_err(not_installed)?;
    }
    drop(progress);
    let version_dir = &installed.version_dir;
    let exe = root.executable();
    let mut outside = || {
        own_icon::put(version_dir, root, &owner)?;
        let is_new = OwnCopy::put(bundle, root)?.keep();
        made.extend([("version", version_dir.clone()), ("program", exe.clone())]);
        Ok(is_new)
    };
    let is_new = outside().map_err(command.failed("install"))?;
    if !command.options.has("--no-menu") {
        let wanted = Wanted { record, exe: &exe, root, desktop: false };
        menu::add_for_all(&wanted, made).map_err(command.failed("install"))?;
    }
    prune::finish(root, record.settings.keep, version_dir, &owner);
    Ok(is_new)
}
