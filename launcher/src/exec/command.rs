//! Which of several commands of a bundle a start means. The start script makes the same choice
//! (`builder/src/packing/start_script/commands.rs`) and runs it; the launcher has to know whether it has windows.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use bundle::LaunchRecord;
use bundle::entry_path::EntryPath;
use bundle::record::Command;

use crate::sys::file_name;

/// What a start has of its command, or of the bundle if that has no several.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'r> {
    /// What runs it.
    pub interpreter: &'r EntryPath,
    /// Whether it has windows and no console.
    pub windowed: bool,
}

impl<'r> Chosen<'r> {
    /// The command that was meant by whoever typed this; under another name, what the bundle starts by itself.
    pub fn by(record: &'r LaunchRecord, typed: &[OsString]) -> Self {
        let start = &record.start;
        match chosen(record, typed) {
            Some(command) => Self { interpreter: &command.interpreter, windowed: command.windowed },
            None => Self { interpreter: &start.interpreter, windowed: start.windowed },
        }
    }
}

/// The command that the file's name names, or the first argument.
fn chosen<'r>(record: &'r LaunchRecord, typed: &[OsString]) -> Option<&'r Command> {
    let start = &record.start;
    let named = |name: &OsStr| start.commands.iter().find(|command| file_name::starts(name, &command.name));
    let file = typed.first().and_then(|program| named(Path::new(program).file_name()?));
    if !start.command_argument {
        return file;
    }
    let other = file.filter(|command| command.name != record.app.id.as_str());
    other.or_else(|| start.commands.iter().find(|command| typed.get(1).is_some_and(|word| *word == *command.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::handmade;

    #[test]
    fn a_command_is_chosen_by_the_name_of_the_file_or_the_first_argument() {
        let interpreter = EntryPath::new("python").unwrap();
        let command = |name: &str| Command { name: name.to_owned(), interpreter: interpreter.clone(), windowed: true };
        let mut record = handmade::record("1");
        let of = |record: &LaunchRecord, typed: &[&str]| {
            let typed: Vec<OsString> = typed.iter().map(OsString::from).collect();
            chosen(record, &typed).map(|command| command.name.clone()).unwrap_or_default()
        };
        assert_eq!(of(&record, &["/bin/app", "app"]), "");
        record.start.commands = vec![command("app"), command("worker")];
        for (typed, by_name, by_argument) in [
            (&["/bin/worker", "app"][..], "worker", "worker"),
            (&["/bin/app", "worker"], "app", "worker"),
            (&["worker"], "worker", "worker"),
            (&["/bin/other", "app"], "", "app"),
            (&["/bin/other", "--help"], "", ""),
            (&[], "", ""),
        ] {
            record.start.command_argument = false;
            assert_eq!(of(&record, typed), by_name, "{typed:?}");
            record.start.command_argument = true;
            assert_eq!(of(&record, typed), by_argument, "{typed:?}");
        }
    }
}
