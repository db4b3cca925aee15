//! What the launcher of a service does as long as that runs: it starts the app, starts it again when it has ended and should
//! not have, and sees to its end when the service is to stop.

use std::ffi::OsStr;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::app::{App, Command, Woken, wait_for_any};
use super::event_log;
use super::host::{self, Host};
use crate::env;
use crate::install::InstallError;
use crate::install::care::logs;
use crate::install::care::rotated::RotatedLog;
use crate::service::ServiceError;
use crate::service::event::Event;
use crate::service::restart::{self, BackOff, Next};
use crate::service::settings::Settings;
use crate::service::stop::{self, Step};
use crate::sys::command_line;
use crate::sys::exec::Start;
use crate::sys::windows::exec::change_environment;
use crate::sys::windows::utf16::units;

/// The app of a service, ready to be started.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    command: Command,
    version: String,
    log: PathBuf,
}

impl Prepared {
    /// What `start` says, with these arguments in the place of typed ones, in the directory `data`, with what it writes in
    /// `log`. Changes this process's environment to the app's.
    ///
    /// # Errors
    /// When Windows has no such command line.
    fn new(start: &Start<'_>, settings: &Settings, log: &Path, data: &Path) -> io::Result<Self> {
        let own_path = std::env::current_exe()?;
        let mut typed = command_line::quote(&units(&own_path));
        for argument in &settings.arguments {
            typed.push(b' '.into());
            typed.extend(command_line::quote(&units(argument)));
        }
        let mut program = units(&start.program);
        let mut arguments: Vec<_> = start.arguments.iter().map(units).collect();
        // What makes `KeyboardInterrupt` of Ctrl-Break.
        arguments.splice(0..0, ["-X", "ekiben-service"].map(units));
        let mut line = command_line::write(&program, &arguments, &command_line::split(&typed))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let mut directory = units(data);
        for text in [&mut program, &mut line, &mut directory] {
            text.push(0);
        }
        change_environment(start);
        set_environment(settings, log);
        let version = start.environment.iter().find(|(name, _)| *name == env::VERSION);
        let version = version.and_then(|(_, version)| version.to_str()).unwrap_or_default().to_owned();
        Ok(Self { command: Command { program, line, directory }, version, log: log.to_path_buf() })
    }
}

/// Serves the service until it has stopped; what could not be started is told as a failed start.
///
/// # Errors
/// When it was not the service control manager that has started this process.
pub(crate) fn run(
    service: &crate::service::Service<'_>,
    start: Result<&Start<'_>, &InstallError>,
) -> Result<u32, ServiceError> {
    let (id, settings) = (service.id, service.settings.clone());
    let log = id.root.service_log(id.name.as_str());
    let ready = match start {
        Ok(start) => Prepared::new(start, &settings, &log, &id.root.data()).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let served = host::serve(Box::new(move |host| {
        let name = settings.name.to_string();
        let service = ready.and_then(|prepared| Service::new(host, settings, prepared));
        service.and_then(|service| service.serve()).unwrap_or_else(|error| {
            event_log::report(&name, &Event::not_started(&error));
            CAN_NOT_START
        })
    }));
    served.map(|()| 0).map_err(|error| {
        let what = ["Windows has not started this as a service: ", &error.to_string()].concat();
        ServiceError::refused(what, "`self service start` has Windows start it")
    })
}

/// The exit code of a service whose app could not be started by Windows: the launcher's.
const CAN_NOT_START: u32 = 125;

struct Service<'a> {
    host: &'a Host,
    settings: Settings,
    log: Arc<Mutex<RotatedLog>>,
    prepared: Prepared,
}

impl<'a> Service<'a> {
    fn new(host: &'a Host, settings: Settings, prepared: Prepared) -> Result<Self, String> {
        match RotatedLog::open(prepared.log.clone(), settings.log_limit << 20) {
            Ok(log) => Ok(Self { host, settings, log: Arc::new(Mutex::new(log)), prepared }),
            Err(error) => Err(format!("its log `{}` can't be written: {error}", prepared.log.display())),
        }
    }

    /// Until it is to stop, or the app has ended and is not to be started again. Returns the code it has failed with.
    fn serve(&self) -> Result<u32, String> {
        let mut back_off = BackOff::default();
        loop {
            let began = Instant::now();
            let before = logs::length(&self.prepared.log);
            let app = App::start(&self.prepared.command, &self.log).map_err(|error| error.to_string())?;
            self.tell(&Event::started(&self.prepared.version, app.id()));
            self.host.running();
            let woken = app.wait_or(self.host.stop()).map_err(|error| error.to_string())?;
            let Woken::Ended(code) = woken else {
                self.stop(app);
                return Ok(0);
            };
            app.finish();
            let next = restart::next(&self.settings, code, began.elapsed(), &mut back_off);
            let last_lines = logs::last_lines_since(&self.prepared.log, before);
            self.tell(&Event::ended(code, next, &last_lines));
            match next {
                Next::Stopped => return Ok(0),
                Next::Failed(code) => return Ok(code),
                Next::Again(wait) => {
                    if wait_for_any(&[self.host.stop().as_raw_handle()], Some(wait)).unwrap_or(true) {
                        self.host.stopping();
                        self.tell(&Event::stopped());
                        return Ok(0);
                    }
                }
            }
        }
    }

    fn stop(&self, app: App) {
        const REPORTS: Duration = Duration::from_secs(1);
        self.host.stopping();
        let began = Instant::now();
        let timeout = Duration::from_secs(self.settings.stop_timeout.into());
        let mut has_ended = false;
        for (due, step) in stop::steps(timeout) {
            while !has_ended && began.elapsed() < due {
                let left = due.saturating_sub(began.elapsed());
                has_ended = app.wait(left.min(REPORTS)).is_ok_and(|woken| woken != Woken::TimedOut);
                self.host.stopping();
            }
            if has_ended {
                break;
            }
            if let Err(error) = app.ask(step) {
                self.note(&["could not be asked to stop: ", &error.to_string()].concat());
            }
            if step == Step::End {
                self.tell(&Event::killed(timeout.as_secs()));
            }
        }
        app.finish();
        self.tell(&Event::stopped());
    }

    /// In the event log, and between the lines of the app.
    fn tell(&self, event: &Event) {
        self.note(event.text.lines().next().unwrap_or_default());
        event_log::report(self.settings.name.as_str(), event);
    }

    fn note(&self, text: &str) {
        let line = logs::entry(&["ekiben: ", text].concat());
        self.log.lock().unwrap_or_else(PoisonError::into_inner).write(line.as_bytes());
    }
}

/// The app writes into a log, and knows which service it is.
#[expect(unsafe_code, reason = "changing the environment is unsafe on other systems")]
fn set_environment(settings: &Settings, log: &Path) {
    let own: [(&OsStr, &OsStr); 2] =
        [(env::LOG.as_ref(), log.as_os_str()), (env::SERVICE.as_ref(), settings.name.as_str().as_ref())];
    let given = settings.environment.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    for (name, value) in given.chain(own) {
        // SAFETY: always sound on Windows.
        unsafe { std::env::set_var::<&OsStr, &OsStr>(name, value) };
    }
}
