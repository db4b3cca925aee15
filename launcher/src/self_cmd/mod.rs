//! `app self …`: the launcher's own commands. One verb, one file.
//!
//! # Whose command line it is
//! A command line is the launcher's only when its first argument is the publisher's word (`self`, unless the configuration
//! says another one, or none) **and** its second is one of the verbs below, or it has no second (after
//! `service`: its third is one of the verbs there, or missing). Everything else, `app self
//! destruct` included, is the app's. An app that has a `self` command of its own with such verbs sets another word.
//!
//! # Output
//! A verb's answer is data and goes to standard output, all of it at once; questions, progress and errors go to standard error.
//! If a program with windows has neither, and was not started from a console, both are shown in a dialog.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::error::LaunchError;
use crate::install::InstallError;
use crate::install::places::{Candidate, Place, Roots};
use crate::install::version::file_list::Owner;
use crate::notify;
use crate::sys::console;
use crate::sys::exec::{self, Ended, Start};
use crate::sys::files::FixedUmask;
use bundle::Bundle;

mod clean;
mod doctor;
mod help;
mod info;
mod install;
mod json;
pub mod menu;
mod options;
mod prepare;
mod repair;
mod service;
#[cfg(test)]
mod tests;
mod uninstall;
mod update;
mod verify;
mod wording;

use json::PathValue;
use menu::Made;
use options::{Known, Options};
use service::ServiceVerb;

/// A verb and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    verb: Verb,
    /// What follows the verb.
    arguments: Vec<OsString>,
}

/// The verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Help,
    Info,
    Verify,
    Repair,
    Clean,
    Doctor,
    Install,
    Uninstall,
    Service(ServiceVerb),
    Update,
    Rollback,
    Prepare,
}

/// A verb with its options and help.
struct Row {
    name: &'static str,
    verb: Verb,
    options: &'static [Known],
    does: &'static str,
}

const JSON: Known = Known { name: "--json", value: None, does: "answer in JSON" };
const YES: Known = Known { name: "--yes", value: None, does: "do not ask" };

