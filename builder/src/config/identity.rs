//! `[tool.ekiben.windows]`: what an .exe says about itself in Explorer, and whose rights it asks for.

use super::document::Table;
use crate::failure::Failure;

/// Every key, in the order of docs/CONFIG.md.
const KEYS: &[&str] = &["company", "copyright", "description", "admin"];

/// What `[tool.ekiben.windows]` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Windows {
    /// `CompanyName`; otherwise the first of the project's authors.
    pub company: Option<String>,
    /// `LegalCopyright`.
    pub copyright: Option<String>,
    /// `FileDescription`: what the task manager and Explorer call the program. Otherwise the app's name.
    pub description: Option<String>,
    /// Whether the app wants an administrator's rights.
    pub admin: bool,
}

/// Longer than any line in Explorer; a version resource as a whole holds 64 KiB.
const LONGEST: usize = 1000;

impl Windows {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        let line = |key: &str| {
            let Some(text) = table.string(key)? else { return Ok(None) };
            if text.value.chars().any(char::is_control) || text.value.len() > LONGEST {
                let failure = text.place.failure(format!("`{key}` must be one line of at most {LONGEST} bytes"));
                return Err(failure.help("Explorer shows it as one line"));
            }
            Ok(Some(text.value))
        };
        Ok(Self {
            company: line("company")?,
            copyright: line("copyright")?,
            description: line("description")?,
            admin: table.boolean("admin")?.unwrap_or(false),
        })
    }
}
