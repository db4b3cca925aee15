//! Every path that ekiben makes or looks for on a user's disk.
//!
//! ```text
//! <parent>/                            one of several places, see `places`; holds the install roots of all apps
//!   <app>/                             the install root
//!     versions/<version>-<digest12>/   complete, or absent
//!       .ekiben/seal                   written last, see `seal`
//!       .ekiben/installed              whose it is, and which files are ekiben's, see `file_list`
//!       .ekiben/frames                 which frames it was extracted from, see `reuse`
//!     staging/<version>-<digest12>.…/  unfinished; removed by whoever made it, or by the next first start
//!     kept/<version>-<digest12>/       what the app wrote into a version dir that was removed since, see `kept`
//!     data/                            the app's own (`EKIBEN_DATA_DIR`): ekiben does not create, read or remove it
//!     lock                             held while a version is installed, repaired or removed
//!     logs/                            what an app without a console and its launcher write, see `logs`
//!     <app>[.exe], icon.png            a copy of the bundle and its icon, after `self install`, see `own_copy`
//!     update/                          what an updater remembers, downloads and keeps for a rollback
//!     self-install                     the digest of that icon, see `own_icon`
//!     ekiben.here                      whose it is, in a root for the whole machine, see `places::marker`
//!     <app>.services/                  units and definitions of services, see `crate::service`
//! ```

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use crate::sys::files;
use bundle::Digest;
pub use bundle::entry_path::OWN;
pub(super) use bundle::entry_path::below;
use bundle::record::AppId;

mod updates;

pub use updates::{UPDATER, aside, is_of_update, is_probation, no_update, place_of_aside, probation, updater_of};

/// The app's one directory on this machine. Deleting it uninstalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallRoot {
    path: PathBuf,
    /// The app's id.
    app: String,
}

const MARKER: &str = "ekiben.here";
const SERVICES: &str = ".services";
/// The end of the name of a root beside an executable that has the app's name.
const BESIDE: &str = ".files";
/// Longest part of a version's text that goes into a directory's name.
const LONGEST_VERSION: usize = 64;

impl InstallRoot {
    /// The app's root in a directory that holds install roots. `None` when the working directory is gone and `parent`
    /// relative to it: the interpreter and everything it starts must find it from any working directory.
    pub fn below(parent: &Path, app: &AppId) -> Option<Self> {
        Some(Self::of(std::path::absolute(parent).ok()?.join(app.as_str()), app))
    }

    /// The app's root beside its executable: the same as below any other directory, unless the executable has that name.
    pub fn beside(exe: &Path, app: &AppId) -> Option<Self> {
        let taken = exe.file_name() == Some(app.as_str().as_ref());
        let name = if taken { format!("{}{BESIDE}", app.as_str()) } else { app.as_str().to_owned() };
        Some(Self::of(std::path::absolute(exe).ok()?.parent()?.join(name), app))
    }

    /// The app's root in a directory of the caller's choice, by its full path.
    pub fn of(path: PathBuf, app: &AppId) -> Self {
        Self { path, app: app.as_str().to_owned() }
    }

    /// The root of an app that is called like this directory.
    pub fn at(path: PathBuf) -> Self {
        let app = path.file_name().and_then(|name| name.to_str()).unwrap_or("app").to_owned();
        Self { path, app }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The app's id.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// Where a version is, if it is installed. A rebuilt version has another digest, and so another directory.
    pub fn version_dir(&self, version: &str, digest: Digest) -> PathBuf {
        self.versions().join(format!("{}-{}", safe(version), digest.short()))
    }

    /// The directories that are named like version dirs, oldest first. Whose they are, and whether they are ekiben's, is in
    /// their list ([`super::version::file_list`]).
    pub fn installed(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.versions()).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter(|entry| entry.file_name().to_str().is_some_and(is_version_name))
            .filter_map(|entry| {
                Some((entry.metadata().ok().filter(fs::Metadata::is_dir)?.modified().ok()?, entry.path()))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, path)| path).collect()
    }

    /// Holds the version dirs.
    pub fn versions(&self) -> PathBuf {
        self.path.join("versions")
    }

    /// Holds what is unfinished, and what is being removed.
    pub fn staging(&self) -> PathBuf {
        self.path.join("staging")
    }

    /// What the app has written into version dirs that were removed since.
    pub fn kept(&self) -> PathBuf {
        self.path.join("kept")
    }

