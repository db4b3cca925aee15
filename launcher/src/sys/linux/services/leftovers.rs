//! What is left outside of an install root that somebody has deleted: links that lead nowhere, accounts, entries in menus.

use std::fs;

use super::{
    InstallRoot, LaunchRecord, Made, ServiceError, account, layout, machine_place, program, systemctl, units, words,
};
use crate::service::Scope;
use crate::sys::menu;

/// What deleted installations of this app have left outside of their roots.
pub(crate) fn leftovers(record: &LaunchRecord) -> Made {
    let app = &record.app.id;
    let is_gone = |root: &InstallRoot| fs::symlink_metadata(root.marker()).is_err();
    let links = units::links(layout::MACHINE_UNITS.as_ref(), app).into_iter();
    let links = links.filter(|link| is_gone(&link.root)).map(|link| ("link", link.path));
    let accounts = account::of_app(app).into_iter().filter(|(_, root)| is_gone(root));
    let accounts = accounts.map(|(name, _)| ("account", name.into()));
    links.chain(accounts).chain(menu::left(record)).collect()
}

/// Removes it.
pub(crate) fn remove_leftovers(record: &LaunchRecord, gone: &mut Made) -> Result<(), ServiceError> {
    machine_place::check_rights()?;
    let mut units = Vec::new();
    for (what, path) in leftovers(record) {
        match what {
            "link" => {
                // The manager may run it still, from files that are gone.
                if let Some(unit) = path.file_name().and_then(|name| name.to_str()) {
                    let _ = systemctl(Scope::Machine, &["stop", "--quiet", unit]);
                    units.push(unit.to_owned());
                }
                units::remove_link(&path)?;
            }
            "account" => {
                account::delete(path.to_str().unwrap_or_default(), gone)?;
                continue;
            }
            _ => menu::remove_outside(&path)?,
        }
        gone.push((what, path));
    }
    systemctl(Scope::Machine, &["daemon-reload"])?;
    // Without its files it has failed, and the manager remembers that.
    for unit in units {
        let _ = program::output(&words(Scope::Machine, &["reset-failed", &unit]));
    }
    Ok(())
}
