//! `app self …`: what the launcher does when it is asked for itself, and not for the app. One verb, one file.
//!
//! # Whose word it is
//! A command line is the launcher's only when its first argument is the publisher's word (`self`, unless the configuration
//! says another one, or none) **and** its second is one of the verbs below, or it has no second. Everything else, `app self
//! destruct` included, is the app's. An app that has a `self` command of its own with such verbs sets another word.
//!
//! # What is said where
//! A verb's answer is data and goes to standard output, all of it at once; questions, progress and errors are talk and go
//! to standard error. Where a program with windows has neither, nor a console to find, both stand in a dialog.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::error::LaunchError;
use crate::install::InstallError;
use crate::install::places::{Candidate, Roots};
use crate::install::system::ModesAsAsked;
use crate::install::version::listed::Owner;
use crate::notify;
use bundle::Bundle;

mod clean;
pub(crate) mod doctor;
mod help;
mod info;
mod install;
mod json;
pub mod menu;
mod options;
mod repair;
mod uninstall;
mod verify;
mod wording;

use options::{Known, Options};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    verb: Verb,
    /// What follows the verb.
    arguments: Vec<OsString>,
}

/// What the launcher can do.
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
}

/// All that is to be said about a verb.
struct Row {
    name: &'static str,
    verb: Verb,
    options: &'static [Known],
    does: &'static str,
}

const JSON: Known = Known { name: "--json", value: None, does: "answer in JSON" };

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
        options: &[Known { name: "--remove-extra", value: None, does: "remove files that do not belong there, too" }],
        does: "bring back what is missing or changed",
    },
    Row {
        name: "clean",
        verb: Verb::Clean,
        options: &[Known { name: "--keep", value: Some("N"), does: "leave N versions, this one included" }],
        does: "remove old versions that nobody runs",
    },
    Row {
        name: "doctor",
        verb: Verb::Doctor,
        options: &[],
        does: "all that helps to find out why it does not start, as one text",
    },
    Row {
        name: "install",
        verb: Verb::Install,
        options: &[JSON, Known { name: "--desktop", value: None, does: "a shortcut on the desktop, too (Windows)" }],
        does: "put a copy of this file where it is installed, and an entry in the menu",
    },
    Row {
        name: "uninstall",
        verb: Verb::Uninstall,
        options: &[
            Known { name: "--yes", value: None, does: "do not ask" },
            Known { name: "--exe", value: None, does: "remove this file, too" },
            Known {
                name: "--purge",
                value: None,
                does: "remove what the app itself keeps in the same directory, too: `data`, `kept` and all else",
            },
        ],
        does: "remove everything that was installed",
    },
    Row { name: "help", verb: Verb::Help, options: &[], does: "this text" },
    Row { name: "--help", verb: Verb::Help, options: &[], does: "" },
];

/// What every verb works with.
struct Asked<'a> {
    bundle: &'a Bundle,
    own_path: &'a Path,
    options: Options,
}

/// What a verb has to say, and how it ends: 0 when all is well, 1 when not.
struct Answer {
    text: String,
    code: u32,
}

impl Call {
    /// Reads a command line, the program's name included. `None`: it is the app's.
    pub fn of(word: Option<&str>, mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let first = arguments.nth(1)?;
        if first != OsStr::new(word?) {
            return None;
        }
        let Some(second) = arguments.next() else { return Some(Self { verb: Verb::Help, arguments: Vec::new() }) };
        let row = VERBS.iter().find(|row| second == OsStr::new(row.name))?;
        Some(Self { verb: row.verb, arguments: arguments.collect() })
    }
}

impl Asked<'_> {
    fn roots(&self) -> Roots<'_> {
        Roots::of(&self.bundle.record().app.id, self.own_path)
    }

    fn owner(&self) -> Owner {
        Owner::of(self.bundle.record())
    }

    /// The roots of this app that are there, and that this account may change: an admin's only for an admin.
    fn own_roots(&self) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        for candidate in self.roots().all().into_iter().filter(Candidate::is_ours) {
            if !found.iter().any(|other| other.root == candidate.root) {
                found.push(candidate);
            }
        }
        found
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(InstallError) -> LaunchError {
        let app = self.bundle.record().app.id.as_str().to_owned();
        move |source| LaunchError::Asked { doing, app, source }
    }
}

/// Does it. Returns the exit code.
///
/// # Errors
/// When it could not be done.
pub fn run(call: &Call, bundle: &Bundle, own_path: &Path) -> Result<u32, LaunchError> {
    notify::find_the_console();
    let _modes = ModesAsAsked::set();
    let row = VERBS.iter().find(|row| row.verb == call.verb);
    let known = row.map_or(&[][..], |row| row.options);
    let options = Options::read(known, &call.arguments).map_err(|wrong| LaunchError::Misuse {
        what: wrong.to_string(),
        help: wrong.help(&help::command(bundle, own_path)),
    })?;
    let asked = Asked { bundle, own_path, options };
    let answer = match call.verb {
        _ if asked.options.has("--help") => help::run(&asked),
        Verb::Help => help::run(&asked),
        Verb::Info => info::run(&asked),
        Verb::Verify => verify::run(&asked)?,
        Verb::Repair => repair::run(&asked)?,
        Verb::Clean => clean::run(&asked)?,
        Verb::Doctor => doctor::run(&asked),
        Verb::Install => install::run(&asked)?,
        Verb::Uninstall => uninstall::run(&asked)?,
    };
    notify::answer(&bundle.record().app.name, &answer.text);
    Ok(answer.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_with_a_verb_is_ours() {
        let call = |word: Option<&str>, line: &str| {
            Call::of(word, line.split(' ').filter(|part| !part.is_empty()).map(OsString::from)).map(|call| call.verb)
        };
        for (line, verb) in [
            ("app self info", Some(Verb::Info)),
            ("app self uninstall --yes", Some(Verb::Uninstall)),
            ("app self", Some(Verb::Help)),
            ("app self --help", Some(Verb::Help)),
            ("app self destruct", None),
            ("app info", None),
            ("app", None),
            ("", None),
            ("app x self info", None),
        ] {
            assert_eq!(call(Some("self"), line), verb, "{line}");
        }
        assert_eq!(call(None, "app self info"), None);
        assert_eq!(call(Some("ekiben"), "app self info"), None);
        assert_eq!(call(Some("ekiben"), "app ekiben info"), Some(Verb::Info));
    }
}
