//! `self service …`: the app as a service of the system's manager, or of one user's (`--user`, Linux). What is to be done is
//! decided here and in [`crate::service`]; how, by [`crate::sys::services`].

use std::ffi::OsStr;
use std::fs;

use super::options::Known;
use super::{Answer, SelfCommand, help};
use crate::error::LaunchError;
use crate::install::layout::InstallRoot;
use crate::install::make::own_copy;
use crate::install::places::Place;
use crate::service::definition::{DEFINITION, Definition};
use crate::service::name::ServiceName;
use crate::service::settings::{ARGUMENTS, BadSetting, CHOICES, Settings, Word, layered, words_of};
use crate::service::{Scope, ServiceError, ServiceId};
use crate::sys::services as system;

mod control;
mod install;
mod logs;
mod run;
mod status;
mod uninstall;

pub(super) use install::{bring_up_to_date, restart_all};
pub(super) use run::Ready;
pub(super) use uninstall::remove_all;

/// What can be done with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServiceVerb {
    Install,
    Start,
    Stop,
    Restart,
    Status,
    Logs,
    Run,
    Uninstall,
}

pub(super) const NAME: Known =
    Known { name: "--name", value: Some("NAME"), does: "which service, if there are several" };
pub(super) const USER: Known = Known { name: "--user", value: None, does: "one of this user's alone (Linux)" };

/// The options of `self service install`: the settings, and more.
pub(super) const INSTALL: [Known; CHOICES.len() + MORE.len()] = {
    let mut all = [USER; CHOICES.len() + MORE.len()];
    let mut at = 0;
    while at < CHOICES.len() {
        all[at] = Known { name: CHOICES[at].name, value: Some(CHOICES[at].value), does: CHOICES[at].does };
        at += 1;
    }
    while at < all.len() {
        all[at] = MORE[at - CHOICES.len()];
        at += 1;
    }
    all
};
const MORE: [Known; 5] = [
    USER,
    super::install::DIR,
    super::YES,
    super::JSON,
    Known { name: ARGUMENTS, value: Some("ARGS"), does: "what the app is started with" },
];

pub(super) fn run(verb: ServiceVerb, command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    match verb {
        ServiceVerb::Install => install::run(command),
        ServiceVerb::Start => control::run(command, "start", system::start),
        ServiceVerb::Stop => control::run(command, "stop", system::stop),
        ServiceVerb::Restart => control::run(command, "restart", system::restart),
        ServiceVerb::Status => status::run(command),
        ServiceVerb::Logs => logs::run(command),
        ServiceVerb::Run => Ok(Answer { text: String::new(), code: Ready::new(command)?.run()? }),
        ServiceVerb::Uninstall => uninstall::run(command),
    }
}

/// A service of an installation that is there.
struct Target {
    root: InstallRoot,
    scope: Scope,
    name: ServiceName,
    /// `None`: it was not installed to the end.
    definition: Option<Definition>,
}

impl Target {
    /// The service that is asked about, in the installation that is there.
    fn of(command: &SelfCommand<'_>) -> Result<Self, LaunchError> {
        let scope = scope(command);
        match root(command, scope) {
            Some(root) => Self::in_root(command, root, scope),
            None => Err(LaunchError::Refused {
                what: format!("`{}` is not installed for {scope}", command.bundle.record().app.id.as_str()),
                help: format!("install it: `{}` tells how", help::command(command.bundle, command.own_path)),
            }),
        }
    }

    /// The same, in this root. Without a name, it is the only one there, or the one that the publisher's settings name.
    fn in_root(command: &SelfCommand<'_>, root: InstallRoot, scope: Scope) -> Result<Self, LaunchError> {
        let name = match command.options.value("--name") {
            Some(name) => settings(command, vec![("--name".to_owned(), unicode("--name", name)?)])?.name,
            None => match defined(&root).as_slice() {
                [only] => only.clone(),
                _ => settings(command, Vec::new())?.name,
            },
        };
        let definition = definition(&root, &name);
        Ok(Self { root, scope, name, definition })
    }

    fn id(&self) -> ServiceId<'_> {
        ServiceId { name: &self.name, scope: self.scope, root: &self.root }
    }
}

fn definition(root: &InstallRoot, name: &ServiceName) -> Option<Definition> {
    Definition::parse(&fs::read_to_string(root.service_file(name.as_str(), DEFINITION)).ok()?)
}

fn scope(command: &SelfCommand<'_>) -> Scope {
    if command.options.has(USER.name) { Scope::User } else { Scope::Machine }
}

/// The installation of this app that a service belongs to.
fn root(command: &SelfCommand<'_>, scope: Scope) -> Option<InstallRoot> {
    let owner = command.owner();
    match scope {
        Scope::Machine => super::install::machine::root(command),
        Scope::User => {
            let users = |place| matches!(place, Place::Environment | Place::User);
            let mut roots = command.own_roots().into_iter().filter(|found| users(found.place)).map(|found| found.root);
            roots.find(|root| own_copy::find(root, &owner).is_some())
        }
    }
}

/// The services that were installed in a root, also those that were only begun, in the order of their names.
pub(super) fn defined(root: &InstallRoot) -> Vec<ServiceName> {
    let entries = fs::read_dir(root.services()).into_iter().flatten().flatten();
    let name = |file: &OsStr| ServiceName::new(file.to_str()?.strip_suffix(DEFINITION)?.strip_suffix('.')?);
    let mut names: Vec<_> = entries.filter_map(|entry| name(&entry.file_name())).collect();
    names.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    names
}

/// What the publisher says of the app as a service, and these words after it.
fn settings(command: &SelfCommand<'_>, words: Vec<Word>) -> Result<Settings, LaunchError> {
    let record = command.bundle.record();
    let words = layered(words_of(&record.settings.service), words);
    Settings::new(&words, record.app.id.as_str(), &record.app.name).map_err(misuse)
}

fn misuse(bad: BadSetting) -> LaunchError {
    LaunchError::Misuse { help: format!("it has to be: {}", bad.why), what: bad.to_string() }
}

fn unicode(name: &str, value: &OsStr) -> Result<String, LaunchError> {
    value.to_str().map(str::to_owned).ok_or_else(|| LaunchError::Misuse {
        what: format!("`{name} {}` is not Unicode", super::wording::text(value)),
        help: "no definition of a service can hold it: write it in another way".to_owned(),
    })
}

pub(super) fn failed(command: &SelfCommand<'_>, doing: &'static str) -> impl Fn(ServiceError) -> LaunchError {
    let app = command.bundle.record().app.id.as_str().to_owned();
    move |error| launch_error(&app, doing, error)
}

fn launch_error(app: &str, doing: &'static str, error: ServiceError) -> LaunchError {
    match error {
        ServiceError::Failed(source) => LaunchError::SelfCommand { doing, app: app.to_owned(), source },
        ServiceError::Refused { what, help } => LaunchError::Refused { what, help },
        ServiceError::DoneElsewhere { code } => LaunchError::DoneElsewhere { code },
    }
}
