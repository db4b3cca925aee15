//! A desktop entry, and the command of a console app: a link in a directory on PATH
//! (Desktop Entry Specification 1.5, <https://specifications.freedesktop.org/desktop-entry-spec/latest/>).
//!
//! Its icon lies in the install root. And it has a `TryExec`: where the root was deleted by hand, desktops do not show it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::install::InstallError;
use crate::install::layout;
use crate::install::layout::InstallRoot;
use crate::self_cmd::menu::{Made, Wanted};
use crate::sys::access::{self, Part};
use crate::sys::new_file;
use crate::sys::removal::remove_file;
use bundle::record::LaunchRecord;

/// Whether there can be shortcuts on the desktop. Each desktop has its own rules for what may be started there.
pub(crate) const ON_DESKTOP: bool = false;

const ENTRY: &str = "menu";

const COMMAND: &str = "command";
/// Something else has the name that the command would have.
const TAKEN: &str = "taken";

pub(crate) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    debug_assert!(!wanted.desktop, "whoever asks has asked `ON_DESKTOP` first");
    let entry = entry(wanted.record)?;
    let was_there = entry.exists();
    add_entry(wanted, &entry, made)?;
    let Some(command) = layout::command(&wanted.record.app.id) else { return Ok(()) };
    let added = add_command(wanted, &command, made);
    if added.is_err() && !was_there {
        let _ = fs::remove_file(&entry);
    }
    added
}

pub(crate) fn add_for_all(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    // On a server, a menu has no use for what has no windows.
    if wanted.record.start.windowed {
        return add_entry(wanted, &layout::machine_desktop_entry(&wanted.record.identity()), made);
    }
    add_command(wanted, &layout::machine_command(&wanted.record.app.id), made)
}

pub(crate) fn there(record: &LaunchRecord) -> Made {
    let entry = entry(record).into_iter().filter(|entry| entry.exists()).map(|entry| (ENTRY, entry));
    let command = layout::command(&record.app.id).filter(|link| {
        // `<root>/<app>`, where the root is called like the app: other installers make no such path.
        let target = fs::read_link(link).unwrap_or_default();
        let app = Some(record.app.id.as_str().as_ref());
        target.file_name() == app && target.parent().and_then(Path::file_name) == app
    });
    entry.chain(command.map(|link| (COMMAND, link))).collect()
}

pub(crate) fn there_for_all(record: &LaunchRecord, root: &InstallRoot) -> Made {
    let exe = root.executable();
    let entry = layout::machine_desktop_entry(&record.identity());
    let starts = exe.to_str().map(|exe| ["\nTryExec=", &value(exe), "\n"].concat());
    let is_ours = starts.is_some_and(|starts| fs::read_to_string(&entry).is_ok_and(|text| text.contains(&starts)));
    let command = layout::machine_command(&record.app.id);
    let leads = fs::read_link(&command).is_ok_and(|target| target == exe);
    is_ours.then_some((ENTRY, entry)).into_iter().chain(leads.then_some((COMMAND, command))).collect()
}

/// What an installation for all accounts has left that was deleted.
pub(crate) fn left(record: &LaunchRecord) -> Made {
    let entry = layout::machine_desktop_entry(&record.identity());
    let text = fs::read_to_string(&entry).unwrap_or_default();
    let exe = text.lines().find_map(|line| line.strip_prefix("TryExec=")).map(Path::new);
    let app = Some(record.app.id.as_str().as_ref());
    let is_left = |exe: &Path| exe.file_name() == app && fs::symlink_metadata(exe).is_err();
    let command = layout::machine_command(&record.app.id);
    let leads = fs::read_link(&command).is_ok_and(|target| is_left(&target));
    let entry = exe.is_some_and(is_left).then_some((ENTRY, entry));
    entry.into_iter().chain(leads.then_some((COMMAND, command))).collect()
}

pub(crate) fn remove(record: &LaunchRecord) -> Result<Made, InstallError> {
    let there = there(record);
    for (_, path) in &there {
        remove_outside(path)?;
    }
    Ok(there)
}

pub(crate) fn remove_for_all(record: &LaunchRecord, root: &InstallRoot) -> Result<Made, InstallError> {
    let there = there_for_all(record, root);
    for (_, path) in &there {
        remove_outside(path)?;
    }
    Ok(there)
}

/// Removes what was found, see [`access::make`].
pub(crate) fn remove_outside(path: &Path) -> Result<(), InstallError> {
    access::make(path.parent().unwrap_or(path), Part::Inside)?;
    new_file::remove_unfinished(path);
    remove_file(path).map_err(InstallError::io("remove", path))
}

fn entry(record: &LaunchRecord) -> Result<PathBuf, InstallError> {
    layout::desktop_entry(&record.identity())
        .ok_or_else(|| InstallError::io("find", Path::new("~/.local/share"))(io::ErrorKind::NotFound.into()))
}

fn add_entry(wanted: &Wanted<'_>, entry: &Path, made: &mut Made) -> Result<(), InstallError> {
    let icon = wanted.root.icon();
    let icon = icon.to_str().filter(|_| icon.is_file());
    let exe = wanted.exe.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is no Unicode"));
    let exe = exe.map_err(InstallError::io("make a desktop entry of", wanted.exe))?;
    let text = text(&wanted.record.app.name, exe, icon, !wanted.record.start.windowed);
    access::make(entry.parent().unwrap_or(entry), Part::Inside)?;
    new_file::remove_unfinished(entry);
    new_file::replace(entry, text.as_bytes()).map_err(InstallError::io("write", entry))?;
    made.push((ENTRY, entry.to_path_buf()));
    Ok(())
}

/// Makes a link, in a directory where shells look for programs, that leads to the program of a console app. Something else of
/// that name stays.
fn add_command(wanted: &Wanted<'_>, command: &Path, made: &mut Made) -> Result<(), InstallError> {
    if wanted.record.start.windowed {
        return Ok(());
    }
    access::make(command.parent().unwrap_or(command), Part::Inside)?;
    // One that leads nowhere is of an installation that was deleted.
    if fs::symlink_metadata(command).is_ok_and(|found| found.is_symlink()) && !command.exists() {
        remove_file(command).map_err(InstallError::io("replace", command))?;
    }
    let what = match std::os::unix::fs::symlink(wanted.exe, command) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if fs::read_link(command).is_ok_and(|target| target == wanted.exe) { COMMAND } else { TAKEN }
        }
        made => made.map(|()| COMMAND).map_err(InstallError::io("link", command))?,
    };
    made.push((what, command.to_path_buf()));
    Ok(())
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
