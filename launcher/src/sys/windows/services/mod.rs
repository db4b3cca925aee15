//! Services of Windows, by its service control manager.
//!
//! - [`manager`]: its handles; [`control`]: starting and stopping; [`install`]: making a service; [`notes`]: what is noted of
//!   one; [`leftovers`]: what stays of one whose directory was deleted;
//! - [`identity`]: who it runs as, and what it may write;
//! - [`host`]: this process as the manager knows it; [`supervise`]: what it does all the time; [`app`]: the app in its job;
//! - [`logs`] shows what that says, [`event_log`] what befell it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::install::layout::InstallRoot;
use crate::service::{Made, Service, ServiceError, ServiceId, Status};
use bundle::Bundle;

mod app;
mod control;
mod event_log;
mod host;
mod identity;
mod install;
mod leftovers;
mod logs;
mod manager;
mod notes;
mod supervise;

use control::failed;
use manager::Access;

pub(super) use leftovers::roots;
pub(crate) use leftovers::{leftovers, remove_leftovers};
pub(crate) use logs::logs;
pub(crate) use supervise::run;

/// Looks whether it can be made like this, before anything is written. What speaks against it, its manager says when it is made.
pub(crate) fn accept(_service: &Service<'_>) -> Result<(), ServiceError> {
    Ok(())
}

/// Makes the service, or brings it up to date, and starts it if it is new and starts at boot. Safe to do again. Whether
/// something was changed that a running one has not taken up.
pub(crate) fn install(service: &Service<'_>, made: &mut Made) -> Result<bool, ServiceError> {
    install::install(service, made)
}

/// Stops it and removes it. What is not there is no failure.
pub(crate) fn uninstall(id: ServiceId<'_>, gone: &mut Made) -> Result<(), ServiceError> {
    if let Some(entry) = control::open(id, Access::Change)? {
        let config = entry.config().map_err(failed(id, "ask for the settings of"))?;
        if is_ours(&config.command, id.root) {
            control::stop_entry(id, &entry)?;
            entry.delete().map_err(failed(id, "delete"))?;
            gone.push(("service", PathBuf::from(id.name.as_str())));
        }
    }
    if event_log::unregister(id.name.as_str(), &id.root.executable())
        .map_err(failed(id, "remove the event source of"))?
    {
        gone.push(("events", event_log::path(id.name.as_str())));
    }
    Ok(())
}

pub(crate) fn start(id: ServiceId<'_>) -> Result<(), ServiceError> {
    control::start(id)
}

pub(crate) fn stop(id: ServiceId<'_>) -> Result<(), ServiceError> {
    control::stop(id)
}

pub(crate) fn restart(id: ServiceId<'_>) -> Result<(), ServiceError> {
    let entry = control::needed(id)?;
    control::stop_entry(id, &entry)?;
    control::start_entry(id, &entry)
}

/// Restarts it if it runs, after an update.
pub(crate) fn restart_if_running(id: ServiceId<'_>) -> Result<(), ServiceError> {
    control::restart_if_running(id)
}

/// `None`: it is not installed.
pub(crate) fn status(id: ServiceId<'_>) -> Result<Option<Status>, ServiceError> {
    control::status(id)
}

/// Takes the directories that the service writes from it again, because it is gone and what is in them stays.
pub(crate) fn keep_data(root: &InstallRoot) -> Result<(), ServiceError> {
    let rights = crate::service::identity::service_directory(&[]);
    for directory in [root.data(), root.logs()] {
        if directory.exists() {
            super::access::set_rights(&directory, &rights)
                .map_err(ServiceError::io("set the rights of", &directory))?;
        }
    }
    Ok(())
}

/// What the manager starts: `"D\app.exe" self service run --name N`.
fn command(id: ServiceId<'_>) -> Result<String, ServiceError> {
    let exe = id.root.executable();
    let refused = |why: &str| ServiceError::refused(format!("`{}` {why}", exe.display()), "install the app again");
    let bundle = Bundle::open(&exe).map_err(|error| refused(&error.to_string()))?;
    let word = bundle.record().settings.self_word.clone().unwrap_or_default();
    let program = exe.to_str().ok_or_else(|| refused("is no Unicode"))?;
    Ok(["\"", program, "\" ", &word, " service run --name ", id.name.as_str()].concat())
}

/// Whether a command of the manager's is that of a service of this root, or of one of this app whose directory is gone.
fn is_ours(command: &str, root: &InstallRoot) -> bool {
    let (program, exe) = (program_of(command), root.executable());
    let is_same = |one: &Path, other: &Path| one.as_os_str().eq_ignore_ascii_case(other.as_os_str());
    let has_its_name =
        program.file_name().is_some_and(|name| exe.file_name().is_some_and(|own| name.eq_ignore_ascii_case(own)));
    is_same(&program, &exe) || has_its_name && !program.exists()
}

fn program_of(command: &str) -> PathBuf {
    let quoted = command.strip_prefix('"').and_then(|rest| rest.split('"').next());
    PathBuf::from(quoted.or_else(|| command.split(' ').next()).unwrap_or_default())
}

/// The names of all services of a root: their definitions' are.
fn names(root: &InstallRoot) -> Vec<String> {
    let entries = fs::read_dir(root.services()).into_iter().flatten().flatten();
    let name = |entry: fs::DirEntry| Some(entry.file_name().to_str()?.strip_suffix(".definition")?.to_owned());
    entries.filter_map(name).collect()
}

/// The service's log: `service.log` of the one that is called like the app.
fn log_of(id: ServiceId<'_>) -> PathBuf {
    id.root.service_log(id.name.as_str())
}