    /// Where the app may keep its data. Not ekiben's, which neither creates nor reads it.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Holds what apps without a console write.
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// Held while a version is installed, repaired or removed.
    pub fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// The copy of the bundle that `self install` makes: `<app>.app` if a directory here is called like the app.
    pub fn executable(&self) -> PathBuf {
        let others = [self.versions(), self.staging(), self.kept(), self.data(), self.logs(), self.updates()];
        let is_taken = others.contains(&self.path.join(&self.app)) || self.lock_file().ends_with(&self.app);
        self.path.join([self.app.as_str(), if is_taken { ".app" } else { "" }, EXE_SUFFIX].concat())
    }

    /// The app's icon, for a desktop that needs a file.
    pub fn icon(&self) -> PathBuf {
        self.path.join("icon.png")
    }

    /// What `self install` notes of the icon.
    pub(super) fn icon_note(&self) -> PathBuf {
        self.path.join("self-install")
    }

    /// In a root for the whole machine: whose it is.
    pub fn marker(&self) -> PathBuf {
        self.path.join(MARKER)
    }

    /// Holds what belongs to the app's services. Its name tells the app, even where only a link to it is left.
    pub fn services(&self) -> PathBuf {
        self.path.join([&self.app, SERVICES].concat())
    }

    /// A file of a service's, by its kind: `service`, `socket`, `definition`.
    pub fn service_file(&self, service: &str, kind: &str) -> PathBuf {
        self.services().join([service, ".", kind].concat())
    }

    /// What an app without a console writes. Older logs have a number: `app.1.log`.
    pub fn app_log(&self) -> PathBuf {
        self.logs().join("app.log")
    }

    /// What a service writes (Windows): `service.log`, if it is called like the app.
    pub fn service_log(&self, service: &str) -> PathBuf {
        let own = if service == self.app { "service.log".to_owned() } else { ["service-", service, ".log"].concat() };
        self.logs().join(own)
    }

    /// What the launcher reports where nobody may see it.
    pub fn launcher_log(&self) -> PathBuf {
        self.logs().join("launcher.log")
    }
}

/// The name of the log that is `age` logs older than the current one: `app.1.log`.
pub(super) fn older_log(log: &Path, age: u32) -> PathBuf {
    log.with_extension(format!("{age}.log"))
}

/// The lock that is held while the logs beside this one are renamed.
pub(super) fn log_lock(log: &Path) -> PathBuf {
    log.with_file_name("lock")
}

/// The seal of a version dir, or of a staging dir that will be one.
pub fn seal(version_dir: &Path) -> PathBuf {
    version_dir.join(seal_in_version())
}

/// The same, below the version dir.
pub(super) fn seal_in_version() -> PathBuf {
    Path::new(OWN).join("seal")
}

/// The names of ekiben's own files in a version dir's directory for them.
pub(super) const OWN_FILES: [&str; 3] = ["seal", "installed", "frames"];

/// The list of files that were installed in a version dir. Its first lines mark a staging dir.
pub(super) fn installed_file(version_dir: &Path) -> PathBuf {
    version_dir.join(OWN).join("installed")
}

/// Whether a version dir could have this name: `<version>-<12 hexadecimal digits>`.
pub(super) fn is_version_name(name: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    name.rsplit_once('-')
        .is_some_and(|(version, digest)| safe(version) == version && digest.len() == 12 && digest.bytes().all(is_digit))
}

/// The marker that keeps install roots beside the executable, put there by hand or by an installation for the whole machine.
pub fn marker(exe: &Path) -> Option<PathBuf> {
    Some(exe.parent()?.join(MARKER))
}

/// The install root that a file of a service belongs to, if it is one of this app's.
pub fn root_of_service_file(file: &Path, app: &AppId) -> Option<InstallRoot> {
    let services = file.parent()?;
    let root = InstallRoot::of(services.parent()?.to_path_buf(), app);
    (root.services() == services).then_some(root)
}

/// The user's local data directory: `~/.local/share` on Linux (XDG Base Directory Specification), `%LOCALAPPDATA%` on
/// Windows (`FOLDERID_LocalAppData`). `None` when the account has none.
pub fn local_data() -> Option<PathBuf> {
    dirs::data_local_dir()
}

/// Where this user's install roots are: `~/.local/share/ekiben` on Linux, `%LOCALAPPDATA%\Programs` on Windows. Apps keep
/// their data elsewhere below the local data directory (`~/.local/share/<app>`, `%LOCALAPPDATA%\<app>`), which an
/// uninstallation must not touch. `None` when the account has no such directory.
pub fn users_programs() -> Option<PathBuf> {
    Some(local_data()?.join(files::USERS_PROGRAMS))
}

