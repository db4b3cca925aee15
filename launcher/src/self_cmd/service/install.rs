//! `self service install`: installs the app, if it is not installed yet, and makes a service of it that starts at once and at
//! every boot. Done again, it repairs what is missing, and keeps what an admin has said or changed.

use std::fs;
use std::io;
use std::path::Path;

use super::{ARGUMENTS, CHOICES, ServiceName, Word, system, unicode};
use super::{
    Answer, DEFINITION, Definition, LaunchError, Scope, SelfCommand, Target, defined, failed, layered, settings,
};
use crate::install::InstallError;
use crate::install::layout::InstallRoot;
use crate::self_cmd::{self, install};
use crate::service::{Made, Service, ServiceId};
use crate::sys::files;
use crate::sys::new_file;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let words = typed(command)?;
    // What is wrong with them is said before anything is made.
    settings(command, words.clone())?;
    let scope = super::scope(command);
    let mut made = Made::new();
    let (root, mut has_changed) = match scope {
        Scope::Machine => install::machine::install(command, &mut made)?,
        Scope::User => install::for_this_user(command, &mut made)?,
    };
    let target = Target::in_root(command, root, scope)?;
    let others = defined(&target.root);
    has_changed |= write(command, &target, words, &mut made)?;
    if has_changed {
        restart(command, &target.root, scope, others)?;
    }
    Ok(Answer { text: self_cmd::listed(command, &made), code: 0 })
}

/// Has all services of a root follow the bundle, after an update. Whether that has changed something.
pub(in crate::self_cmd) fn bring_up_to_date(
    command: &SelfCommand<'_>,
    root: &InstallRoot,
    made: &mut Made,
) -> Result<bool, LaunchError> {
    let mut has_changed = false;
    for name in defined(root) {
        let definition = super::definition(root, &name);
        let target = Target { root: root.clone(), scope: Scope::Machine, name, definition };
        has_changed |= write(command, &target, Vec::new(), made)?;
    }
    Ok(has_changed)
}

/// Has the services of a root that run take up what was changed.
pub(in crate::self_cmd) fn restart_all(
    command: &SelfCommand<'_>,
    root: &InstallRoot,
    scope: Scope,
) -> Result<(), LaunchError> {
    restart(command, root, scope, defined(root))
}

fn restart(
    command: &SelfCommand<'_>,
    root: &InstallRoot,
    scope: Scope,
    names: Vec<ServiceName>,
) -> Result<(), LaunchError> {
    for name in names {
        system::restart_if_running(ServiceId { name: &name, scope, root }).map_err(failed(command, "restart"))?;
    }
    Ok(())
}

/// What was typed is noted first, so that a second attempt knows it. Whether something has changed.
fn write(command: &SelfCommand<'_>, target: &Target, typed: Vec<Word>, made: &mut Made) -> Result<bool, LaunchError> {
    let before = target.definition.clone().unwrap_or_default();
    let words = layered(before.words.clone(), typed);
    let mut settings = settings(command, words.clone())?;
    settings.name = target.name.clone();
    let service = Service { id: target.id(), settings: &settings, is_known: before.is_complete };
    system::accept(&service).map_err(failed(command, "make a service of"))?;
    note(command, target, &Definition { words: words.clone(), is_complete: before.is_complete })?;
    let has_changed = system::install(&service, made).map_err(failed(command, "make a service of"))?;
    // A service of Windows reads them when it starts.
    let is_said_anew = before.is_complete && words != before.words;
    note(command, target, &Definition { words, is_complete: true })?;
    Ok(has_changed || is_said_anew)
}

fn note(command: &SelfCommand<'_>, target: &Target, definition: &Definition) -> Result<(), LaunchError> {
    let path = target.root.service_file(target.name.as_str(), DEFINITION);
    let directory = target.root.services();
    let written = create_directory(&directory).and_then(|()| {
        let text = definition.text();
        new_file::remove_unfinished(&path);
        let is_there = fs::read(&path).is_ok_and(|found| found == text.as_bytes());
        if is_there { Ok(()) } else { new_file::replace(&path, text.as_bytes()) }
    });
    written.map_err(InstallError::io("write", &path)).map_err(command.failed("make a service of"))
}

/// The settings among the options.
fn typed(command: &SelfCommand<'_>) -> Result<Vec<Word>, LaunchError> {
    let is_setting = |name: &str| name == ARGUMENTS || CHOICES.iter().any(|choice| choice.name == name);
    let given = command.options.all().filter(|(name, _)| is_setting(name));
    given.map(|(name, value)| Ok((name.to_owned(), unicode(name, value)?))).collect()
}

fn create_directory(path: &Path) -> io::Result<()> {
    match files::create_directory(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}
