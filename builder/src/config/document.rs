//! TOML with positions: every error about a value names its file and line.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::failure::Failure;

/// A parsed TOML text and the file it came from.
#[derive(Debug)]
pub(super) struct Document<'t> {
    shown: String,
    text: &'t str,
    /// How many lines of the file come before the text, and how many characters come before each line of the text: a
    /// script's metadata is a block of comments within the file.
    offset: (usize, usize),
    root: DeTable<'t>,
}

impl<'t> Document<'t> {
    /// Parses a whole file.
    pub(super) fn parse(file: &Path, text: &'t str) -> Result<Self, Failure> {
        Self::parse_block(file, text, (0, 0))
    }

    /// Parses a block within a file, which starts after `offset.0` lines and, in each line, `offset.1` characters.
    pub(super) fn parse_block(file: &Path, text: &'t str, offset: (usize, usize)) -> Result<Self, Failure> {
        let shown = file.strip_prefix(".").unwrap_or(file).display().to_string();
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { shown, text, offset, root: root.into_inner() }),
            Err(error) => {
                let (line, column) = position(text, error.span().map_or(0, |s| s.start), offset);
                let message = error.message().lines().collect::<Vec<_>>().join(", ");
                Err(Failure::new(format!("{shown}:{line}:{column}: {message}"))
                    .help("this is not valid TOML; correct the line"))
            }
        }
    }

    /// The top level.
    pub(super) fn root(&self) -> Table<'_> {
        Table { document: self, name: String::new(), map: &self.root }
    }

    /// The file as it is shown.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place { file: self.shown.clone(), line: Some(position(self.text, span.start, self.offset).0) }
    }
}

/// A line of a file, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    file: String,
    /// `None` for an option of the command line.
    line: Option<usize>,
}

impl Place {
    /// A failure whose message begins with this place.
    pub(super) fn failure(&self, message: impl fmt::Display) -> Failure {
        Failure::new(format!("{self}: {message}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl Located<String> {
    /// A value of the command line's `option`.
    pub(super) fn on_the_command_line(value: impl Into<String>, option: &str) -> Self {
        Self { value: value.into(), place: Place { file: option.to_owned(), line: None } }
    }
}

/// One table of a document.
#[derive(Debug, Clone)]
pub(super) struct Table<'d> {
    document: &'d Document<'d>,
    name: String,
    map: &'d DeTable<'d>,
}

impl<'d> Table<'d> {
    /// `Err` at the first key that is not one of these, with the nearest one as help.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Failure> {
        let mut unknown = self.map.keys().filter(|k| !known.contains(&&**k.get_ref())).collect::<Vec<_>>();
        unknown.sort_by_key(|k| k.span().start);
        let Some(key) = unknown.first() else { return Ok(()) };
        let name: &str = key.get_ref();
        let place = self.document.place(&key.span());
        let inside = if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
        let similar = |k: &&&str| strsim::jaro_winkler(k, &name.replace('_', "-"));
        let nearest = known.iter().max_by(|a, b| similar(a).total_cmp(&similar(b))).filter(|k| similar(k) > 0.75);
        Err(place.failure(format!("unknown key `{name}`{inside}")).help(match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the keys are {}", quoted(known)),
        }))
    }

    /// The keys, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'d str> {
        self.map.keys().map(|k| &**k.get_ref())
    }

    /// Whether there is such a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Where the value of `key` was written.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        self.map.get(key).map(|v| self.document.place(&v.span()))
    }

    /// The table `key`.
    pub(super) fn table(&self, key: &str) -> Result<Option<Table<'d>>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        match value.get_ref() {
            DeValue::Table(map) => Ok(Some(Table { document: self.document, name, map })),
            _ => Err(self.wrong(key, value, "a table")),
        }
    }

    /// The string `key`.
    pub(super) fn string(&self, key: &str) -> Result<Option<Located<String>>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "a string"))?;
        Ok(Some(Located { value: text.to_owned(), place: self.document.place(&value.span()) }))
    }

    /// The boolean `key`.
    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// The string `key`, or `Some(None)` for `false`, which means "none".
    pub(super) fn string_or_false(&self, key: &str) -> Result<Option<Option<Located<String>>>, Failure> {
        match self.map.get(key) {
            None => Ok(None),
            Some(value) if value.get_ref().as_bool() == Some(false) => Ok(Some(None)),
            Some(value) if value.get_ref().as_str().is_none() => Err(self.wrong(key, value, "a string or false")),
            Some(_) => self.string(key).map(Some),
        }
    }

    /// The whole number `key`, at least `least`.
    pub(super) fn count(&self, key: &str, least: u32) -> Result<Option<u32>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        let number = number.filter(|number| *number >= least);
        number.map(Some).ok_or_else(|| self.wrong(key, value, &format!("a whole number, {least} or more")))
    }

    /// The list of strings `key`; empty when there is no such key.
    pub(super) fn strings(&self, key: &str) -> Result<Vec<Located<String>>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of strings"))?;
        let one = |item: &Spanned<DeValue<'_>>| {
            let text = item.get_ref().as_str().ok_or_else(|| self.wrong(key, item, "a list of strings"))?;
            Ok(Located { value: text.to_owned(), place: self.document.place(&item.span()) })
        };
        list.iter().map(one).collect()
    }

    /// The list `key` as it is, for lists that hold other values than strings.
    pub(super) fn values(&self, key: &str) -> Result<Vec<&'d Spanned<DeValue<'d>>>, Failure> {
        let Some(value) = self.map.get(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list"))?;
        Ok(list.iter().collect())
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Failure {
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        let message = format!("`{key}` must be {expected}, not {article} {found}");
        let failure = self.document.place(&value.span()).failure(message);
        let raw = self.document.text.get(value.span()).unwrap_or_default();
        match (expected, found) {
            ("a string", "integer" | "float") => failure.help(format!("write `{key} = \"{raw}\"`")),
            ("a list of strings", "string") => failure.help(format!("write `{key} = [{raw}]`")),
            ("true or false", "string") => failure.help(format!("write `{key} = {}`", raw.trim_matches(['"', '\'']))),
            _ => failure.help(format!("docs/CONFIG.md shows how `{key}` is written")),
        }
    }
}

/// `a`, `b`, `c`.
pub(super) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|n| format!("`{}`", n.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Line and column, from 1, of a byte of the text.
fn position(text: &str, byte: usize, (lines, columns): (usize, usize)) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (line + lines, column + columns)
}
