//! The value of `commands`: a list, or `"all"`.

use super::document::{Located, Table};
use crate::report::failure::Failure;

/// `commands`, as it is written.
#[derive(Debug)]
pub(super) enum Wanted {
    /// `"all"`
    All,
    Named(Vec<Located<String>>),
}

impl Wanted {
    pub(super) fn read(table: &Table<'_>) -> Result<Option<Self>, Failure> {
        let Some(place) = table.place("commands") else { return Ok(None) };
        match table.string("commands") {
            Ok(Some(word)) if word.value == "all" => Ok(Some(Self::All)),
            Ok(_) => Err(place
                .failure("`commands` is neither a list nor `\"all\"`")
                .help("write `commands = [\"a\", \"b\"]`")),
            Err(_) => Ok(Some(Self::Named(table.strings("commands")?))),
        }
    }
}
