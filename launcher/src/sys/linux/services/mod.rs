//! Services of systemd. Their files lie in the install root; the manager finds them by links.
//!
//! Every step looks at what is there and can be done again. An admin's own files beside a unit (`<name>.service.d`) are not
//! touched, nor is a unit that was changed by hand; and a service that was installed to the end before is neither switched on
//! nor off.

use std::path::Path;

use super::{exec, machine_place, program};
use crate::env;
use crate::install::InstallError;
use crate::install::layout::{self, InstallRoot};
use crate::service::settings::{Account, StartMode};
use crate::service::unit::Unit;
use crate::service::{Made, Scope, Service, ServiceError, ServiceId, Status};
use crate::sys::exec::Start;
use bundle::record::{AppId, LaunchRecord};

mod account;
mod leftovers;
mod units;

pub(crate) use account::keep_data;
pub(crate) use leftovers::{leftovers, remove_leftovers};
pub(super) use units::links;

/// Looks whether it can be made like this, before anything is written.
pub(crate) fn accept(service: &Service<'_>) -> Result<(), ServiceError> {
    check(service.id)?;
    units::refuse_foreign(service.id)?;
    account::accept(service)
}

/// Makes the service, or brings it up to date, and starts it if it is new and starts at boot. Safe to do again. Whether
/// something was changed that a running one has not taken up.
pub(crate) fn install(service: &Service<'_>, made: &mut Made) -> Result<bool, ServiceError> {
    let (id, settings) = (service.id, service.settings);
    accept(service)?;
    let own = account::of_root(id.root);
    let account = match &settings.account {
        _ if id.scope == Scope::User => None,
        Account::Own => Some(own.as_str()),
        Account::Dynamic => None,
        Account::Named(name) => Some(name.as_str()),
    };
    if id.scope == Scope::Machine {
        account::prepare(service, account)?;
    } else {
        account::create_directories(id.root)?;
    }
    let [exe, data, logs] = [id.root.executable(), id.root.data(), id.root.logs()];
    let text = |path: &Path| path.to_str().map(str::to_owned).unwrap_or_default();
    let unit = Unit {
        settings,
        exe: &text(&exe),
        data: &text(&data),
        logs: &text(&logs),
        scope: id.scope,
        account,
        systemd: version()?,
        variable: env::SERVICE,
    };
    let has_changed = units::write(id, &unit, made)?;
    let is_automatic = settings.start != StartMode::Manual;
    for kind in units::kinds(id) {
        let unit = id.root.service_file(id.name.as_str(), kind);
        let verb = if !service.is_known && is_automatic { "enable" } else { "link" };
        if !service.is_known || !units::is_linked(id, kind) {
            systemctl(id.scope, &[verb, "--quiet", &text(&unit)])?;
        }
    }
    systemctl(id.scope, &["daemon-reload"])?;
    if !service.is_known && is_automatic {
        start(id)?;
    }
    Ok(has_changed && service.is_known)
}

/// Stops it and removes it. What is not there is no failure.
pub(crate) fn uninstall(id: ServiceId<'_>, gone: &mut Made) -> Result<(), ServiceError> {
    check(id)?;
    stop(id)?;
    units::remove(id, gone)?;
    systemctl(id.scope, &["daemon-reload"])?;
    // It may have failed, and then the manager remembers it.
    let _ = program::output(&words(id.scope, &["reset-failed", &unit_name(id, units::SERVICE)]));
    if id.scope == Scope::Machine {
        account::remove(id, gone)?;
    }
    Ok(())
}

pub(crate) fn start(id: ServiceId<'_>) -> Result<(), ServiceError> {
    check(id)?;
    each(id, "start")
}

/// Its sockets first: otherwise they would start it again.
pub(crate) fn stop(id: ServiceId<'_>) -> Result<(), ServiceError> {
    check(id)?;
    if status(id)?.is_none() {
        return Ok(());
    }
    each(id, "stop")
}

pub(crate) fn restart(id: ServiceId<'_>) -> Result<(), ServiceError> {
    check(id)?;
    systemctl(id.scope, &["restart", &unit_name(id, units::SERVICE)])
}

/// Restarts it if it runs, after an update. Its sockets stay open meanwhile.
pub(crate) fn restart_if_running(id: ServiceId<'_>) -> Result<(), ServiceError> {
    systemctl(id.scope, &["try-restart", &unit_name(id, units::SERVICE)])
}

