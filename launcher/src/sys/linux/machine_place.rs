//! Where an app can be installed for the whole machine: below `/opt`, unless an admin says another place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{access, machine};
use crate::install::layout::{self, InstallRoot};
use crate::install::places::Refusal;
use crate::service::{ServiceError, Unfit, unit};
use crate::sys::access::Part;
use crate::sys::files::account;
use bundle::record::{App, AppId};

/// Whether this process has root's rights.
///
/// # Errors
/// With what to do when it has not.
pub(crate) fn check_rights() -> Result<(), ServiceError> {
    if account() == 0 {
        return Ok(());
    }
    Err(ServiceError::refused("only root can change what is installed for the whole machine", "run it with sudo"))
}

/// The usual directory for this app.
pub(crate) fn usual(app: &App) -> Option<PathBuf> {
    Some(access::machine_wide()?.join(app.id.as_str()))
}

/// The roots of this app that the system knows of, by links into them: a command, and services.
pub(crate) fn roots(app: &AppId) -> Vec<InstallRoot> {
    let command = fs::read_link(layout::machine_command(app)).ok();
    let of_command = command.and_then(|exe| Some(InstallRoot::of(exe.parent()?.to_path_buf(), app)));
    let of_services = super::services::links(layout::MACHINE_UNITS.as_ref(), app).into_iter().map(|link| link.root);
    of_command.into_iter().chain(of_services).collect()
}

/// What speaks against a directory, whoever owns it. It may not be there yet.
pub(crate) fn unfit(directory: &Path) -> Option<Unfit> {
    if !directory.to_str().is_some_and(unit::is_fit) {
        return Some(Unfit::Text);
    }
    // Links are looked at when it is made; here they must not hide what is behind them.
    let there = directory.ancestors().find_map(|path| fs::canonicalize(path).ok().map(|found| (path, found)))?;
    let path = there.1.join(directory.strip_prefix(there.0).unwrap_or(Path::new("")));
    match machine::file_system_without_links(&path) {
        _ if is_below(&path, layout::PROFILES) => Some(Unfit::Profile),
        _ if is_below(&path, layout::TEMPORARY) => Some(Unfit::Temporary),
        Some(found) if found.is_remote => Some(Unfit::Remote),
        Some(found) if found.kind == "tmpfs" || found.kind == "ramfs" => Some(Unfit::Temporary),
        Some(found) if !found.programs => Some(Unfit::NoPrograms),
        _ => None,
    }
}

fn is_below(path: &Path, directories: &[&str]) -> bool {
    directories.iter().any(|directory| path.starts_with(directory))
}

/// Makes the directory, for root alone to write, after a look at all above it; one that is there has to be such.
pub(crate) fn make(directory: &Path) -> Result<(), Refusal> {
    let open = directory.ancestors().skip(1).find(|above| access::is_open_to_all(above));
    if let Some(path) = open {
        let why = "can be written by every account".to_owned();
        return Err(Refusal::Unsafe { path: path.to_path_buf(), why });
    }
    access::make(directory, Part::Inside)?;
    // An access list can't let others write (that was looked at), but the mode may keep them from reading.
    let failed = |source: io::Error| Refusal::Io { action: "set the mode of", path: directory.to_path_buf(), source };
    super::files::open_to_all(directory).map_err(failed)
}
