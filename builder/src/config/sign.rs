//! `[tool.ekiben.sign]`: the command that signs a bundle for Windows, as it is written.

use super::document::Table;
use crate::failure::Failure;

/// Every key.
const KEYS: &[&str] = &["command"];
const HELP: &str = "write `{file}` where a signer works in place (signtool), or `{input}` and `{output}` where it \
                    writes another file (osslsigncode)";

/// A command with places for the file, checked: it names either `{file}`, or both `{input}` and `{output}`.
///
/// Nothing of it is a secret: those come from the environment, which the command inherits and `{env:NAME}` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignCommand {
    words: Vec<String>,
    in_place: bool,
}

impl SignCommand {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        let words: Vec<String> = table.strings("command")?.into_iter().map(|word| word.value).collect();
        Self::new(words).map_err(|what| {
            let message = format!("`command` {what}");
            let place = table.place("command");
            let failure = place.map_or_else(|| Failure::new(&message), |place| place.failure(&message));
            failure.help(HELP)
        })
    }

    /// Checks a command; answers what is wrong with it.
    fn new(words: Vec<String>) -> Result<Self, &'static str> {
        let named = |place: &str| words.iter().skip(1).any(|word| word.contains(place));
        let in_place = match (named("{file}"), named("{input}"), named("{output}")) {
            _ if words.first().is_none_or(|program| program.trim().is_empty()) => {
                return Err("of [tool.ekiben.sign] names no program");
            }
            (true, false, false) => true,
            (false, true, true) => false,
            (true, ..) => return Err("names `{file}` beside `{input}` or `{output}`"),
            (false, ..) => return Err("does not say which file to sign"),
        };
        Ok(Self { words, in_place })
    }

    /// The program and its arguments, as they are written: fit to be shown.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether it changes the file that it is given, and does not write another.
    pub fn in_place(&self) -> bool {
        self.in_place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &str) -> Result<bool, &'static str> {
        SignCommand::new(words.split_whitespace().map(str::to_owned).collect()).map(|command| command.in_place())
    }

    #[test]
    fn a_command_works_in_place_or_writes_another_file() {
        assert_eq!(command("signtool sign /a {file}"), Ok(true));
        assert_eq!(command("osslsigncode sign -in {input} -out {output}"), Ok(false));
        assert_eq!(command("sign --file={file}"), Ok(true));
        for (words, complaint) in [
            ("", "of [tool.ekiben.sign] names no program"),
            ("signtool sign", "does not say which file to sign"),
            ("sign {input}", "does not say which file to sign"),
            ("sign {file} {output}", "names `{file}` beside `{input}` or `{output}`"),
            ("{file}", "does not say which file to sign"),
        ] {
            assert_eq!(command(words), Err(complaint), "{words}");
        }
    }
}
