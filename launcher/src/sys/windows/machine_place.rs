//! Where an app can be installed for the whole machine, and who may do it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use windows_sys::Win32::UI::Shell::{FOLDERID_Public, FOLDERID_UserProfiles, FOLDERID_Windows};

use super::access::{self, Account};
use super::files::known_folder;
use super::volume::Volume;
use super::{elevated, menu, services};
use crate::install::layout::InstallRoot;
use crate::install::places::Refusal;
use crate::service::identity::PROGRAM;
use crate::service::place::{self, KnownDirectories};
use crate::service::{ServiceError, Unfit};
use crate::sys::access::Part;
use bundle::record::{App, AppId};

/// Whether this process has the rights of an admin. Where somebody can be asked for them, it is started again with them.
///
/// # Errors
/// With what to do when it has not; or how the one that was started again has ended.
pub(crate) fn check_rights() -> Result<(), ServiceError> {
    if Account::current().is_some_and(|account| account.is_elevated()) {
        return Ok(());
    }
    match elevated::run_again() {
        Some(code) => Err(ServiceError::DoneElsewhere { code }),
        None => Err(ServiceError::refused(
            "only an administrator can change what is installed for the whole machine",
            "do it in a terminal that was opened with \"Run as administrator\"",
        )),
    }
}

/// The usual directory for this app.
pub(crate) fn usual(app: &App) -> Option<PathBuf> {
    Some(access::machine_wide()?.join(app.id.as_str()))
}

/// The roots of this app that the system knows of: by its services, and by "Apps & features".
pub(crate) fn roots(app: &AppId) -> Vec<InstallRoot> {
    let listed = menu::machine_root(app).map(|path| InstallRoot::of(path, app));
    services::roots(app).into_iter().chain(listed).collect()
}

/// What speaks against a directory, whoever owns it. It may not be there yet.
pub(crate) fn unfit(directory: &Path) -> Option<Unfit> {
    let there = directory.ancestors().find(|path| path.exists())?;
    // Links must not hide what is behind them.
    let real = fs::canonicalize(there).ok()?.join(directory.strip_prefix(there).unwrap_or(Path::new("")));
    let known = KnownDirectories {
        profiles: [&FOLDERID_UserProfiles, &FOLDERID_Public].into_iter().filter_map(known_folder).collect(),
        windows: known_folder(&FOLDERID_Windows).unwrap_or_default(),
        temporary: std::env::temp_dir(),
    };
    let of_path = place::unfit(&real, &known).or_else(|| place::unfit(directory, &known));
    of_path
        .or_else(|| place::unfit_drive(Volume::from_path(there)?.drive_kind()))
        .or_else(|| (!access::has_access_lists(there)).then_some(Unfit::NoRights))
}

/// Makes the directory, for admins alone to write, after a look at all above it; one that is there gets such rights.
pub(crate) fn make(directory: &Path) -> Result<(), Refusal> {
    let failed = |action| move |source: io::Error| Refusal::Io { action, path: directory.to_path_buf(), source };
    if let Some(above) = directory.parent() {
        access::make(above, Part::Above)?;
    }
    match access::create_with_rights(directory, PROGRAM) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            access::set_rights(directory, PROGRAM).map_err(failed("set the rights of"))?;
        }
        result => result.map_err(failed("create"))?,
    }
    Ok(access::check(directory)?)
}
