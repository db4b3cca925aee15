//! A sign command in which placeholders are replaced with files and variables.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::config::SignCommand;
use crate::report::failure::Failure;

/// The values of `{input}` and `{output}`; `{file}` has the same value as `{input}`.
pub(super) struct Places<'a> {
    pub(super) input: &'a Path,
    pub(super) output: &'a Path,
}

/// A command that can be run. It is never printed, because it can contain secrets.
pub(super) struct Expanded {
    /// The program and its arguments, which every account of the machine can see while it runs.
    pub(super) words: Vec<OsString>,
    /// Its environment variables, which only its own account can read.
    pub(super) environment: Vec<(String, OsString)>,
    /// What it reads from standard input.
    pub(super) stdin: OsString,
    /// The values that came from the environment.
    secrets: Vec<String>,
}

impl Expanded {
    /// A signer's output, with the values from the environment hidden.
    pub(super) fn without_secrets(&self, said: &str) -> String {
        self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "…"))
    }
}

/// Replaces all placeholders.
///
/// # Errors
/// When a variable is not set.
pub(super) fn expanded(command: &SignCommand, places: &Places<'_>) -> Result<Expanded, Failure> {
    with(command, places, |name| std::env::var_os(name))
}

fn with(
    command: &SignCommand,
    places: &Places<'_>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Expanded, Failure> {
    let mut secrets = Vec::new();
    let mut fill = |text: &str| filled(text, places, &variable, &mut secrets);
    let words = command.words().iter().map(|word| fill(word)).collect::<Result<_, _>>()?;
    let environment = command.environment().iter().map(|(name, text)| Ok((name.clone(), fill(text)?)));
    let environment = environment.collect::<Result<_, Failure>>()?;
    let stdin = command.stdin().map(&mut fill).transpose()?.unwrap_or_default();
    Ok(Expanded { words, environment, stdin, secrets })
}

fn filled(
    text: &str,
    places: &Places<'_>,
    variable: impl Fn(&str) -> Option<OsString>,
    secrets: &mut Vec<String>,
) -> Result<OsString, Failure> {
    let mut filled = OsString::new();
    let mut rest = text;
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
            // A brace that is not part of a placeholder, for example around a GUID.
            _ => (OsStr::new("{").to_owned(), found),
        };
        filled.push(value);
        rest = after;
    }
    filled.push(rest);
    Ok(filled)
}

/// The variables in arguments whose names suggest that they contain a secret.
pub(super) fn exposed(words: &[String]) -> Vec<&str> {
    const SECRET: [&str; 9] = ["PASS", "PWD", "SECRET", "TOKEN", "PIN", "KEY", "CREDENTIAL", "AUTH", "PHRASE"];
    let named = words.iter().flat_map(|word| word.split("{env:").skip(1)).filter_map(|rest| rest.split('}').next());
    // `KEY` alone can be the name of a key and not the key: `KEY_NAME`, `KEYCHAIN_ID`.
    let harmless = |name: &str| ["_ID", "_NAME", "_URL", "_FILE", "_PATH"].iter().any(|end| name.ends_with(end));
    let is_secret = |name: &&str| {
        let name = name.to_ascii_uppercase();
        SECRET.iter().any(|word| name.contains(word)) && !harmless(&name)
    };
    named.filter(is_secret).collect()
}

fn unset(name: &str) -> Failure {
    Failure::new(format!("the command of [tool.ekiben.sign] needs the variable `{name}`, which is not set"))
        .help("set it, or build with --no-sign")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str], environment: &[(&str, &str)], stdin: Option<&str>) -> Result<Expanded, Failure> {
        let environment = environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let words = words.iter().chain(&["{file}"]).map(|word| (*word).to_owned()).collect();
        let command = SignCommand::new(words, environment, stdin.map(str::to_owned)).unwrap();
        let places = Places { input: Path::new("in put.exe"), output: Path::new("out.exe") };
        with(&command, &places, |name| (name == "PASSWORD").then(|| "s3cret{file}".into()))
    }

    #[test]
    fn places_are_filled_in_and_other_braces_stay() {
        let expanded = run(&["sign", "{file}{file}", "{1-2}", "{", "}{env:PASSWORD}"], &[], None).unwrap();
        assert_eq!(expanded.words, ["sign", "in put.exein put.exe", "{1-2}", "{", "}s3cret{file}", "in put.exe"]);
        assert_eq!(expanded.without_secrets("wrong password s3cret{file}!"), "wrong password …!");
    }

    #[test]
    fn variables_and_standard_input_are_filled_in_as_words_are_and_stay_out_of_them() {
        let expanded = run(&["sign"], &[("PASS", "{env:PASSWORD}"), ("MODE", "x")], Some("{env:PASSWORD}\n")).unwrap();
        assert_eq!(expanded.words, ["sign", "in put.exe"]);
        let environment = [("PASS".to_owned(), "s3cret{file}".into()), ("MODE".to_owned(), "x".into())];
        assert_eq!(expanded.environment, environment);
        assert_eq!(expanded.stdin, "s3cret{file}\n");
        assert_eq!(expanded.without_secrets("s3cret{file}?"), "…?");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        for (words, environment, stdin) in [
            (&["sign", "{env:ABSENT}"][..], &[][..], None),
            (&["sign"], &[("A", "{env:ABSENT}")], None),
            (&["sign"], &[], Some("{env:ABSENT}")),
        ] {
            let failure = run(words, environment, stdin).map(|_| ()).unwrap_err();
            assert!(failure.to_string().contains("`ABSENT`, which is not set"), "{failure}");
        }
    }

    #[test]
    fn secrets_in_arguments_are_known_by_their_names() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let found =
            words("sign -p {env:SIGN_PASSWORD} --t={env:API_token}x{env:AZURE_CLIENT_SECRET} -k {env:OPENSSL_KEY}");
        assert_eq!(exposed(&found), ["SIGN_PASSWORD", "API_token", "AZURE_CLIENT_SECRET", "OPENSSL_KEY"]);
        let harmless = words("sign {env:AZURE_TENANT_ID} {env:KEY_NAME} {env:TSA_URL} {env:KEY_FILE} PASSWORD {file}");
        assert_eq!(exposed(&harmless), [] as [&str; 0]);
    }
}
