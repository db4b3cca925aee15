//! Shortcuts, and the entry in "Apps & features"
//! (<https://learn.microsoft.com/en-us/windows/win32/msi/uninstall-registry-key>).
//!
//! The entry also notes which shortcuts were made, so that no other file is ever taken for one of them, whatever the app was
//! called then.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use windows_sys::Win32::UI::Shell::{
    FOLDERID_CommonPrograms, FOLDERID_Desktop, FOLDERID_Programs, FOLDERID_PublicDesktop,
};
use windows_sys::core::GUID;

use crate::install::InstallError;
use crate::install::layout::{self, InstallRoot};
use crate::install::version::disk_use::disk_use;
use crate::self_cmd::menu::{Made, Wanted};
use crate::sys::file_name;
use crate::sys::files::known_folder;
use bundle::record::{AppId, LaunchRecord};

mod path;
mod shell_link;

use crate::sys::windows::registry::Key;

/// What a shortcut is, and the value of the entry that notes it.
const MENU: (&str, &str) = ("menu", "EkibenMenu");
const DESKTOP: (&str, &str) = ("desktop", "EkibenDesktop");
const ENTRY: &str = "entry";

/// Whether there can be shortcuts on the desktop.
pub(crate) const ON_DESKTOP: bool = true;

/// For this account: the menu, the list of programs, and for a console app the directories in which programs are looked for.
pub(crate) fn add(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    let entry = Entry::of_user(wanted.record);
    let was_there = entry.is_there();
    let added = entry
        .add(wanted, made)
        .and_then(|()| if wanted.record.start.windowed { Ok(()) } else { path::add(wanted, made) });
    if added.is_err() && !was_there {
        let _ = remove(wanted.record);
    }
    added
}

/// For all accounts, by an admin.
pub(crate) fn add_for_all(wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
    Entry::of_machine(&wanted.record.identity()).add(wanted, made)
}

pub(crate) fn there(record: &LaunchRecord) -> Made {
    let entry = Entry::of_user(record);
    let path = entry.key.text(path::NOTE).map(|directory| (path::WHAT, PathBuf::from(directory)));
    path.into_iter().chain(entry.there()).collect()
}

pub(crate) fn there_for_all(record: &LaunchRecord, root: &InstallRoot) -> Made {
    let entry = Entry::of_machine(&record.identity());
    let is_its = entry.location().is_some_and(|location| location.as_os_str().eq_ignore_ascii_case(root.path()));
    if is_its { entry.there() } else { Made::new() }
}

/// What an installation for all accounts has left that was deleted.
pub(in crate::sys::windows) fn left(record: &LaunchRecord) -> Made {
    let entry = Entry::of_machine(&record.identity());
    if entry.location().is_some_and(|location| !location.exists()) { entry.there() } else { Made::new() }
}

/// Where an app is installed for all accounts, by the list of programs.
pub(in crate::sys::windows) fn machine_root(app: &AppId) -> Option<PathBuf> {
    Entry::of_machine(&["ekiben.", app.as_str()].concat()).location()
}

pub(crate) fn remove(record: &LaunchRecord) -> Result<Made, InstallError> {
    let entry = Entry::of_user(record);
    let there = there(record);
    if let Some((_, directory)) = there.iter().find(|(what, _)| *what == path::WHAT) {
        path::remove(directory).map_err(InstallError::io("change", directory))?;
    }
    entry.remove()?;
    Ok(there)
}

pub(crate) fn remove_for_all(record: &LaunchRecord, root: &InstallRoot) -> Result<Made, InstallError> {
    let there = there_for_all(record, root);
    if !there.is_empty() {
        Entry::of_machine(&record.identity()).remove()?;
    }
    Ok(there)
}

/// Removes what [`left`] has found.
pub(in crate::sys::windows) fn remove_left(record: &LaunchRecord) -> Result<Made, InstallError> {
    let left = left(record);
    if !left.is_empty() {
        Entry::of_machine(&record.identity()).remove()?;
    }
    Ok(left)
}

/// An app in the list of programs, and its shortcuts.
struct Entry {
    key: Key,
    /// The folder of each kind of shortcut.
    folders: [((&'static str, &'static str), &'static GUID); 2],
}

impl Entry {
    fn of_user(record: &LaunchRecord) -> Self {
        Self {
            key: Key::new(&name_of_key(&record.identity())),
            folders: [(MENU, &FOLDERID_Programs), (DESKTOP, &FOLDERID_Desktop)],
        }
    }

    fn of_machine(identity: &str) -> Self {
        Self {
            key: Key::of_machine(&name_of_key(identity)),
            folders: [(MENU, &FOLDERID_CommonPrograms), (DESKTOP, &FOLDERID_PublicDesktop)],
        }
    }

    fn is_there(&self) -> bool {
        self.key.text(NAME).is_some()
    }

    fn location(&self) -> Option<PathBuf> {
        self.key.text(LOCATION).map(PathBuf::from)
    }

    fn there(&self) -> Made {
        let shortcut =
            |(what, value)| Some((what, self.key.text(value).map(PathBuf::from).filter(|path| path.exists())?));
        let mut there: Made = [MENU, DESKTOP].into_iter().filter_map(shortcut).collect();
        if self.is_there() {
            there.push((ENTRY, self.key.path()));
        }
        there
    }

    fn remove(&self) -> Result<(), InstallError> {
        for (what, path) in self.there() {
            let removed = if what == ENTRY { self.key.remove() } else { fs::remove_file(&path) };
            removed.map_err(InstallError::io("remove", &path))?;
        }
        Ok(())
    }

    fn add(&self, wanted: &Wanted<'_>, made: &mut Made) -> Result<(), InstallError> {
        let (record, key) = (wanted.record, &self.key);
        entry(wanted, key).map_err(InstallError::io("write", &key.path()))?;
        made.push((ENTRY, key.path()));
        let name = file_name::from_app_name(&record.app.name, record.app.id.as_str()) + ".lnk";
        for ((what, value), folder) in &self.folders[..1 + usize::from(wanted.desktop)] {
            // A folder that there is none of can't be written to, either.
            let path = known_folder(folder).unwrap_or_default().join(&name);
            shortcut(wanted, key, value, &path).map_err(InstallError::io("write", &path))?;
            made.push((*what, path));
        }
        Ok(())
    }
}

fn name_of_key(identity: &str) -> String {
    [r"Software\Microsoft\Windows\CurrentVersion\Uninstall\", identity].concat()
}

const LOCATION: &str = "InstallLocation";
const NAME: &str = "DisplayName";

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
        (LOCATION, wanted.root.path().as_os_str()),
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
