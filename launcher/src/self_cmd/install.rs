//! `self install`: for this account, the app becomes one that the desktop knows. Its version is installed as by a first
//! start; a copy of this file is put into the install root; and menu and list of programs get an entry that leads to the copy.
//!
//! `self uninstall` removes all of it. Done again, it brings all of it up to date. On failure, what was made before is gone
//! again, but for the version. (An installation for all accounts is not for this verb to do by itself: it needs a directory
//! of an admin's choice.)

use std::fmt::Write as _;

use super::menu::{self, Made, Wanted};
use super::{Answer, Asked, json, wording};
use crate::error::LaunchError;
use crate::install::make::own_copy::OwnCopy;
use crate::install::make::own_icon;
use crate::install::places::Place;
use crate::install::{self, InstallError, Installed};
use crate::notify::Progress;

pub(super) fn run(asked: &Asked<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (asked.bundle, asked.bundle.record());
    if asked.options.has("--desktop") && !menu::ON_DESKTOP {
        return Err(LaunchError::Misuse {
            what: "this system has no shortcuts on its desktop".to_owned(),
            help: "leave `--desktop` out: the app gets an entry in the menu of programs".to_owned(),
        });
    }
    let roots = asked.roots();
    if roots.is_final() {
        return Err(LaunchError::Refused {
            what: "an admin has decided where this app is installed".to_owned(),
            help: "start it as it is, or ask the admin".to_owned(),
        });
    }
    // A start of the copy has to find the version, so not where only this start would look.
    let places = roots.candidates().filter(|found| matches!(found.place, Place::Environment | Place::User));
    let installed = install::install_in(bundle, places, &mut Progress::of_first_start(&record.app.name))
        .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?;
    let made = outside(asked, &installed).map_err(asked.failed("install"))?;
    let text = if asked.options.has("--json") {
        let members: Vec<_> = made.iter().map(|(what, place)| (*what, json::path(place))).collect();
        json::object(&members) + "\n"
    } else {
        let mut text = String::new();
        for (what, place) in &made {
            let _ = writeln!(text, "{what:8} {}", wording::path(place));
        }
        text
    };
    Ok(Answer { text, code: 0 })
}

/// What stands outside of the version dir; and that, at the front.
fn outside(asked: &Asked<'_>, installed: &Installed) -> Result<Made, InstallError> {
    let root = &installed.candidate.root;
    own_icon::put(&installed.version_dir, root, &asked.owner())?;
    let copy = OwnCopy::put(asked.bundle, root)?;
    let exe = root.executable();
    let wanted = Wanted { record: asked.bundle.record(), exe: &exe, root, desktop: asked.options.has("--desktop") };
    let mut made = vec![("version", installed.version_dir.clone()), ("program", exe.clone())];
    menu::add(&wanted, &mut made)?;
    copy.keep();
    Ok(made)
}
