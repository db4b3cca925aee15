//! Shortcuts, and the entry in "Apps & features"
//! (<https://learn.microsoft.com/en-us/windows/win32/msi/uninstall-registry-key>).
//!
//! The entry also notes which shortcuts were made, so that no other file is ever taken for one of them, whatever the app was
//! called then.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use windows_sys::Win32::UI::Shell::{FOLDERID_Desktop, FOLDERID_Programs};

use crate::install::InstallError;
use crate::install::layout::{self, InstallRoot};
use crate::install::system::known_folder;
use crate::install::version::disk_use::disk_use;
use crate::self_cmd::menu::{Made, Wanted};
use crate::sys::file_name;
use bundle::record::LaunchRecord;

mod shell_link;

use crate::sys::windows::registry::Key;

/// What a shortcut is, and the value of the entry that notes it.
const MENU: (&str, &str) = ("menu", "EkibenMenu");
const DESKTOP: (&str, &str) = ("desktop", "EkibenDesktop");
const ENTRY: &str = "entry";

pub(crate) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    let key = key(wanted.record);
    let was_there = key.text(NAME).is_some();
    let added = all(wanted, &key, made);
    if added.is_err() && !was_there {
        let _ = remove(wanted.record);
    }
    added
}

/// Not there yet.
pub(crate) fn add_for_all(_wanted: &Wanted<'_>, _made: &mut Made) -> Result<(), InstallError> {
    Ok(())
}

pub(crate) fn there_for_all(_record: &LaunchRecord, _root: &InstallRoot) -> Made {
    Made::new()
}

pub(crate) fn remove_for_all(_record: &LaunchRecord, _root: &InstallRoot) -> Result<Made, InstallError> {
    Ok(Made::new())
}

pub(crate) fn there(record: &LaunchRecord) -> Made {
    let key = key(record);
    let mut there = Vec::new();
    for (what, value) in [MENU, DESKTOP] {
        if let Some(path) = key.text(value).map(PathBuf::from).filter(|path| path.exists()) {
            there.push((what, path));
        }
    }
    if key.text(NAME).is_some() {
        there.push((ENTRY, key.path()));
    }
    there
}

pub(crate) fn remove(record: &LaunchRecord) -> Result<Made, InstallError> {
    let there = there(record);
    for (what, path) in &there {
        let removed = if *what == ENTRY { key(record).remove() } else { fs::remove_file(path) };
        removed.map_err(InstallError::io("remove", path))?;
    }
    Ok(there)
}

fn key(record: &LaunchRecord) -> Key {
    Key::of(&format!(r"Software\Microsoft\Windows\CurrentVersion\Uninstall\{}", record.identity()))
}

const NAME: &str = "DisplayName";

fn all(wanted: &Wanted<'_>, key: &Key, made: &mut Made) -> Result<(), InstallError> {
    let record = wanted.record;
    entry(wanted, key).map_err(InstallError::io("write", &key.path()))?;
    made.push((ENTRY, key.path()));
    let name = file_name::of(&record.app.name, record.app.id.as_str()) + ".lnk";
    let folders = [(MENU, &FOLDERID_Programs), (DESKTOP, &FOLDERID_Desktop)];
    for ((what, value), folder) in &folders[..1 + usize::from(wanted.desktop)] {
        // A folder that there is none of can't be written to, either.
        let path = known_folder(folder).unwrap_or_default().join(&name);
        shortcut(wanted, key, value, &path).map_err(InstallError::io("write", &path))?;
        made.push((*what, path));
    }
    Ok(())
}

fn shortcut(wanted: &Wanted<'_>, key: &Key, value: &str, path: &Path) -> io::Result<()> {
    let noted = key.text(value).map(PathBuf::from);
    if noted.as_deref() != Some(path) {
        if path.exists() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "another program has made it"));
        }
        // The app was called otherwise.
        if let Some(old) = noted {
            let _ = fs::remove_file(old);
        }
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    key.set(value, path.as_os_str())?;
    let home = layout::home().unwrap_or_default();
    shell_link::write(path, wanted.exe, &home, &wanted.record.app_user_model_id())
}

fn entry(wanted: &Wanted<'_>, key: &Key) -> io::Result<()> {
    let (record, exe) = (wanted.record, wanted.exe.as_os_str());
    let word = record.settings.self_word.as_deref().unwrap_or_default();
    let command = |more: &str| {
        let mut command = std::ffi::OsString::from("\"");
        command.push(exe);
        command.push(format!("\" {word} uninstall{more}"));
        command
    };
    for (name, text) in [
        (NAME, OsStr::new(&record.app.name)),
        ("DisplayVersion", record.app.version.as_ref()),
        ("Publisher", record.settings.publisher.as_deref().unwrap_or_default().as_ref()),
        ("DisplayIcon", exe),
        ("InstallLocation", wanted.root.path().as_os_str()),
        ("UninstallString", &command("")),
        ("QuietUninstallString", &command(" --yes")),
    ] {
        key.set(name, text)?;
    }
    let kib = u32::try_from(disk_use(wanted.root.path()) / 1024).unwrap_or(u32::MAX);
    for (name, number) in [("EstimatedSize", kib), ("NoModify", 1), ("NoRepair", 1)] {
        key.set_number(name, number)?;
    }
    Ok(())
}
