//! `[tool.ekiben.sign]`: the command that signs a bundle for Windows, as it is written in the settings.

use super::document::Table;
use crate::report::failure::Failure;
use crate::report::text;

/// Every key.
pub(super) const KEYS: &[&str] = &["command", "env", "stdin"];
const HELP: &str = "write `{file}` where a signer works in place (signtool), or `{input}` and `{output}` where it \
                    writes another file (osslsigncode)";

/// A checked command with placeholders for the file: it contains either `{file}`, or both `{input}` and `{output}`.
///
/// It contains no secrets: secrets come from the environment, which the command inherits and to which `{env:NAME}`
/// refers. Every account of a machine can list arguments, so there are two other ways to pass secrets: variables, and
/// standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignCommand {
    words: Vec<String>,
    /// Variables for the command in addition to those that it inherits, by name.
    environment: Vec<(String, String)>,
    stdin: Option<String>,
    in_place: bool,
}

impl SignCommand {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        let words: Vec<String> = table.strings("command")?.into_iter().map(|word| word.value).collect();
        let environment = environment(table)?;
        let stdin = table.string("stdin")?.map(|text| text.value);
        Self::new(words, environment, stdin).map_err(|what| {
            let message = format!("`command` {what}");
            let place = table.place("command");
            let failure = place.map_or_else(|| Failure::new(&message), |place| place.failure(&message));
            failure.help(HELP)
        })
    }

    /// Checks a command; returns what is wrong with it.
    pub(crate) fn new(
        words: Vec<String>,
        environment: Vec<(String, String)>,
        stdin: Option<String>,
    ) -> Result<Self, &'static str> {
        let named = |place: &str| words.iter().skip(1).any(|word| word.contains(place));
        let in_place = match (named("{file}"), named("{input}"), named("{output}")) {
            _ if words.first().is_none_or(|program| program.trim().is_empty()) => {
                return Err("names no program");
            }
            (true, false, false) => true,
            (false, true, true) => false,
            (true, ..) => return Err("names `{file}` beside `{input}` or `{output}`"),
            (false, ..) => return Err("does not say which file to sign"),
        };
        Ok(Self { words, environment, stdin, in_place })
    }

    /// The program and its arguments, as they are written: they may be shown, because they contain no secrets.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Variables for it, as they are written.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// What it reads from standard input, as it is written.
    pub fn stdin(&self) -> Option<&str> {
        self.stdin.as_deref()
    }

    /// Whether it changes the file that it is given, instead of writing another one.
    pub fn in_place(&self) -> bool {
        self.in_place
    }
}

/// `env`: a table of strings, whose keys are variable names that every system accepts.
fn environment(table: &Table<'_>) -> Result<Vec<(String, String)>, Failure> {
    let Some(variables) = table.table("env")? else { return Ok(Vec::new()) };
    let mut environment = Vec::new();
    for name in variables.keys() {
        let Some(value) = variables.string(name)? else { continue };
        if name.is_empty() || name.contains('=') || name.contains(text::is_control) {
            let failure = value.place.failure(format!("`{}` can't be the name of a variable", text::shown(name)));
            return Err(failure.help("write `env = { NAME = \"{env:SIGN_PASSWORD}\" }`"));
        }
        environment.push((name.to_owned(), value.value));
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &str) -> Result<bool, &'static str> {
        let words = words.split_whitespace().map(str::to_owned).collect();
        SignCommand::new(words, Vec::new(), None).map(|command| command.in_place())
    }

    #[test]
    fn a_command_works_in_place_or_writes_another_file() {
        assert_eq!(command("signtool sign /a {file}"), Ok(true));
        assert_eq!(command("osslsigncode sign -in {input} -out {output}"), Ok(false));
        assert_eq!(command("sign --file={file}"), Ok(true));
        for (words, complaint) in [
            ("", "names no program"),
            ("signtool sign", "does not say which file to sign"),
            ("sign {input}", "does not say which file to sign"),
            ("sign {file} {output}", "names `{file}` beside `{input}` or `{output}`"),
            ("{file}", "does not say which file to sign"),
        ] {
            assert_eq!(command(words), Err(complaint), "{words}");
        }
    }
}
