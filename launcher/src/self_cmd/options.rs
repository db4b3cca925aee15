//! The options of a verb.

use std::ffi::{OsStr, OsString};
use std::fmt;

use lexopt::{Arg, Parser};

use crate::service::settings::ARGUMENTS;

/// An option that a verb knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// With its hyphens.
    pub(super) name: &'static str,
    /// What its value is called; none: it has no value.
    pub(super) value: Option<&'static str>,
    /// In a few words.
    pub(super) does: &'static str,
}

/// The options that were given. The last one counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<(&'static str, OsString)>);

/// What is wrong with the options.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is no such option.
    Unknown { given: String, nearest: Option<&'static str> },
    /// An option without its value.
    NoValue { name: &'static str, value: &'static str },
    /// A value where there is none.
    Value { name: &'static str },
}

/// Every verb knows it.
const HELP: Known = Known { name: "--help", value: None, does: "" };

impl Options {
    /// Reads `--name`, `--name value` and `--name=value`. If [`ARGUMENTS`] is known, each word after it is a value of it.
    pub(super) fn read(known: &[Known], arguments: &[OsString]) -> Result<Self, Wrong> {
        let separator = known.iter().find(|option| option.name == ARGUMENTS);
        let mut options = Self::default();
        let mut parser = Parser::from_args(arguments.to_vec());
        loop {
            if let Some((option, mut rest)) = separator.zip(parser.try_raw_args())
                && rest.next_if(|word| word == ARGUMENTS).is_some()
            {
                options.0.extend(rest.map(|word| (option.name, word)));
                return Ok(options);
            }
            let name = match parser.next() {
                Ok(Some(Arg::Long(name))) => format!("--{name}"),
                Ok(Some(Arg::Short(letter))) => format!("-{letter}"),
                Ok(Some(Arg::Value(word))) => return Err(unknown(known, &word)),
                Ok(None) | Err(_) => return Ok(options),
            };
            let Some(option) = known.iter().chain([&HELP]).find(|known| known.name == name) else {
                return Err(unknown(known, OsStr::new(&name)));
            };
            let value = match option.value {
                Some(value) => parser.value().map_err(|_| Wrong::NoValue { name: option.name, value })?,
                None if parser.optional_value().is_some() => return Err(Wrong::Value { name: option.name }),
                None => OsString::new(),
            };
            options.0.push((option.name, value));
        }
    }

    /// All of them, in the order in which they were given.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &OsStr)> {
        self.0.iter().map(|(name, value)| (*name, value.as_os_str()))
    }

    /// Whether an option was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value of an option that was given.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.0.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_os_str())
    }
}

fn unknown(known: &[Known], given: &OsStr) -> Wrong {
    let given = super::wording::text(given);
    let distance = |known: &Known| strsim::levenshtein(known.name, &given);
    // With half of it wrong, it is not a typing error.
    let options = known.iter().filter(|known| known.name != ARGUMENTS);
    let near = options.map(|known| (distance(known), known.name)).filter(|(far, name)| far * 2 <= name.len());
    let nearest = near.min().map(|(_, name)| name);
    Wrong::Unknown { given, nearest }
}

impl Wrong {
    /// What to do; `command` is how this program is asked for help.
    pub(super) fn help(&self, command: &str) -> String {
        match self {
            Self::Unknown { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`? `{command}` lists all"),
            Self::Unknown { nearest: None, .. } | Self::Value { .. } => format!("`{command}` lists all options"),
            Self::NoValue { name, value } => format!("write `{name} {value}`"),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { given, .. } => write!(f, "there is no option `{given}`"),
            Self::NoValue { name, .. } => write!(f, "`{name}` needs a value"),
            Self::Value { name } => write!(f, "`{name}` takes no value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Known] = &[
        Known { name: "--json", value: None, does: "" },
        Known { name: "--keep", value: Some("N"), does: "" },
        Known { name: "--remove-extra", value: None, does: "" },
        Known { name: "--", value: Some("ARGS"), does: "" },
    ];

    fn read(line: &str) -> Result<Options, Wrong> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Options::read(KNOWN, &arguments)
    }

    #[test]
    fn options_are_read_with_and_without_values() {
        let options = read("--keep 3 --json --keep=4").unwrap();
        assert!(options.has("--json") && !options.has("--remove-extra"));
        assert_eq!(options.value("--keep"), Some(OsStr::new("4")));
        assert!(read("--help").unwrap().has("--help"));
        assert_eq!(read(""), Ok(Options::default()));
        let options = read("--json -- --keep 3").unwrap();
        let words: Vec<_> = options.all().map(|(name, value)| (name, value.to_str().unwrap())).collect();
        assert_eq!(words, [("--json", ""), ("--", "--keep"), ("--", "3")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_unicode_can_be_attached() {
        use std::os::unix::ffi::OsStringExt as _;
        let options = Options::read(KNOWN, &[OsString::from_vec(b"--keep=a\xff".to_vec())]).unwrap();
        assert_eq!(options.value("--keep"), Some(OsString::from_vec(b"a\xff".to_vec()).as_os_str()));
    }

    #[test]
    fn what_is_wrong_is_named_with_the_nearest_option() {
        let unknown = |given: &str, nearest| Err(Wrong::Unknown { given: given.to_owned(), nearest });
        assert_eq!(read("--jsn"), unknown("--jsn", Some("--json")));
        assert_eq!(read("--remove-extras"), unknown("--remove-extras", Some("--remove-extra")));
        assert_eq!(read("everything"), unknown("everything", None));
        assert_eq!(read("--keep"), Err(Wrong::NoValue { name: "--keep", value: "N" }));
        assert_eq!(read("--json=1"), Err(Wrong::Value { name: "--json" }));
        assert_eq!(read("-k"), unknown("-k", None));
    }
}
