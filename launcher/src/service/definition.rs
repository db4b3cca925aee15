//! What is noted of a service in the install root, beside its unit:
//!
//! ```text
//! ekiben service 1
//! complete                             `begun`: it was not installed to the end
//! --name<TAB>web                       what an admin has typed, an option a line
//! --<TAB>--port                        and what follows `--`
//! ```
//!
//! It is written before anything is made, and marked as complete when all of it is. Installed again, a service keeps what an admin has said earlier; what the publisher says comes from the bundle.

use super::settings::Word;

/// The kind of file that holds one.
pub const DEFINITION: &str = "definition";

const HEADER: &str = "ekiben service 1";
const COMPLETE: &str = "complete";
const BEGUN: &str = "begun";

/// The same as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// What an admin has typed.
    pub words: Vec<Word>,
    /// Whether it was installed to the end.
    pub is_complete: bool,
}

impl Definition {
    /// Reads one. `None`: it is not one of ours, or one of a later ekiben.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(HEADER)?.strip_prefix('\n')?.lines();
        let is_complete = match lines.next()? {
            COMPLETE => true,
            BEGUN => false,
            _ => return None,
        };
        let word = |line: &str| line.split_once('\t').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self { words: lines.map(word).collect::<Option<_>>()?, is_complete })
    }

    /// As text. No word holds a control character, see [`super::settings`].
    pub fn text(&self) -> String {
        let mut text = [HEADER, "\n", if self.is_complete { COMPLETE } else { BEGUN }, "\n"].concat();
        for (name, value) in &self.words {
            text.extend([name, "\t", value, "\n"]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let word = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let words = vec![word("--env", "A=b c"), word("--", ""), word("--", "--x")];
        let definition = Definition { words, is_complete: true };
        assert_eq!(Definition::parse(&definition.text()), Some(definition.clone()));
        let begun = Definition { is_complete: false, ..definition.clone() };
        assert_eq!(Definition::parse(&begun.text()), Some(begun));
        assert_eq!(Definition::parse(&definition.text().replace("service 1", "service 2")), None);
        assert_eq!(Definition::parse("[Unit]\n"), None);
    }
}
