//! What the desktop shows of an app that was told `self install`: its entry in the menu of programs, and on Windows the one in
//! "Apps & features". This is all that ekiben makes outside of the install root, and only when it is asked to.

use std::path::Path;

use crate::install::InstallError;
use crate::install::layout::InstallRoot;
use bundle::record::LaunchRecord;

use crate::sys::menu as system;

/// What an entry is made of.
pub(crate) struct Wanted<'a> {
    pub(crate) record: &'a LaunchRecord,
    /// What it starts.
    pub(crate) exe: &'a Path,
    pub(crate) root: &'a InstallRoot,
    /// A shortcut on the desktop, too.
    pub(crate) desktop: bool,
}

pub(crate) use crate::service::Made;

pub(super) use crate::sys::menu::ON_DESKTOP;

/// Makes the entries, or brings them up to date, and adds to `made` what there is then.
///
/// # Errors
/// When one can't be made, or something that is not ours has its name. What was there before is there still, and nothing
/// new.
pub(super) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    system::add(wanted, made)
}

/// The same for all accounts, by an admin.
///
/// # Errors
/// As above.
pub(super) fn add_for_all(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    system::add_for_all(wanted, made)
}

/// What there is of this app for all accounts that leads into this root.
pub(super) fn there_for_all(record: &LaunchRecord, root: &InstallRoot) -> Made {
    system::there_for_all(record, root)
}

/// Removes it, and says what it was.
///
/// # Errors
/// As [`remove`].
pub(super) fn remove_for_all(record: &LaunchRecord, root: &InstallRoot) -> Result<Made, InstallError> {
    system::remove_for_all(record, root)
}

/// What there is of this app.
pub(super) fn there(record: &LaunchRecord) -> Made {
    system::there(record)
}

/// Removes it, and says what it was.
///
/// # Errors
/// When something can't be removed. It can be tried again.
pub(super) fn remove(record: &LaunchRecord) -> Result<Made, InstallError> {
    system::remove(record)
}