/// The user's home. `None` when the account has none.
pub fn home() -> Option<PathBuf> {
    dirs::home_dir()
}

/// The icon that the builder has put into a version dir for a desktop that wants a file (Linux), if there is one.
pub fn icon_of(version_dir: &Path) -> PathBuf {
    version_dir.join(ICON)
}

/// Its name there.
pub const ICON: &str = "ekiben-icon.png";

/// A desktop entry of this account, by the app's identity (XDG Base Directory Specification; Desktop Menu Specification,
/// "File locations").
pub fn desktop_entry(identity: &str) -> Option<PathBuf> {
    Some(local_data()?.join("applications").join(format!("{identity}.desktop")))
}

/// The same for all accounts ("XDG_DATA_DIRS", its first default).
pub fn machine_desktop_entry(identity: &str) -> PathBuf {
    Path::new("/usr/local/share/applications").join([identity, ".desktop"].concat())
}

/// The command of an app for this account: a link to its program (XDG Base Directory Specification, "user-specific
/// executable files").
pub fn command(app: &AppId) -> Option<PathBuf> {
    Some(home()?.join(".local/bin").join(app.as_str()))
}

/// The same for all accounts (Filesystem Hierarchy Standard 3.0, 4.9).
pub fn machine_command(app: &AppId) -> PathBuf {
    Path::new("/usr/local/bin").join(app.as_str())
}

/// Where an admin's units are linked (systemd.unit(5)).
pub const MACHINE_UNITS: &str = "/etc/systemd/system";

/// The same for this user's own.
pub fn users_units() -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("systemd/user"))
}

/// Below these are users' own directories.
pub const PROFILES: &[&str] = &["/home", "/root", "/var/home", "/run/user"];

/// Below these nothing is kept.
pub const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run"];

/// A directory of this account's own in the one for temporary files.
pub fn temporary(account: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ekiben-{account}"))
}

/// Another directory than `usual`, because another account has taken that name: one with an addition to the name that exists and
/// `is_ours`, or a new one whose addition nobody can guess.
pub fn other_temporary(usual: &Path, is_ours: impl Fn(&Path) -> bool) -> PathBuf {
    let mut name = usual.file_name().unwrap_or_default().to_os_string();
    name.push("-");
    let directory = usual.parent().unwrap_or(usual);
    let has_form = |found: &std::ffi::OsStr| found.as_encoded_bytes().starts_with(name.as_encoded_bytes());
    let names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut ours: Vec<_> = names.filter(|found| has_form(found)).map(|found| directory.join(found)).collect();
    ours.retain(|path| is_ours(path));
    ours.sort();
    ours.into_iter().next().unwrap_or_else(|| {
        name.push(format!("{:016x}", files::unguessable()));
        directory.join(&name)
    })
}

/// The list of frames that a version dir was made of.
pub(super) fn frames_file(version_dir: &Path) -> PathBuf {
    version_dir.join(OWN).join("frames")
}

/// A version's text as part of a directory's name: letters, digits, `.`, `+`, `_` and `-`; `_` for all else.
fn safe(version: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_' | '-') { c } else { '_' };
    version.chars().take(LONGEST_VERSION).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_dir_is_named_by_version_and_digest() {
        let root = InstallRoot::at(PathBuf::from("r"));
        let digest = Digest::of(b"abc");
        for (version, name) in
            [("1.4.0", "1.4.0-ba7816bf8f01"), ("1!2+ü/..", "1_2+__..-ba7816bf8f01"), ("", "-ba7816bf8f01")]
        {
            assert_eq!(root.version_dir(version, digest), Path::new("r").join("versions").join(name));
        }
        assert_eq!(safe(&"9".repeat(1000)).len(), LONGEST_VERSION);
    }

    #[test]
    fn a_root_beside_the_executable_is_not_the_executable() {
        let app = AppId::new("app").unwrap();
        let dir = std::env::temp_dir();
        for (exe, name) in [("app.exe", "app"), ("app-1.0", "app"), ("app", "app.files")] {
            assert_eq!(InstallRoot::beside(&dir.join(exe), &app), Some(InstallRoot::of(dir.join(name), &app)), "{exe}");
        }
        assert_eq!(InstallRoot::at("r/data".into()).executable(), Path::new(&format!("r/data/data.app{EXE_SUFFIX}")));
    }
}
