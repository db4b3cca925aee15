//! Where an app can be installed for the whole machine, and who may do it.

use std::path::{Path, PathBuf};

use crate::install::layout::InstallRoot;
use crate::install::places::Refusal;
use crate::service::{ServiceError, Unfit};
use bundle::record::{App, AppId};

/// Whether this process has the rights of an admin.
///
/// # Errors
/// With what to do when it has not.
pub(crate) fn check_rights() -> Result<(), ServiceError> {
    Err(ServiceError::refused("installing for the whole machine is not supported yet", "use `self install`"))
}

/// The usual directory for this app.
pub(crate) fn usual(_app: &App) -> Option<PathBuf> {
    None
}

/// The roots of this app that the system knows of.
pub(crate) fn roots(_app: &AppId) -> Vec<InstallRoot> {
    Vec::new()
}

/// What speaks against a directory, whoever owns it. It may not be there yet.
pub(crate) fn unfit(_directory: &Path) -> Option<Unfit> {
    None
}

/// Makes the directory, for admins alone to write, after a look at all above it; one that is there has to be such.
pub(crate) fn make(directory: &Path) -> Result<(), Refusal> {
    crate::sys::access::make(directory, crate::install::places::Part::Inside)
}
