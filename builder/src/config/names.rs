//! What an app is called when nobody has said so, and the id that its name becomes.
//!
//! An id names directories on the user's machine: two apps with one id would replace each other, and an app could collide with
//! directories of other programs.

use std::path::Path;

use bundle::record::AppId;

use super::metadata::normalised;
use crate::report::failure::Failure;

/// Names that any script may have.
const OF_ANY_SCRIPT: &[&str] =
    &["main", "app", "run", "manage", "tool", "cli", "script", "start", "gui", "test", "example", "program"];

/// Further names that any directory may have.
const OF_ANY_DIRECTORY: &[&str] = &[
    "bin",
    "build",
    "code",
    "desktop",
    "dist",
    "documents",
    "downloads",
    "home",
    "project",
    "projects",
    "python",
    "root",
    "scripts",
    "source",
    "src",
    "temp",
    "tests",
    "tmp",
    "tools",
    "work",
    "workspace",
];

/// Directories of others right below `%LOCALAPPDATA%\Programs`, where Windows has the programs of one user
/// (`FOLDERID_UserProgramFiles`), and whose they are.
const TAKEN: &[(&str, &str)] = &[
    // `FOLDERID_UserProgramFilesCommon`: <https://learn.microsoft.com/en-us/windows/win32/shell/knownfolderid>
    ("common", "Windows keeps what several programs share there"),
    ("microsoft", "programs of Microsoft's may lie there"),
    // <https://docs.python.org/3/using/windows.html>
    ("python", "the installer of Python puts Python there"),
    // <https://github.com/ollama/ollama/blob/main/docs/windows.mdx>
    ("ollama", "the installer of Ollama puts Ollama there"),
];

/// The name of a script's app: the file's, or that of its directory where the file's is one that any script may have. With a
/// note where that is no better.
pub(super) fn of_script(script: &Path, directory: &Path) -> (String, Option<String>) {
    let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let own = text(script.file_stem());
    if !is_any(&own, &[OF_ANY_SCRIPT]) {
        return (own, None);
    }
    let above = text(directory.file_name());
    if !is_any(&above, &[OF_ANY_SCRIPT, OF_ANY_DIRECTORY]) && id(&above, "").is_ok() {
        return (above, None);
    }
    let note = format!(
        "the app is called `{own}`, like many: on a user's machine, two apps of one name take each other's place. Name it \
         with --name, or with `name = \"…\"` in [tool.ekiben]"
    );
    (own, Some(note))
}

/// The id of a name, if it can be a directory on all targets that is nobody else's.
///
/// # Errors
/// When it can't.
pub(super) fn id(name: &str, settings_place: &str) -> Result<String, Failure> {
    let id = normalised(name);
    let refused = |why: &str| Failure::new(format!("`{name}` can't be the name of an app: {why}"));
    if id.len() > 64 || AppId::new(id.as_str()).is_err() {
        return Err(refused("its directories are named after it").help(format!(
            "set `name` in {settings_place} to one with ASCII letters or digits, at most 64, and no device of Windows"
        )));
    }
    if let Some((_, whose)) = TAKEN.iter().find(|(taken, _)| *taken == id) {
        return Err(refused(&format!(
            "on Windows its directory would be `%LOCALAPPDATA%\\Programs\\{id}`, and {whose}"
        ))
        .help(format!("set `name` in {settings_place} to another one, or give one with --name")));
    }
    Ok(id)
}

fn is_any(name: &str, lists: &[&[&str]]) -> bool {
    let id = normalised(name);
    id.is_empty() || lists.iter().any(|list| list.contains(&id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_with_a_name_of_any_script_is_called_like_its_directory() {
        for (script, directory, name, is_noted) in [
            ("fetch.py", "/users/me/src", "fetch", false),
            ("main.py", "/users/me/Invoice Maker", "Invoice Maker", false),
            ("__main__.py", "/users/me/invoices", "invoices", false),
            ("App.py", "/users/me/invoices", "invoices", false),
            ("tool.py", "/users/me/src", "tool", true),
            ("run.py", "/", "run", true),
            ("main.py", "/users/me/コード", "main", true),
            ("main.py", "/users/me/main", "main", true),
            ("main.py", "/users/me/con", "main", true),
            ("main.py", "/users/me/Common", "main", true),
        ] {
            let (found, note) = of_script(Path::new(script), Path::new(directory));
            assert_eq!((found.as_str(), note.is_some()), (name, is_noted), "{script} in {directory}");
            assert!(note.is_none_or(|note| note.contains("--name") && note.contains("`name = \"…\"`")));
        }
    }

    #[test]
    fn a_directory_that_is_somebody_elses_is_no_apps() {
        for name in
            ["Common", "python", "Python", "MICROSOFT", "ollama", "con", "nul", "COM1", "lpt9", "com0", "aux", ""]
        {
            assert!(id(name, "x").is_err(), "{name}");
        }
        // With a dot, a name becomes another id; the launcher refuses these by themselves.
        for device in ["con", "con.x", "nul.tar", "com1.1", "prn.", "aux.py"] {
            assert!(AppId::new(device).is_err(), "{device}");
        }
        for (name, expected) in [("python-app", "python-app"), ("Common Room", "common-room"), ("con.x", "con-x")] {
            assert_eq!(id(name, "x").unwrap(), expected);
        }
    }
}
