//! `[tool.ekiben.service]`: what the app is as a service. Its keys are the options of `self service install` without their
//! hyphens, and become those in the launch record: the launcher has one way to read them.

use launcher::service::settings::{ARGUMENTS, CHOICES, Settings, words_of};

use super::document::{Located, Table};
use crate::report::failure::Failure;

/// Keys with another name than their option, because they hold all of it at once.
const ENVIRONMENT: &str = "env";
const APP_ARGUMENTS: &str = "arguments";

/// The options that the table stands for.
///
/// # Errors
/// The first value that the launcher would refuse, with its line.
pub(super) fn read(table: &Table<'_>) -> Result<Vec<String>, Failure> {
    let key = |name: &'static str| name.trim_start_matches('-');
    let keys: Vec<_> = CHOICES.iter().map(|choice| key(choice.name)).chain([APP_ARGUMENTS]).collect();
    table.only(&keys)?;
    let mut options = Vec::new();
    for choice in CHOICES {
        for value in values(table, key(choice.name), choice.repeats)? {
            let option = [choice.name.to_owned(), value.value];
            Settings::new(&words_of(&option), "app", "App").map_err(|bad| {
                let failure = value.place.failure(format!("`{}` can't be `{}`", key(choice.name), bad.value));
                failure.help(format!("it has to be: {}", bad.why))
            })?;
            options.extend(option);
        }
    }
    let arguments = table.strings(APP_ARGUMENTS)?;
    if !arguments.is_empty() {
        options.push(ARGUMENTS.to_owned());
        options.extend(arguments.into_iter().map(|argument| argument.value));
    }
    Ok(options)
}

/// What one key says, each as the value of an option.
fn values(table: &Table<'_>, key: &str, repeats: bool) -> Result<Vec<Located<String>>, Failure> {
    if key == ENVIRONMENT {
        let Some(variables) = table.table(key)? else { return Ok(Vec::new()) };
        let mut names: Vec<_> = variables.keys().collect();
        names.sort_unstable();
        let assigned = |name: &str| {
            let value = variables.string(name)?;
            Ok(value.map(|found| Located { value: format!("{name}={}", found.value), place: found.place }))
        };
        return names.into_iter().filter_map(|name| assigned(name).transpose()).collect();
    }
    if repeats {
        return table.strings(key);
    }
    Ok(match key {
        "stop-timeout" => table.count(key, 1)?.map(|number| number.to_string()),
        "notify" => table.boolean(key)?.map(|yes| if yes { "yes" } else { "no" }.to_owned()),
        "stop-codes" => return codes(table, key),
        _ => return Ok(table.string(key)?.into_iter().collect()),
    }
    .and_then(|value| Some(Located { value, place: table.place(key)? }))
    .into_iter()
    .collect())
}

/// `stop-codes = [3, 4]` is `3,4`.
fn codes(table: &Table<'_>, key: &str) -> Result<Vec<Located<String>>, Failure> {
    let numbers: Option<Vec<_>> =
        table.values(key)?.iter().map(|value| Some(value.get_ref().as_integer()?.as_str().to_owned())).collect();
    let Some(place) = table.place(key) else { return Ok(Vec::new()) };
    match numbers {
        Some(numbers) => Ok(vec![Located { value: numbers.join(","), place }]),
        None => {
            Err(place.failure(format!("`{key}` must be a list of numbers")).help(format!("write `{key} = [3, 4]`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::document::Document;
    use super::*;

    fn read_text(text: &str) -> Result<String, String> {
        let document = Document::parse(Path::new("ekiben.toml"), text).unwrap();
        let options = read(&document.root());
        options.map(|options| options.join(" ")).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_keys_are_the_options_without_hyphens() {
        let text = "name = \"web\"\nstart = \"manual\"\nenv = { B = \"2 3\", A = \"1\" }\nstop-timeout = 5\n\
                    stop-codes = [3, 4]\nnotify = true\nsocket = [\"8080\"]\narguments = [\"serve\", \"--fd\", \"3\"]\n";
        let options = "--name web --start manual --env A=1 --env B=2 3 --stop-timeout 5 --stop-codes 3,4 --notify yes \
                       --socket 8080 -- serve --fd 3";
        assert_eq!(read_text(text).as_deref(), Ok(options));
        assert_eq!(read_text("").as_deref(), Ok(""));
    }

    #[test]
    fn a_value_that_the_launcher_would_refuse_is_named_with_its_line() {
        for (text, complaint) in [
            ("name = \"a/b\"", "ekiben.toml:1: `name` can't be `a/b`"),
            ("\nrestart = \"sometimes\"", "ekiben.toml:2: `restart` can't be `sometimes`"),
            ("relax = [\"all\"]", "ekiben.toml:1: `relax` can't be `all`"),
            ("stop-codes = [\"x\"]", "ekiben.toml:1: `stop-codes` must be a list of numbers"),
            ("stop-codes = [-1]", "ekiben.toml:1: `stop-codes` can't be `-1`"),
            ("stop-timeout = 0", "ekiben.toml:1: `stop-timeout` must be a whole number, 1 or more, not an integer"),
            ("colour = \"red\"", "ekiben.toml:1: unknown key `colour`"),
        ] {
            assert_eq!(read_text(text).unwrap_err(), complaint);
        }
    }
}
