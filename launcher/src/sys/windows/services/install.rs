//! Making a service, or bringing it up to date.
//!
//! What an admin has changed by other means stays: each setting is noted beside the service when it is applied, and applied
//! again only when it is to be another one than what is noted. A service that was made half has no notes, and gets all of it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::System::Services::{
    SC_ACTION, SC_ACTION_NONE, SC_ACTION_RESTART, SERVICE_AUTO_START, SERVICE_CONFIG_DELAYED_AUTO_START_INFO,
    SERVICE_CONFIG_FAILURE_ACTIONS, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, SERVICE_CONFIG_PRESHUTDOWN_INFO,
    SERVICE_CONFIG_SERVICE_SID_INFO, SERVICE_DELAYED_AUTO_START_INFO, SERVICE_DEMAND_START,
    SERVICE_FAILURE_ACTIONS_FLAG, SERVICE_FAILURE_ACTIONSW, SERVICE_PRESHUTDOWN_INFO, SERVICE_SID_INFO,
    SERVICE_SID_TYPE_UNRESTRICTED,
};

use super::control::failed;
use super::manager::{self, Access, Change, Entry};
use super::{event_log, identity, notes};
use crate::service::identity::WindowsAccount;
use crate::service::settings::{Restart, Settings, StartMode};
use crate::service::{Made, Service, ServiceError, ServiceId};
use crate::sys::windows::utf16::wide;

pub(super) fn install(service: &Service<'_>, made: &mut Made) -> Result<bool, ServiceError> {
    let id = service.id;
    identity::give_directories(id)?;
    let command = super::command(id)?;
    let account = WindowsAccount::new(service.settings);
    let (entry, is_new) = entry(id, &command, &account)?;
    note("service", PathBuf::from(id.name.as_str()), made);
    let has_changed = apply(id, &entry, service.settings, &command)?;
    if event_log::register(id.name.as_str(), &id.root.executable()).map_err(failed(id, "add an event source for"))? {
        note("events", event_log::path(id.name.as_str()), made);
    }
    if !service.is_known && service.settings.start != StartMode::Manual {
        super::control::start_entry(id, &entry)?;
    }
    Ok(has_changed && !is_new)
}

fn note(what: &'static str, place: PathBuf, made: &mut Made) {
    let thing = (what, place);
    if !made.contains(&thing) {
        made.push(thing);
    }
}

/// The service, made if it is not there; whether it was.
fn entry(id: ServiceId<'_>, command: &str, account: &WindowsAccount) -> Result<(Entry, bool), ServiceError> {
    let name = wide(id.name.as_str());
    if let Some(entry) = super::control::open(id, Access::Change)? {
        let config = entry.config().map_err(failed(id, "ask for the settings of"))?;
        if !super::is_ours(&config.command, id.root) {
            return Err(ServiceError::refused(
                ["there is a service `", id.name.as_str(), "` of another program: ", &config.command].concat(),
                "give this one another name with `--name`",
            ));
        }
        return Ok((entry, false));
    }
    let password = identity::password(id, account)?;
    let (command, account) = (wide(command), wide(&account.name));
    // An earlier one goes when the last program that looks at it has closed it.
    const WAIT: Duration = Duration::from_secs(30);
    let began = Instant::now();
    loop {
        if let Some(entry) =
            manager::create(&name, &command, &account, password.as_deref()).map_err(failed(id, "make"))?
        {
            return Ok((entry, true));
        }
        if began.elapsed() < LOOK {
            let _ = writeln!(
                io::stderr(),
                "the earlier service `{}` is marked for deletion: waiting for it to go",
                id.name
            );
        }
        if began.elapsed() > WAIT {
            return Err(ServiceError::refused(
                [
                    "the earlier service `",
                    id.name.as_str(),
                    "` is marked for deletion, and another program has it open",
                ]
                .concat(),
                "close `services.msc`, Task Manager and Event Viewer, or restart this computer, and do it again",
            ));
        }
        thread::sleep(LOOK);
    }
}

const LOOK: Duration = Duration::from_millis(500);

