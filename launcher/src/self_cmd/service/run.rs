//! `self service run`: the app as the service would run it, for a manager that is not systemd. On Windows, this is what the
//! service manager starts.

use super::{LaunchError, SelfCommand, Target, launch_error, settings, system};
use crate::install::{self, InstallError, Installed};
use crate::notify::Progress;
use crate::service::Service;
use crate::service::settings::Settings;
use crate::start;
use crate::sys::exec::Start;

/// A service that can run without the bundle, which is closed then.
pub(in crate::self_cmd) struct Ready {
    app: String,
    target: Target,
    settings: Settings,
    /// Its version is held. A failure is the manager's to know, and its log's.
    start: Result<(Installed, Start<'static>), InstallError>,
}

impl Ready {
    pub(in crate::self_cmd) fn new(command: &SelfCommand<'_>) -> Result<Self, LaunchError> {
        let target = Target::of(command)?;
        let words = target.definition.as_ref().map(|found| found.words.clone()).unwrap_or_default();
        let settings = settings(command, words)?;
        let (bundle, record, roots) = (command.bundle, command.bundle.record(), command.roots());
        let installed = roots
            .find(bundle)
            .map_or_else(|| install::install(bundle, &roots, &mut Progress::for_first_start(&record.app.name)), Ok);
        let start = installed.map(|app| {
            let start = start::from_installed(record, &app, command.own_path);
            (app, start)
        });
        Ok(Self { app: record.app.id.as_str().to_owned(), target, settings, start })
    }

    /// Runs it. Returns the exit code.
    pub(in crate::self_cmd) fn run(&self) -> Result<u32, LaunchError> {
        let service = Service { id: self.target.id(), settings: &self.settings, is_known: true };
        let start = self.start.as_ref().map(|(_, start)| start);
        system::run(&service, start).map_err(|error| launch_error(&self.app, "run", error))
    }
}
