//! `commands`: the scripts of a project that one bundle holds, beside the entry point.

use super::document::quoted;
use super::files::Files;
use super::wanted_commands::Wanted;
use super::{EntryPoint, Overrides};
use crate::report::failure::Failure;

/// One of several commands in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What a file is called that starts it.
    pub name: String,
    /// What it runs.
    pub entry: EntryPoint,
    /// Whether it has windows of its own and wants no console.
    pub windowed: bool,
}

/// What chooses one of several commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandChoice {
    /// The name of the bundle's file; under any other name it starts the entry point.
    FileName,
    /// The name of the bundle's file, else the first argument.
    Argument,
}

impl Files<'_> {
    /// The commands that go in; none if one is named on the command line, which then has the bundle to itself.
    pub(super) fn commands(&self, choice: &Overrides) -> Result<Vec<Command>, Failure> {
        let Some(wanted) = self.settings.commands.as_ref().filter(|_| choice.entry.is_none()) else {
            return Ok(Vec::new());
        };
        let known = self.console_and_gui_scripts();
        let names = match wanted {
            Wanted::All => known.clone(),
            Wanted::Named(names) => {
                if let Some(unknown) = names.iter().find(|name| !known.contains(&name.value)) {
                    let failure = unknown.place.failure(format!("there is no script `{}`", unknown.value));
                    return Err(failure.help(match known.as_slice() {
                        [] => "the project has no [project.scripts]".to_owned(),
                        known => format!("the project's scripts are {}", quoted(known)),
                    }));
                }
                names.iter().map(|name| name.value.clone()).collect()
            }
        };
        let command = |name: String| {
            if name.contains(['/', '\\']) {
                return Err(Failure::new(format!("{}: the script `{name}` can't be the name of a file", self.shown))
                    .help("leave it out of `commands`"));
            }
            let (entry, windowed) = self.named_entry(&name).ok_or_else(|| {
                Failure::new(format!("{}: the script `{name}` names no function", self.shown))
                    .help("write it as `name = \"pkg.module:function\"`")
            })?;
            Ok(Command { name, entry, windowed })
        };
        names.into_iter().map(command).collect()
    }

    /// What chooses one of them.
    pub(super) fn command_choice(&self, commands: &[Command]) -> CommandChoice {
        let by_argument = self.settings.command_argument.unwrap_or(false) && !commands.is_empty();
        if by_argument { CommandChoice::Argument } else { CommandChoice::FileName }
    }

    /// The name of an app that is one of several scripts of its project, and was named on the command line: it is not the one
    /// that the project starts by itself, so it takes neither its place on a user's disk nor its name in `dist/`.
    pub(super) fn other_script(&self, choice: &Overrides, own: &str) -> Option<String> {
        let named = choice.entry.as_deref()?;
        let is_default = self.settings.entry_point.as_ref().is_some_and(|entry| entry.value == named);
        let scripts = self.console_and_gui_scripts();
        let is_own = super::normalised(named) == super::normalised(own);
        (!is_default && !is_own && scripts.len() > 1 && scripts.iter().any(|script| script == named))
            .then(|| named.to_owned())
    }

    fn console_and_gui_scripts(&self) -> Vec<String> {
        let metadata = self.metadata.iter();
        metadata.flat_map(|metadata| metadata.scripts.keys().chain(metadata.gui_scripts.keys())).cloned().collect()
    }
}
