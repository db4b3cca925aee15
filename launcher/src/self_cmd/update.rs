//! `self update` and `self rollback`: the work is the updater's, a program of its own in the version dir, which gets the options as
//! they were typed. The launcher has no network code.

use super::{Answer, SelfCommand, handed_over};
use crate::env;
use crate::error::LaunchError;
use crate::install::{self, layout};
use crate::notify::Progress;
use crate::sys::exec::Start;
use crate::updates;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    let refused = |what: String, help: &str| Err(LaunchError::Refused { what, help: help.to_owned() });
    if record.settings.update.is_none() {
        return refused(
            format!("`{}` was built without updates", record.app.id.as_str()),
            "get a newer file from where you got this one",
        );
    }
    if updates::is_off() {
        let why = format!("by {}, or for this whole computer", env::NO_UPDATE);
        return refused(
            format!("updates are switched off {why}"),
            "take the variable away, or ask whoever looks after it",
        );
    }
    let roots = command.roots();
    let installed = match roots.find(bundle) {
        Some(installed) => installed,
        None => install::install(bundle, &roots, &mut Progress::for_first_start(&record.app.name))
            .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?,
    };
    let root = installed.candidate.root.path().as_os_str();
    handed_over(&Start {
        program: layout::updater_of(&installed.version_dir),
        arguments: vec!["--bundle".into(), command.own_path.into(), "--root".into(), root.into()],
        environment: Vec::new(),
        withheld: &[],
        windowed: None,
    })
}
