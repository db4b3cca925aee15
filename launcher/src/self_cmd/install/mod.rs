//! `self install`: installs the app for this account. Its version is installed as by a first start, a copy of this file is put
//! into the install root, and the menu and the list of programs get an entry that starts the copy.
//!
//! `self uninstall` removes all of it. Done again, it brings all of it up to date. On failure, what was made before is gone
//! again, but for the version. `--system`: see [`machine`].

use std::io::{self, Write as _};

use super::menu::{self, Made, Wanted};
use super::options::Known;
use super::{Answer, SelfCommand, service, wording};
use crate::error::LaunchError;
use crate::install::layout::InstallRoot;
use crate::install::make::own_copy::OwnCopy;
use crate::install::make::own_icon;
use crate::install::places::Place;
use crate::install::{self, InstallError, Installed};
use crate::notify::Progress;
use crate::service::Scope;

pub(super) mod machine;

pub(super) const DIR: Known =
    Known { name: "--dir", value: Some("D"), does: "where to put an installation for the whole machine" };

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    if command.options.has("--desktop") && !menu::ON_DESKTOP {
        return Err(LaunchError::Misuse {
            what: "this system has no shortcuts on its desktop".to_owned(),
            help: "leave `--desktop` out: the app gets an entry in the menu of programs".to_owned(),
        });
    }
    let mut made = Made::new();
    if command.options.has("--system") {
        let (root, has_changed) = machine::install(command, &mut made)?;
        if has_changed && !command.options.has("--no-restart") {
            service::restart_all(command, &root, Scope::Machine)?;
        }
    } else if let Some(only) =
        [DIR.name, "--no-menu", "--no-restart"].into_iter().find(|name| command.options.has(name))
    {
        return Err(LaunchError::Misuse {
            what: format!("`{only}` is for an installation for the whole machine"),
            help: "add `--system`".to_owned(),
        });
    } else {
        for_this_user(command, &mut made)?;
        report_missing_path(&made);
    }
    Ok(Answer { text: super::listed(command, &made), code: 0 })
}

/// Says so when the command will not be found: talk, and not a part of the answer.
fn report_missing_path(made: &Made) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing = made.iter().filter(|(what, _)| *what == "command").filter_map(|(_, path)| path.parent());
    for directory in missing.filter(|directory| !std::env::split_paths(&path).any(|found| found == *directory)) {
        let note = ["note: `", &wording::path(directory), "` is not on PATH: log in again, or add it\n"].concat();
        let _ = io::stderr().write_all(note.as_bytes());
    }
}

/// Installs it for this account. Where, and whether that has changed the program.
pub(super) fn for_this_user(command: &SelfCommand<'_>, made: &mut Made) -> Result<(InstallRoot, bool), LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    let roots = command.roots();
    if roots.is_final() {
        return Err(LaunchError::Refused {
            what: "an admin has decided where this app is installed".to_owned(),
            help: "start it as it is, or ask the admin".to_owned(),
        });
    }
    // A start of the copy has to find the version, so not where only this start would look.
    let places = roots.candidates().filter(|found| matches!(found.place, Place::Environment | Place::User));
    let installed = install::install_in(bundle, places, &mut Progress::for_first_start(&record.app.name))
        .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?;
    let has_changed = outside(command, &installed, made).map_err(command.failed("install"))?;
    Ok((installed.candidate.root, has_changed))
}

/// What stands outside of the version dir. Whether the program was changed.
fn outside(command: &SelfCommand<'_>, installed: &Installed, made: &mut Made) -> Result<bool, InstallError> {
    let root = &installed.candidate.root;
    own_icon::put(&installed.version_dir, root, &command.owner())?;
    let copy = OwnCopy::put(command.bundle, root)?;
    let exe = root.executable();
    let wanted = Wanted { record: command.bundle.record(), exe: &exe, root, desktop: command.options.has("--desktop") };
    made.extend([("version", installed.version_dir.clone()), ("program", exe.clone())]);
    menu::add(&wanted, made)?;
    Ok(copy.keep())
}