/// Whether something was changed that only a new start takes up.
fn apply(id: ServiceId<'_>, entry: &Entry, settings: &Settings, command: &str) -> Result<bool, ServiceError> {
    let notes = notes::of(id.name);
    let changing = || failed(id, "change");
    let account = WindowsAccount::new(settings);
    let mut depends_on: String = settings.depends_on.iter().flat_map(|name| [name.as_str(), "\0"]).collect();
    depends_on.push('\0');
    let restart = match settings.restart {
        Restart::Never => "never",
        Restart::Always | Restart::OnFailure => "restart",
    };
    let start = match settings.start {
        StartMode::Auto => "auto",
        StartMode::Delayed => "delayed",
        StartMode::Manual => "manual",
    };
    let is_noted = |what: &str, wanted: &str| notes.text(what).is_some_and(|noted| noted == wanted);
    let config = entry.config().map_err(failed(id, "ask for the settings of"))?;
    let mut has_changed = config.command != command;
    if has_changed {
        entry.change(&Change { command: Some(&wide(command)), ..Change::default() }).map_err(changing())?;
    }
    let change = |what: &str, wanted: &str, do_it: &dyn Fn() -> io::Result<()>| {
        if is_noted(what, wanted) {
            return Ok(false);
        }
        do_it().and_then(|()| notes.set(what, wanted.as_ref())).map(|()| true).map_err(changing())
    };
    change("DisplayName", &settings.display_name, &|| {
        entry.change(&Change { display_name: Some(&wide(&settings.display_name)), ..Change::default() })
    })?;
    change("Start", start, &|| set_start(entry, settings.start))?;
    change("DependsOn", &settings.depends_on.join(" "), &|| {
        let depends_on: Vec<u16> = depends_on.encode_utf16().collect();
        entry.change(&Change { depends_on: Some(&depends_on), ..Change::default() })
    })?;
    has_changed |= change("Account", &account.name, &|| {
        // A new service has it already.
        if notes.text("Account").is_none() && !account.has_password {
            return entry.change(&Change { account: Some(&wide(&account.name)), ..Change::default() });
        }
        let password = identity::password(id, &account).map_err(|error| io::Error::other(error.to_string()))?;
        let (name, password) = (wide(&account.name), password);
        entry.change(&Change { account: Some(&name), password: password.as_deref(), ..Change::default() })
    })?;
    change("Restart", restart, &|| set_recovery(entry, settings.restart))?;
    let timeout = settings.stop_timeout.to_string();
    has_changed |= change("StopTimeout", &timeout, &|| set_stop(entry, settings.stop_timeout))?;
    notes.set(notes::APP, id.root.app().as_ref()).map_err(changing())?;
    Ok(has_changed)
}

#[expect(unsafe_code, reason = "std has no services")]
fn set_start(entry: &Entry, start: StartMode) -> io::Result<()> {
    let kind = if start == StartMode::Manual { SERVICE_DEMAND_START } else { SERVICE_AUTO_START };
    entry.change(&Change { start: Some(kind), ..Change::default() })?;
    let delayed = SERVICE_DELAYED_AUTO_START_INFO { fDelayedAutostart: (start == StartMode::Delayed).into() };
    // SAFETY: the structure that belongs to the setting.
    let set = unsafe { entry.set(SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed) };
    // A service that is not automatic can't be delayed, and need not be told so.
    if start == StartMode::Delayed { where_it_is_known(set) } else { Ok(()) }
}

/// What the manager does when the launcher itself has ended or could not start the app: the launcher starts the app again by
/// itself.
#[expect(unsafe_code, reason = "std has no services")]
fn set_recovery(entry: &Entry, restart: Restart) -> io::Result<()> {
    const QUIET_SECONDS: u32 = 60;
    let kind = if restart == Restart::Never { SC_ACTION_NONE } else { SC_ACTION_RESTART };
    // After the last one, the last one is repeated.
    let mut actions = [1, 2, 4, 8, 16, 32, 64].map(|seconds| SC_ACTION { Type: kind, Delay: seconds * 1000 });
    let recovery = SERVICE_FAILURE_ACTIONSW {
        dwResetPeriod: QUIET_SECONDS,
        cActions: actions.len() as u32,
        lpsaActions: actions.as_mut_ptr(),
        ..Default::default()
    };
    // SAFETY: the structure that belongs to the setting, with as many actions as it says.
    where_it_is_known(unsafe { entry.set(SERVICE_CONFIG_FAILURE_ACTIONS, &recovery) })?;
    // Also when it has stopped with a code, and not only when its process is gone.
    let with_codes = SERVICE_FAILURE_ACTIONS_FLAG { fFailureActionsOnNonCrashFailures: 1 };
    // SAFETY: as above.
    where_it_is_known(unsafe { entry.set(SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &with_codes) })
}

/// How long the system waits for it before a shutdown; and that its own identifier is among those of its process, whoever it
/// runs as: `data` and `logs` are open to that.
#[expect(unsafe_code, reason = "std has no services")]
fn set_stop(entry: &Entry, seconds: u32) -> io::Result<()> {
    // For the launcher's own steps.
    const MORE: u32 = 10;
    let timeout = seconds.saturating_add(MORE).saturating_mul(1000);
    let preshutdown = SERVICE_PRESHUTDOWN_INFO { dwPreshutdownTimeout: timeout };
    // SAFETY: the structure that belongs to the setting.
    where_it_is_known(unsafe { entry.set(SERVICE_CONFIG_PRESHUTDOWN_INFO, &preshutdown) })?;
    let own_identifier = SERVICE_SID_INFO { dwServiceSidType: SERVICE_SID_TYPE_UNRESTRICTED };
    // SAFETY: as above.
    where_it_is_known(unsafe { entry.set(SERVICE_CONFIG_SERVICE_SID_INFO, &own_identifier) })
}

/// Wine knows fewer settings.
fn where_it_is_known(set: io::Result<()>) -> io::Result<()> {
    set.or_else(|error| if error.raw_os_error() == Some(INVALID_LEVEL) { Ok(()) } else { Err(error) })
}

const INVALID_LEVEL: i32 = windows_sys::Win32::Foundation::ERROR_INVALID_LEVEL.cast_signed();
