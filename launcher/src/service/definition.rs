//! What is noted of a service in the install root, beside its unit:
//!
//! ```text
//! ekiben service 1
//! unit 9f86d081…                       SHA-256 of the units as they were written: another one was changed by hand
//! --name<TAB>web                       what an admin has typed, an option a line
//! --<TAB>--port                        and what follows `--`
//! ```
//!
//! Installed again, a service keeps what an admin has said earlier; what the publisher says comes from the bundle.

use super::settings::Word;

const HEADER: &str = "ekiben service 1";

/// The same as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// What an admin has typed.
    pub words: Vec<Word>,
    /// The digest of the units as they were written.
    pub units: String,
}

impl Definition {
    /// Reads one. `None`: it is not one of ours, or one of a later ekiben.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(HEADER)?.strip_prefix('\n')?.lines();
        let units = lines.next()?.strip_prefix("unit ")?.to_owned();
        let word = |line: &str| line.split_once('\t').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self { words: lines.map(word).collect::<Option<_>>()?, units })
    }

    /// As text. No word holds a control character, see [`super::settings`].
    pub fn text(&self) -> String {
        let words: String = self.words.iter().map(|(name, value)| format!("{name}\t{value}\n")).collect();
        format!("{HEADER}\nunit {}\n{words}", self.units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let word = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let words = vec![word("--env", "A=b c"), word("--", ""), word("--", "--x")];
        let definition = Definition { words, units: "abc".to_owned() };
        assert_eq!(Definition::parse(&definition.text()), Some(definition.clone()));
        assert_eq!(Definition::parse(&definition.text().replace("service 1", "service 2")), None);
        assert_eq!(Definition::parse("[Unit]\n"), None);
    }
}
