//! `[tool.ekiben.windows]`: what an .exe says about itself in Explorer, and whose rights it asks for.

use super::document::Table;
use crate::report::failure::Failure;
use crate::report::text;

/// Every key, in the order of docs/CONFIG.md.
pub(super) const KEYS: &[&str] = &["company", "copyright", "description", "admin", "app-user-model-id"];

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
    /// The AppUserModelID, by which the taskbar groups windows; otherwise made of the app's id.
    pub app_user_model_id: Option<String>,
}

/// Longer than any line in Explorer; a version resource as a whole holds 64 KiB.
const LONGEST: usize = 1000;

impl Windows {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        let line = |key: &str| line(table, key);
        Ok(Self {
            app_user_model_id: app_user_model_id(table)?,
            company: line("company")?,
            copyright: line("copyright")?,
            description: line("description")?,
            admin: table.boolean("admin")?.unwrap_or(false),
        })
    }
}

/// A text that Explorer shows as one line.
pub(super) fn line(table: &Table<'_>, key: &str) -> Result<Option<String>, Failure> {
    let Some(line) = table.string(key)? else { return Ok(None) };
    if line.value.contains(text::is_control) || line.value.len() > LONGEST {
        let failure = line.place.failure(format!("`{key}` must be one line of at most {LONGEST} bytes"));
        return Err(failure.help("Explorer shows it as one line"));
    }
    Ok(Some(line.value))
}

/// <https://learn.microsoft.com/en-us/windows/win32/shell/appids>: at most 128 characters, no spaces.
fn app_user_model_id(table: &Table<'_>) -> Result<Option<String>, Failure> {
    const LONGEST: usize = 128;
    let Some(id) = table.string("app-user-model-id")? else { return Ok(None) };
    if id.value.is_empty() || id.value.len() > LONGEST || !id.value.chars().all(|c| c.is_ascii_graphic()) {
        let failure = id.place.failure(format!("`{}` is no AppUserModelID", id.value.escape_default()));
        return Err(failure.help(format!(
            "write `Company.Product`, at most {LONGEST} ASCII characters without spaces, the same in all versions"
        )));
    }
    Ok(Some(id.value))
}
