//! `self service run`: the app as the service would run it, for a manager that is not systemd. On Windows, this is what the
//! service manager starts.

use super::{Answer, LaunchError, SelfCommand, Target, failed, settings, system};
use crate::install;
use crate::notify::Progress;
use crate::service::Service;
use crate::start;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(command)?;
    let words = target.definition.as_ref().map(|found| found.words.clone()).unwrap_or_default();
    let settings = settings(command, words)?;
    let service = Service { id: target.id(), settings: &settings, is_known: true };
    let record = command.bundle.record();
    let roots = command.roots();
    let installed = roots
        .find(command.bundle)
        .map_or_else(|| install::install(command.bundle, &roots, &mut Progress::for_first_start(&record.app.name)), Ok);
    // A failure is the manager's to know, and its log's.
    let code = match &installed {
        Ok(app) => system::run(&service, Ok(&start::from_installed(record, app, command.own_path))),
        Err(error) => system::run(&service, Err(error)),
    };
    Ok(Answer { text: String::new(), code: code.map_err(failed(command, "run"))? })
}
