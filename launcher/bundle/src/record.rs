//! The launch record: the little that a warm start needs, and what `inspect` shows first.

use serde::{Deserialize, Serialize};

use super::entry_path::EntryPath;
use super::{System, text};

/// What to start, and how. JSON in the bundle; keys that this version does not know are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchRecord {
    /// Whose bundle this is.
    pub app: App,
    /// The target's triple, as uv writes it.
    pub target: String,
    /// The full version of its CPython: `3.13.2`.
    pub python: String,
    /// Where that CPython comes from, for people.
    pub runtime: String,
    /// The oldest glibc that its files run with: `2.34`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glibc: Option<String>,
    /// What runs, for people: `pkg.cli:main`, `-m pkg` or `script.py`.
    pub entry_point: String,
    /// What the launcher executes.
    pub start: Start,
    /// What the publisher has chosen.
    #[serde(default, skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
}

/// Whose bundle this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// Names the install root.
    pub id: AppId,
    /// For people.
    pub name: String,
    /// For people, and the first part of the version dir's name.
    pub version: String,
}

/// The command: `<interpreter> <flags…> <script> <what the user typed…>`, both paths below the version dir.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// `python` or `python.exe`.
    pub interpreter: EntryPath,
    /// Options of the interpreter, before the script.
    pub flags: Vec<String>,
    /// The script that takes what the user typed as `sys.argv` and calls the app, or the app's own.
    pub script: EntryPath,
    /// The app has windows and no console: see `docs/INSTALL.md`, "Apps with windows".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub windowed: bool,
    /// Names of variables that the interpreter gets as options, as it ignores them otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Several commands in one bundle: the script chooses one, by the name of the bundle's file or the first argument.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
    /// The directory of the commands that packages have installed: first in the app's `PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programs: Option<EntryPath>,
    /// The first argument names the command, where the file's name does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub command_argument: bool,
}

/// One of several commands: what a start of it has of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What a file is called that starts it.
    pub name: String,
    /// `python` or `python.exe`.
    pub interpreter: EntryPath,
    /// As in [`Start`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub windowed: bool,
}

/// What the publisher has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The first argument that asks for the launcher itself (`app self info`); none: there is no such argument.
    #[serde(rename = "self")]
    pub self_word: Option<String>,
    /// How many versions a clean-up leaves, the current one included; at least that one.
    pub keep: u32,
    /// Who made the app, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// What the taskbar of Windows knows the app by, if it is not made of its id: see [`LaunchRecord::identity`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_user_model_id: Option<String>,
    /// What the app is as a service: options of `self service install`, as on a command line. Empty: the defaults.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<String>,
    /// How the app is updated; none: it isn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
}

/// How the app is updated. The package `ekiben-release` reads source, channel and root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Where releases come from.
    pub source: String,
    /// Which of them.
    pub channel: String,
    /// What happens without being asked for.
    pub policy: Policy,
    /// At most so often, in hours.
    pub interval: u32,
    /// The publisher's keys, as their file has them.
    pub root: String,
}

/// What happens without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It is looked whether there is a newer version.
    Notify,
    /// A newer version is installed.
    Automatic,
    /// Nothing.
    #[serde(other)]
    Manual,
}

impl LaunchRecord {
    /// The system that it is for.
    pub fn system(&self) -> System {
        System::from_triple(&self.target)
    }

    /// The first text with a character that a terminal acts upon: a line of ours could be forged with it, wherever the text
    /// is printed. Answers where it stands, as in the JSON.
    pub fn control_character(&self) -> Option<&'static str> {
        let (app, start, settings) = (&self.app, &self.start, &self.settings);
        let flags = start.flags.iter().map(|flag| ("start.flags", flag.as_str()));
        let environment = start.environment.iter().map(|name| ("start.environment", name.as_str()));
        let commands = start.commands.iter().map(|command| ("start.commands", command.name.as_str()));
        let service = settings.service.iter().map(|word| ("settings.service", word.as_str()));
        [
            ("app.name", app.name.as_str()),
            ("app.version", &app.version),
            ("target", &self.target),
            ("python", &self.python),
            ("runtime", &self.runtime),
            ("entry_point", &self.entry_point),
            ("start.interpreter", start.interpreter.as_str()),
            ("start.script", start.script.as_str()),
            ("settings.self", settings.self_word.as_deref().unwrap_or_default()),
            ("settings.publisher", settings.publisher.as_deref().unwrap_or_default()),
            ("settings.app_user_model_id", settings.app_user_model_id.as_deref().unwrap_or_default()),
            ("settings.update.source", settings.update.as_ref().map_or("", |update| &update.source)),
            ("settings.update.channel", settings.update.as_ref().map_or("", |update| &update.channel)),
            ("settings.update.root", settings.update.as_ref().map_or("", |update| &update.root)),
        ]
        .into_iter()
        .chain(flags)
        .chain(environment)
        .chain(commands)
        .chain(service)
        .find(|(_, text)| text.contains(text::is_control))
        .map(|(name, _)| name)
    }

    /// What tells this app from all others on a desktop: `ekiben.<id>`. It names what `self install` makes outside of the
    /// install root, so it stays the same for all versions.
    pub fn identity(&self) -> String {
        format!("ekiben.{}", self.app.id.as_str())
    }

    /// The AppUserModelID, by which the taskbar of Windows groups and pins windows.
    pub fn app_user_model_id(&self) -> String {
        self.settings.app_user_model_id.clone().unwrap_or_else(|| self.identity())
    }
}

impl Settings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            self_word: Some("self".to_owned()),
            keep: 2,
            publisher: None,
            app_user_model_id: None,
            service: Vec::new(),
            update: None,
        }
    }
}

/// A name that is safe as a directory on every target: `a-z`, `0-9`, `-`, `_` and `.`, at most 100 of them, with a
/// letter or digit at both ends. The program has this name in an install root, so what else is there has another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppId(String);

/// Not the name of an app.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` can't name an app: use a-z, 0-9, `-`, `_` and `.`, with a letter or digit at both ends", .0.escape_default()
)]
pub struct BadAppId(String);

impl AppId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(id: impl Into<String>) -> Result<Self, BadAppId> {
        let id = id.into();
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let fine = id.len() <= 100 && id.chars().all(inner) && outer(id.chars().next()) && outer(id.chars().last());
        // A device name of Windows (`con`) passes the letters, and not this.
        if fine && EntryPath::new(id.as_str()).is_ok() { Ok(Self(id)) } else { Err(BadAppId(id)) }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AppId {
    type Error = BadAppId;

    fn try_from(id: String) -> Result<Self, BadAppId> {
        Self::new(id)
    }
}

impl From<AppId> for String {
    fn from(id: AppId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_is_a_safe_directory_name() {
        for id in ["hello", "a", "my-app_2.0", "0x"] {
            assert!(AppId::new(id).is_ok(), "{id}");
        }
        for id in ["", "-a", "a-", ".a", "a/b", "..", "Hello", "con", "nul.x", "ü", "a b", &"a".repeat(101)] {
            assert!(AppId::new(id).is_err(), "{id}");
        }
    }
}