const VERBS: &[Row] = &[
    Row { name: "info", verb: Verb::Info, options: &[JSON], does: "what this file is, and where it is installed" },
    Row {
        name: "verify",
        verb: Verb::Verify,
        options: &[JSON],
        does: "compare every installed file with this one; ends with 1 if one differs",
    },
    Row {
        name: "repair",
        verb: Verb::Repair,
        options: &[Known { name: "--remove-extra", value: None, does: "also remove files that do not belong there" }],
        does: "restore files that are missing or changed",
    },
    Row {
        name: "clean",
        verb: Verb::Clean,
        options: &[
            Known { name: "--keep", value: Some("N"), does: "keep N versions, including this one" },
            Known { name: "--system", value: None, does: "remove what a deleted installation for the machine left" },
        ],
        does: "remove old versions that nobody runs",
    },
    Row {
        name: "doctor",
        verb: Verb::Doctor,
        options: &[],
        does: "a report that helps to find out why the app does not start",
    },
    Row {
        name: "install",
        verb: Verb::Install,
        options: &[
            JSON,
            YES,
            Known { name: "--desktop", value: None, does: "also a shortcut on the desktop (Windows)" },
            Known { name: "--system", value: None, does: "for the whole machine: an admin's" },
            install::DIR,
            Known { name: "--no-menu", value: None, does: "no entry in the menu" },
            Known { name: "--no-restart", value: None, does: "leave running services as they are" },
        ],
        does: "put a copy of this file where it is installed, and an entry in the menu",
    },
    Row {
        name: "uninstall",
        verb: Verb::Uninstall,
        options: &[
            YES,
            Known { name: "--exe", value: None, does: "also remove this file" },
            Known {
                name: "--purge",
                value: None,
                does: "also remove what the app keeps in the same directory: `data`, `kept` and everything else",
            },
        ],
        does: "remove everything that was installed",
    },
    Row {
        name: "service install",
        verb: Verb::Service(ServiceVerb::Install),
        options: &service::INSTALL,
        does: "make a service of it that starts at boot",
    },
    Row {
        name: "service start",
        verb: Verb::Service(ServiceVerb::Start),
        options: &[service::NAME, service::USER],
        does: "start the service",
    },
    Row {
        name: "service stop",
        verb: Verb::Service(ServiceVerb::Stop),
        options: &[service::NAME, service::USER],
        does: "stop it",
    },
    Row {
        name: "service restart",
        verb: Verb::Service(ServiceVerb::Restart),
        options: &[service::NAME, service::USER],
        does: "stop it and start it",
    },
    Row {
        name: "service status",
        verb: Verb::Service(ServiceVerb::Status),
        options: &[service::NAME, service::USER, JSON],
        does: "whether it runs; ends with 3 if not, with 4 if it is not installed",
    },
    Row {
        name: "service logs",
        verb: Verb::Service(ServiceVerb::Logs),
        options: &[
            service::NAME,
            service::USER,
            Known { name: "-n", value: Some("N"), does: "the last N lines; otherwise 100" },
            Known { name: "-f", value: None, does: "go on as more is said" },
        ],
        does: "what it has said",
    },
    Row {
        name: "service run",
        verb: Verb::Service(ServiceVerb::Run),
        options: &[service::NAME, service::USER],
        does: "run the app as the service does, for another service manager",
    },
    Row {
        name: "service uninstall",
        verb: Verb::Service(ServiceVerb::Uninstall),
        options: &[service::NAME, service::USER, YES],
        does: "stop it and remove it; the app stays",
    },
    Row {
        name: "update",
        verb: Verb::Update,
        options: &[
            Known { name: "--check", value: None, does: "say whether there is a newer version, and change nothing" },
            Known { name: "--to", value: Some("VERSION"), does: "that version, also an older one" },
            Known { name: "--channel", value: Some("NAME"), does: "from another channel" },
            JSON,
        ],
        does: "install a newer version, if there is one",
    },
    Row {
        name: "rollback",
        verb: Verb::Rollback,
        options: &[JSON],
        does: "go back to the version before the last update",
    },
    Row {
        name: "prepare",
        verb: Verb::Prepare,
        options: &[Known { name: "--as", value: Some("FILE"), does: "" }],
        does: "",
    },
    Row { name: "help", verb: Verb::Help, options: &[], does: "this text" },
    Row { name: "--help", verb: Verb::Help, options: &[], does: "" },
    Row { name: "service --help", verb: Verb::Help, options: &[], does: "" },
];

/// Has verbs of its own.
const SERVICE: &str = "service";

/// What every verb works with.
struct SelfCommand<'a> {
    bundle: &'a Bundle,
    own_path: &'a Path,
    options: Options,
}

/// A verb's answer, and its exit code: 0 if all is well, 1 if not.
struct Answer {
    text: String,
    code: u32,
}

impl Call {
    /// Reads a command line, the program's name included. `None`: it is the app's.
    pub fn from_arguments(word: Option<&str>, mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let first = arguments.nth(1)?;
        if first != OsStr::new(word?) {
            return None;
        }
        let Some(second) = arguments.next() else { return Some(Self { verb: Verb::Help, arguments: Vec::new() }) };
        let mut name = second.to_str()?.to_owned();
        if name == SERVICE {
            match arguments.next() {
                None => return Some(Self { verb: Verb::Help, arguments: Vec::new() }),
                Some(third) => name.extend([" ", third.to_str()?]),
            }
        }
        let row = VERBS.iter().find(|row| name == row.name)?;
        Some(Self { verb: row.verb, arguments: arguments.collect() })
    }
}

