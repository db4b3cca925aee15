//! The words of a sign command with the files and variables put in their places.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::failure::Failure;

/// What `{input}` and `{output}` stand for; `{file}` is the same as `{input}`.
pub(super) struct Places<'a> {
    pub(super) input: &'a Path,
    pub(super) output: &'a Path,
}

/// A command that can be run. Never shown: it may hold secrets.
pub(super) struct Expanded {
    pub(super) words: Vec<OsString>,
    /// What came out of the environment.
    secrets: Vec<String>,
}

impl Expanded {
    /// What a signer said, without what it was told.
    pub(super) fn without_secrets(&self, said: &str) -> String {
        self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "…"))
    }
}

/// Fills in all places.
///
/// # Errors
/// When a variable is not set.
pub(super) fn expanded(words: &[String], places: &Places<'_>) -> Result<Expanded, Failure> {
    with(words, places, |name| std::env::var_os(name))
}

fn with(
    words: &[String],
    places: &Places<'_>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Expanded, Failure> {
    let mut secrets = Vec::new();
    let mut one = |word: &String| -> Result<OsString, Failure> {
        let mut filled = OsString::new();
        let mut rest = word.as_str();
        while let Some((before, found)) = rest.split_once('{') {
            filled.push(before);
            let place = found.split_once('}');
            let (value, after) = match place {
                Some(("file" | "input", after)) => (places.input.as_os_str().to_owned(), after),
                Some(("output", after)) => (places.output.as_os_str().to_owned(), after),
                Some((name, after)) if name.starts_with("env:") => {
                    let name = &name["env:".len()..];
                    let value = variable(name).ok_or_else(|| unset(name))?;
                    secrets.extend(value.to_str().filter(|secret| !secret.is_empty()).map(str::to_owned));
                    (value, after)
                }
                // A brace that means itself, as around a GUID.
                _ => (OsStr::new("{").to_owned(), found),
            };
            filled.push(value);
            rest = after;
        }
        filled.push(rest);
        Ok(filled)
    };
    let words = words.iter().map(&mut one).collect::<Result<_, _>>()?;
    Ok(Expanded { words, secrets })
}

fn unset(name: &str) -> Failure {
    Failure::new(format!("the command of [tool.ekiben.sign] needs the variable `{name}`, which is not set"))
        .help("set it, or build with --no-sign")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> Result<Expanded, Failure> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let places = Places { input: Path::new("in put.exe"), output: Path::new("out.exe") };
        with(&words, &places, |name| (name == "PASSWORD").then(|| "s3cret{file}".into()))
    }

    #[test]
    fn places_are_filled_in_and_other_braces_stay() {
        let expanded =
            run(&["sign", "-in", "{input}", "--out={output}", "{file}{file}", "{1-2}", "{", "}{env:PASSWORD}"]);
        let expanded = expanded.unwrap();
        assert_eq!(
            expanded.words,
            ["sign", "-in", "in put.exe", "--out=out.exe", "in put.exein put.exe", "{1-2}", "{", "}s3cret{file}"]
        );
        assert_eq!(expanded.without_secrets("wrong password s3cret{file}!"), "wrong password …!");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let failure = run(&["sign", "{env:ABSENT}"]).map(|_| ()).unwrap_err();
        assert!(failure.to_string().contains("`ABSENT`, which is not set"), "{failure}");
    }
}
