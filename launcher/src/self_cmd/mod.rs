//! `app self …`: what the launcher does when it is asked for itself, and not for the app. One verb, one file.
//!
//! # Whose word it is
//! A command line is the launcher's only when its first argument is the publisher's word (`self`, unless the configuration
//! says another one, or none) **and** its second is one of the verbs below, or it has no second. Everything else, `app self
//! destruct` included, is the app's. An app that has a `self` command of its own with such verbs sets another word.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::bundle::Bundle;
use crate::error::LaunchError;

mod info;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    verb: Verb,
    /// What follows the verb.
    arguments: Vec<OsString>,
}

/// What the launcher can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Help,
    Info,
}

const VERBS: &[(&str, Verb)] = &[("--help", Verb::Help), ("help", Verb::Help), ("info", Verb::Info)];

impl Call {
    /// Reads a command line, the program's name included. `None`: it is the app's.
    pub fn of(word: Option<&str>, mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let first = arguments.nth(1)?;
        if first != OsStr::new(word?) {
            return None;
        }
        let Some(second) = arguments.next() else { return Some(Self { verb: Verb::Help, arguments: Vec::new() }) };
        let (_, verb) = VERBS.iter().find(|(name, _)| second == OsStr::new(name))?;
        Some(Self { verb: *verb, arguments: arguments.collect() })
    }
}

/// Does it. Returns the exit code.
///
/// # Errors
/// When it could not be done.
pub fn run(call: &Call, bundle: &Bundle, own_path: &Path) -> Result<u32, LaunchError> {
    match call.verb {
        Verb::Help => Ok(0),
        Verb::Info => info::run(&call.arguments, bundle, own_path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_with_a_verb_is_ours() {
        let call = |word: Option<&str>, line: &str| {
            Call::of(word, line.split(' ').filter(|part| !part.is_empty()).map(OsString::from)).map(|call| call.verb)
        };
        for (line, verb) in [
            ("app self info", Some(Verb::Info)),
            ("app self", Some(Verb::Help)),
            ("app self --help", Some(Verb::Help)),
            ("app self destruct", None),
            ("app info", None),
            ("app", None),
            ("", None),
            ("app x self info", None),
        ] {
            assert_eq!(call(Some("self"), line), verb, "{line}");
        }
        assert_eq!(call(None, "app self info"), None);
        assert_eq!(call(Some("ekiben"), "app self info"), None);
        assert_eq!(call(Some("ekiben"), "app ekiben info"), Some(Verb::Info));
    }
}