impl SelfCommand<'_> {
    fn roots(&self) -> Roots<'_> {
        Roots::new(&self.bundle.record().app.id, self.own_path)
    }

    fn owner(&self) -> Owner {
        Owner::from_record(self.bundle.record())
    }

    /// The roots of this app that are there, and that this account may change: an admin's only for an admin.
    fn own_roots(&self) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let machine = install::machine::root(self).map(|root| Candidate { place: Place::Beside, root });
        for candidate in self.roots().all().into_iter().chain(machine).filter(Candidate::is_ours) {
            if !found.iter().any(|other| other.root == candidate.root) {
                found.push(candidate);
            }
        }
        found
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(InstallError) -> LaunchError {
        let app = self.bundle.record().app.id.as_str().to_owned();
        move |source| LaunchError::SelfCommand { doing, app, source }
    }
}

/// Does it. Returns the exit code.
///
/// # Errors
/// When it could not be done.
pub fn run(call: &Call, bundle: Bundle, own_path: &Path) -> Result<u32, LaunchError> {
    console::attach_parent_console();
    let _modes = FixedUmask::set();
    let row = VERBS.iter().find(|row| row.verb == call.verb);
    let known = row.map_or(&[][..], |row| row.options);
    let options = Options::read(known, &call.arguments).map_err(|wrong| LaunchError::Misuse {
        what: wrong.to_string(),
        help: wrong.help(&help::command(&bundle, own_path)),
    })?;
    let command = SelfCommand { bundle: &bundle, own_path, options };
    if call.verb == Verb::Service(ServiceVerb::Run) && !command.options.has("--help") {
        let ready = service::Ready::new(&command)?;
        // As long as a service runs, its file can be replaced.
        drop(bundle);
        return ready.run();
    }
    match answer(call.verb, &command) {
        Ok(answer) => {
            notify::answer(&bundle.record().app.name, &answer.text);
            Ok(answer.code)
        }
        // Which has said how it went.
        Err(LaunchError::DoneElsewhere { code }) => Ok(code),
        Err(error) => Err(error),
    }
}

fn answer(verb: Verb, command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    Ok(match verb {
        _ if command.options.has("--help") => help::run(command),
        Verb::Help => help::run(command),
        Verb::Info => info::run(command),
        Verb::Verify => verify::run(command)?,
        Verb::Repair => repair::run(command)?,
        Verb::Clean => clean::run(command)?,
        Verb::Doctor => doctor::run(command),
        Verb::Install => install::run(command)?,
        Verb::Uninstall => uninstall::run(command)?,
        Verb::Service(verb) => service::run(verb, command)?,
        Verb::Update | Verb::Rollback => update::run(command)?,
        Verb::Prepare => prepare::run(command)?,
    })
}

/// What was made, a line for each, or a member.
fn listed(command: &SelfCommand<'_>, made: &Made) -> String {
    if command.options.has(JSON.name) {
        let members = made.iter().map(|(what, place)| (*what, PathValue::from(place.as_path())));
        return json::line(&members.collect::<BTreeMap<_, _>>());
    }
    let mut text = String::new();
    for (at, (what, place)) in made.iter().enumerate() {
        // A service that was brought up to date, and then changed.
        if made.iter().take(at).any(|(_, earlier)| earlier == place) {
            continue;
        }
        let _ = writeln!(text, "{what:8} {}", wording::path(place));
    }
    text
}

/// What was removed, a line for each.
fn removed(gone: &Made) -> String {
    let line = |(what, path): &(&str, PathBuf)| {
        let what = if path.is_absolute() { "" } else { *what };
        ["removed ", what, if what.is_empty() { "" } else { " " }, &wording::path(path), "\n"].concat()
    };
    gone.iter().map(line).collect()
}

/// Runs another program in the place of this one, with what was typed as its last arguments.
fn handed_over(start: &Start<'_>) -> Result<Answer, LaunchError> {
    let ended = exec::start(start, &mut || {}).map_err(|source| LaunchError::Start {
        interpreter: start.program.clone(),
        version_dir: start.program.parent().map(Path::to_path_buf).unwrap_or_default(),
        source,
    })?;
    let code = match ended {
        Ended::With(code) | Ended::Unseen(code) => code,
        Ended::NotYet => 0,
    };
    Ok(Answer { text: String::new(), code })
}
