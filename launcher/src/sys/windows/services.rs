//! Services of Windows' service control manager.

use crate::install::layout::InstallRoot;
use crate::service::{Made, Service, ServiceError, ServiceId, Status};
use bundle::record::LaunchRecord;

/// Makes the service, or brings it up to date, and starts it if it is new and starts at boot. Safe to do again. Whether
/// something was changed that a running one has not taken up.
pub(crate) fn install(_service: &Service<'_>, _made: &mut Made) -> Result<bool, ServiceError> {
    unsupported()
}

/// Stops it and removes it. What is not there is no failure.
pub(crate) fn uninstall(_id: ServiceId<'_>, _gone: &mut Made) -> Result<(), ServiceError> {
    unsupported()
}

pub(crate) fn start(_id: ServiceId<'_>) -> Result<(), ServiceError> {
    unsupported()
}

pub(crate) fn stop(_id: ServiceId<'_>) -> Result<(), ServiceError> {
    unsupported()
}

pub(crate) fn restart(_id: ServiceId<'_>) -> Result<(), ServiceError> {
    unsupported()
}

/// Restarts it if it runs, after an update.
pub(crate) fn restart_if_running(_id: ServiceId<'_>) -> Result<(), ServiceError> {
    unsupported()
}

/// `None`: it is not installed.
pub(crate) fn status(_id: ServiceId<'_>) -> Result<Option<Status>, ServiceError> {
    unsupported()
}

/// Shows the last lines of its log, and goes on if `follow`. Returns the exit code.
pub(crate) fn logs(_id: ServiceId<'_>, _lines: u32, _follow: bool) -> Result<u32, ServiceError> {
    unsupported()
}

/// What the service control manager starts. Returns the exit code.
pub(crate) fn run(_service: &Service<'_>) -> Result<u32, ServiceError> {
    unsupported()
}

/// What deleted installations of this app have left outside of their roots.
pub(crate) fn leftovers(_record: &LaunchRecord) -> Made {
    Made::new()
}

/// Removes it.
pub(crate) fn remove_leftovers(_record: &LaunchRecord, _gone: &mut Made) -> Result<(), ServiceError> {
    unsupported()
}

/// Takes the directories that the service writes from it again, because it is gone and what is in them stays.
pub(crate) fn keep_data(_root: &InstallRoot) -> Result<(), ServiceError> {
    unsupported()
}

fn unsupported<T>() -> Result<T, ServiceError> {
    Err(ServiceError::refused("services of Windows are not supported yet", "start the app by another means"))
}