/// `None`: it is not installed.
pub(crate) fn status(id: ServiceId<'_>) -> Result<Option<Status>, ServiceError> {
    const ASKED: &str = "--property=LoadState,ActiveState,MainPID,ExecMainCode,ExecMainStatus,NRestarts,UnitFileState";
    let unit = unit_name(id, units::SERVICE);
    let shown = [ASKED, &unit];
    let words = words(id.scope, &["show", shown[0], shown[1]]);
    let (text, _) = program::output(&words).map_err(ServiceError::program("systemctl show"))?;
    let value =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    if value("LoadState") == "not-found" {
        return Ok(None);
    }
    let state = value("ActiveState").to_owned();
    // Of a process that has not ended yet, code and status are 0.
    let has_ended = value("ExecMainCode") != "0";
    Ok(Some(Status {
        is_running: matches!(state.as_str(), "active" | "activating" | "reloading"),
        state,
        process: value("MainPID").parse().ok().filter(|process| *process > 0),
        exit_code: value("ExecMainStatus").parse().ok().filter(|_| has_ended),
        restarts: value("NRestarts").parse().ok(),
        at_boot: value("UnitFileState") == "enabled",
    }))
}

/// Shows the last lines of its log, and goes on if `follow`. Returns the exit code.
pub(crate) fn logs(id: ServiceId<'_>, lines: u32, follow: bool) -> Result<u32, ServiceError> {
    let (unit, lines) = (unit_name(id, units::SERVICE), lines.to_string());
    let mut words = vec!["journalctl", "--no-pager", "--quiet", "-n", &lines];
    if follow {
        words.push("-f");
    }
    words.extend([if id.scope == Scope::User { "--user-unit" } else { "-u" }, &unit]);
    program::show(&words).map_err(ServiceError::program("journalctl"))
}

/// Becomes the app, with the arguments and variables of the service, where the service would run: by its program, as the
/// manager starts it.
pub(crate) fn run(service: &Service<'_>, _start: Result<&Start<'_>, &InstallError>) -> Result<u32, ServiceError> {
    let (root, settings) = (service.id.root, service.settings);
    let data = root.data();
    std::env::set_current_dir(&data).map_err(ServiceError::io("enter", &data))?;
    let own = (env::SERVICE, settings.name.as_str());
    let theirs = settings.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let variables: Vec<_> = [own].into_iter().chain(theirs).collect();
    let exe = root.executable();
    exec::replace(&exe, &settings.arguments, &variables).map_err(ServiceError::io("start", &exe))
}

/// Whether there is a manager to talk to, and whether it takes orders from this account.
fn check(id: ServiceId<'_>) -> Result<(), ServiceError> {
    if id.scope == Scope::Machine {
        machine_place::check_rights()?;
    }
    // sd_booted(3)
    if Path::new("/run/systemd/system").is_dir() {
        return Ok(());
    }
    Err(ServiceError::refused(
        "systemd is not running on this machine",
        "use `self service run` with another service manager: docs/SERVICES.md has examples",
    ))
}

/// Does something with the sockets, if there are any, and then with the service.
fn each(id: ServiceId<'_>, verb: &str) -> Result<(), ServiceError> {
    let mut names: Vec<_> = units::kinds(id).into_iter().map(|kind| unit_name(id, kind)).collect();
    if names.is_empty() {
        // A removal was killed before the manager had heard of it.
        names.push(unit_name(id, units::SERVICE));
    }
    let verb: Vec<_> = [verb].into_iter().chain(names.iter().map(String::as_str)).collect();
    systemctl(id.scope, &verb)
}

fn unit_name(id: ServiceId<'_>, kind: &str) -> String {
    [id.name.as_str(), ".", kind].concat()
}

fn words<'a>(scope: Scope, words: &[&'a str]) -> Vec<&'a str> {
    let manager = if scope == Scope::User { "--user" } else { "--system" };
    ["systemctl", manager].into_iter().chain(words.iter().copied()).collect()
}

fn systemctl(scope: Scope, verb: &[&str]) -> Result<(), ServiceError> {
    run_program(&words(scope, verb))
}

fn run_program(words: &[&str]) -> Result<(), ServiceError> {
    program::run(words).map_err(ServiceError::program(&words.join(" ")))
}

/// `systemd 252 (252.38-1)`
fn version() -> Result<u32, ServiceError> {
    let said = program::output(&["systemctl", "--version"]);
    let (text, _) = said.map_err(ServiceError::program("systemctl --version"))?;
    Ok(text.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0))
}
