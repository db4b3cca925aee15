//! A desktop entry in the user's data directory
//! (Desktop Entry Specification 1.5, <https://specifications.freedesktop.org/desktop-entry-spec/latest/>).
//!
//! Its icon lies in the install root. And it has a `TryExec`: where the root was deleted by hand, desktops do not show it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::install::InstallError;
use crate::install::make::new_file;
use crate::install::{layout, places};
use crate::self_cmd::menu::{Made, Wanted};
use bundle::record::LaunchRecord;

const ENTRY: &str = "menu";

pub(crate) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    debug_assert!(!wanted.desktop, "whoever asks has asked `ON_DESKTOP` first");
    let entry = entry(wanted.record)?;
    let icon = wanted.root.icon();
    let icon = icon.to_str().filter(|_| icon.is_file());
    let exe = wanted.exe.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is no Unicode"));
    let exe = exe.map_err(InstallError::io("make a desktop entry of", wanted.exe))?;
    let text = text(&wanted.record.app.name, exe, icon, !wanted.record.start.windowed);
    let directory = entry.parent().unwrap_or(&entry);
    places::accept_outside(directory)?;
    new_file::replace(&entry, text.as_bytes()).map_err(InstallError::io("write", &entry))?;
    made.push((ENTRY, entry));
    Ok(())
}

pub(crate) fn there(record: &LaunchRecord) -> Made {
    entry(record).into_iter().filter(|entry| entry.exists()).map(|entry| (ENTRY, entry)).collect()
}

pub(crate) fn remove(record: &LaunchRecord) -> Result<Made, InstallError> {
    let there = there(record);
    for (_, entry) in &there {
        places::accept_outside(entry.parent().unwrap_or(entry))?;
        fs::remove_file(entry).map_err(InstallError::io("remove", entry))?;
    }
    Ok(there)
}

fn entry(record: &LaunchRecord) -> Result<PathBuf, InstallError> {
    layout::desktop_entry(&record.identity())
        .ok_or_else(|| InstallError::io("find", Path::new("~/.local/share"))(io::ErrorKind::NotFound.into()))
}

fn text(name: &str, exe: &str, icon: Option<&str>, terminal: bool) -> String {
    let icon = icon.map_or_else(String::new, |icon| format!("Icon={}\n", value(icon)));
    format!(
        "[Desktop Entry]\nType=Application\nName={}\nTryExec={}\nExec={}\n{icon}Terminal={terminal}\n",
        value(&name.chars().filter(|c| !c.is_control()).collect::<String>()),
        value(exe),
        value(&command(exe)),
    )
}

/// A program in a command: in quotes, and no field code ("The Exec key").
fn command(exe: &str) -> String {
    let mut quoted = String::from('"');
    for c in exe.chars() {
        match c {
            '"' | '`' | '$' | '\\' => quoted.push('\\'),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(c);
    }
    quoted + "\""
}

/// A text as a value ("Possible value types").
fn value(text: &str) -> String {
    let mut value = String::new();
    for c in text.chars() {
        match c {
            '\\' => value.push_str("\\\\"),
            '\n' => value.push_str("\\n"),
            '\r' => value.push_str("\\r"),
            '\t' => value.push_str("\\t"),
            // Spaces at the front would not count.
            ' ' if value.is_empty() => value.push_str("\\s"),
            c => value.push(c),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_any_path_so_that_it_is_found_again() {
        let text = text(" Bentō\n!", r#"/a b/50% $x `y` "z" \/app"#, Some("/a b/icon.png"), false);
        assert_eq!(
            text,
            "[Desktop Entry]\nType=Application\nName=\\sBentō!\nTryExec=/a b/50% $x `y` \"z\" \\\\/app\n\
             Exec=\"/a b/50%% \\\\$x \\\\`y\\\\` \\\\\"z\\\\\" \\\\\\\\/app\"\nIcon=/a b/icon.png\nTerminal=false\n"
        );
    }
}
