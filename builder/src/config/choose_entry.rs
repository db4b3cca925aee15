//! Which entry point a project means: the one that is named, else the only one.

use super::document::quoted;
use super::files::Files;
use super::found::is_python_by_its_first_line;
use super::metadata::normalised;
use super::{AppSource, Command, EntryPoint, Metadata, Overrides, Program};
use crate::report::failure::Failure;

/// What was chosen to run.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) entry: EntryPoint,
    /// The arguments that come before those that the user types.
    pub(super) arguments: Vec<String>,
    /// Whether it has windows of its own: it is one of `[project.gui-scripts]`.
    pub(super) windowed: bool,
}

impl Files<'_> {
    /// The entry point, with its arguments.
    pub(super) fn entry(
        &self,
        choice: &Overrides,
        id: &str,
        sources: &AppSource,
        commands: &[Command],
    ) -> Result<Chosen, Failure> {
        let asked = self.settings.entry_point.as_ref();
        let text = choice.entry.as_deref().or(asked.map(|a| a.value.as_str()));
        let (words, arguments) = text.map(|text| self.words(text)).unzip();
        let own = |command: &&Command| normalised(&command.name) == id;
        // If the bundle has several commands, a file with any other name starts the one with the app's name, else the
        // first one.
        if let (None, Some(first)) = (&words, commands.first()) {
            let command = commands.iter().find(own).unwrap_or(first);
            let (entry, arguments) = (command.entry.clone(), Vec::new());
            return Ok(Chosen { entry, arguments, windowed: command.windowed });
        }
        let (entry, windowed) = self.entry_alone(words.as_deref(), choice, id, sources)?;
        Ok(Chosen { entry, arguments: arguments.unwrap_or_default(), windowed })
    }

    /// What is to be run, and its arguments: `-m streamlit`, [`run`, `app.py`]. The name of an existing file is one
    /// word, even with spaces.
    fn words(&self, text: &str) -> (String, Vec<String>) {
        let text = text.trim();
        let whole = || (text.to_owned(), Vec::new());
        // `pkg.mod:func [extra]` is an old way to write an entry point.
        if !text.contains(char::is_whitespace) || text.ends_with(']') || self.root.join(text).is_file() {
            return whole();
        }
        let Some(mut words) = shlex::split(text) else { return whole() };
        let count = if words.first().is_some_and(|word| word == "-m") { 2 } else { 1 };
        let arguments = words.split_off(count.min(words.len()));
        (words.join(" "), arguments)
    }

    /// The entry point that `text` names, or else the only one, and whether it is one of `[project.gui-scripts]`.
    fn entry_alone(
        &self,
        text: Option<&str>,
        choice: &Overrides,
        id: &str,
        sources: &AppSource,
    ) -> Result<(EntryPoint, bool), Failure> {
        let asked = self.settings.entry_point.as_ref();
        let command = self.package.as_ref().and_then(|package| package.command.as_deref());
        if let Some(command) = command.filter(|_| choice.entry.is_none()) {
            return self.command(command);
        }
        if let Some(text) = text {
            return self.named_entry(text).ok_or_else(|| {
                let message = match asked.filter(|_| choice.entry.is_none()) {
                    Some(asked) => asked.place.failure(format!("`{text}` is not an entry point")),
                    None => Failure::new(format!("`{text}` is not an entry point")),
                };
                let names = self.script_names();
                let named = if names.is_empty() {
                    String::new()
                } else {
                    format!(", or the name of a script: {}", quoted(&names))
                };
                message.help(format!("write `pkg.module:function`, `-m pkg` or `script.py`{named}"))
            });
        }
        if let AppSource::Script(file) = sources {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Ok((EntryPoint::Script(name), file.extension().is_some_and(|e| e == "pyw")));
        }
        let metadata = self.metadata.clone().unwrap_or_default();
        let kinds = [metadata.scripts.keys().collect(), metadata.gui_scripts.keys().collect()];
        let programs = metadata.programs.keys().collect::<Vec<_>>();
        let names: Vec<_> =
            kinds.into_iter().chain([programs]).find(|names: &Vec<_>| !names.is_empty()).unwrap_or_default();
        let own = normalised(&metadata.name);
        // Of several scripts, users expect the one with the project's own name.
        let name = match names.as_slice() {
            [] => return self.found_entry(id),
            [only] => only,
            several if self.package.is_some() => match several.iter().find(|n| normalised(n) == own) {
                Some(name) => name,
                None => return Err(self.several_commands(several)),
            },
            several => {
                several.iter().find(|n| [id, own.as_str()].contains(&normalised(n).as_str())).ok_or_else(|| {
                    Failure::new(format!("{}: the project has several scripts: {}", self.shown, quoted(several))).help(
                        format!(
                            "choose one with `--entry {0}`, or with `entry-point = \"{0}\"` in {1}",
                            several[0], self.settings_place
                        ),
                    )
                })?
            }
        };
        self.named_entry(name).ok_or_else(|| {
            Failure::new(format!("{}: the script `{name}` names no function", self.shown))
                .help("write it as `name = \"pkg.module:function\"`")
        })
    }

    pub(super) fn named_entry(&self, text: &str) -> Option<(EntryPoint, bool)> {
        let metadata = self.metadata.as_ref();
        let script = metadata.and_then(|m| m.scripts.get(text).map(|r| (r, false)));
        let script = script.or_else(|| metadata.and_then(|m| m.gui_scripts.get(text).map(|r| (r, true))));
        if let (None, Some(program)) = (script, metadata.and_then(|m| m.programs.get(text))) {
            return Some(match program {
                Program::Script(path) => (EntryPoint::Script(path.clone()), false),
                Program::Native(path) => (EntryPoint::Program(path.clone()), false),
            });
        }
        match script {
            Some((reference, gui)) => Some((EntryPoint::parse(reference)?, gui)),
            None if is_python_by_its_first_line(&self.root.join(text)) => {
                Some((EntryPoint::Script(text.to_owned()), false))
            }
            None => Some((EntryPoint::parse(text)?, text.trim().ends_with(".pyw"))),
        }
    }

    fn script_names(&self) -> Vec<String> {
        let metadata = self.metadata.as_ref();
        let names = |m: &'_ Metadata| -> Vec<_> {
            m.scripts.keys().chain(m.gui_scripts.keys()).chain(m.programs.keys()).cloned().collect()
        };
        metadata.map(names).unwrap_or_default()
    }

    /// The command with this name, of those that a package installs.
    fn command(&self, command: &str) -> Result<(EntryPoint, bool), Failure> {
        let names = self.script_names();
        let known = names.iter().any(|name| name == command);
        self.named_entry(command).filter(|_| known).ok_or_else(|| {
            let failure = Failure::new(format!("`{}` has no command `{command}`", self.shown));
            failure.help(if names.is_empty() {
                "it has no commands at all; `--entry pkg.module:function` names a function to start".to_owned()
            } else {
                format!("it has {}", quoted(&names))
            })
        })
    }

    fn several_commands(&self, names: &[&String]) -> Failure {
        Failure::new(format!("`{}` has several commands: {}", self.shown, quoted(names)))
            .help(format!("choose one with `ekiben build --from '{}' {}`", self.shown, names[0]))
    }

    /// What is run when nothing is named: a package with a `__main__.py`, or the script that is clearly the app.
    fn found_entry(&self, id: &str) -> Result<(EntryPoint, bool), Failure> {
        let package = id.replace('-', "_");
        let main = |directory: &str| self.root.join(directory).join(&package).join("__main__.py").is_file();
        if main("src") || main("") {
            return Ok((EntryPoint::Module(package), false));
        }
        // With a [project], only files whose names mark them as the app count.
        let is_meant = |file: &&String| self.metadata.is_none() || ["main.py", "__main__.py"].contains(&file.as_str());
        if let Some(file) = self.main.as_ref().filter(is_meant) {
            return Ok((EntryPoint::Script(file.clone()), file.ends_with(".pyw")));
        }
        if self.package.is_some() {
            let failure = Failure::new(format!("`{}` has no command that could be started", self.shown));
            return Err(failure.help(
                "name a function of it with `--entry pkg.module:function`, or a module with `--entry '-m pkg'`",
            ));
        }
        Err(Failure::new(format!("{}: nothing says what to run", self.shown)).help(if self.document.is_none() {
            "name the script to start with `--entry app.py`".to_owned()
        } else {
            format!(
                "add `entry-point = \"{package}.module:function\"` to {}, a script to [project.scripts], or a \
                 `{package}/__main__.py`",
                self.settings_place
            )
        }))
    }
}
