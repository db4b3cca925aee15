//! Automatic checks for updates: at most one in so many hours, made by the updater beside the app, which neither waits for them nor
//! fails with them. An app without updates, or with those that are asked for alone, pays nothing for this.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::env;
use crate::install::Installed;
use crate::install::layout::{self, InstallRoot};
use crate::probation;
use crate::sys::exec::{self, Ended, Start};
use crate::sys::{background, new_file};
use bundle::record::{Policy, Update};

/// Has the updater look for a newer version, if it is time for that and nobody has switched it off.
pub fn check_if_due(update: &Update, app: &Installed, own_path: &Path) {
    let how = match update.policy {
        Policy::Manual => return,
        Policy::Notify => "--notify",
        Policy::Automatic => "--automatic",
    };
    let root = &app.candidate.root;
    if !is_due(root, update.interval) || is_off() {
        return;
    }
    // Written before: of many starts at once, few check, and one that fails is not made good by the next start.
    let _ = fs::create_dir_all(root.updates());
    if new_file::replace(&root.update_checked(), b"").is_err() {
        return;
    }
    let own: OsString = std::path::absolute(own_path).unwrap_or_else(|_| own_path.to_path_buf()).into();
    let arguments = ["--bundle".into(), own, "--root".into(), root.path().into(), how.into()];
    background::start(layout::updater_of(&app.version_dir), arguments.to_vec());
}

/// Renames a bundle back to its place if an update that renamed it aside did not come to its end, because the computer lost power
/// (Windows). Where it is then.
pub fn return_to_place(own_path: &Path) -> Option<PathBuf> {
    let place = layout::place_of_aside(own_path)?;
    match fs::symlink_metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(own_path, &place).is_ok().then_some(place),
        _ => None,
    }
}

/// The version has failed: its updater puts the bundle before it back, and starts that with what was typed, whatever comes of it.
/// On Linux, this returns only if there is no updater.
///
/// # Errors
/// When there is none. The version is off probation then, and starts as any other.
pub fn go_back(app: &Installed, own_path: &Path) -> io::Result<u32> {
    let own = std::path::absolute(own_path).unwrap_or_else(|_| own_path.to_path_buf());
    let arguments = ["--bundle".into(), own.into(), "--root".into(), app.candidate.root.path().into(), "--back".into()];
    let start = Start {
        program: layout::updater_of(&app.version_dir),
        arguments: arguments.to_vec(),
        environment: Vec::new(),
        withheld: &[],
        windowed: None,
    };
    match exec::start(&start, &mut || {}) {
        Ok(Ended::With(code) | Ended::Unseen(code)) => Ok(code),
        Ok(Ended::NotYet) => Ok(0),
        Err(error) => {
            probation::end(&app.version_dir);
            Err(error)
        }
    }
}

/// Starts a bundle in the place of this process, with what was typed, a name for it included. Where a process can't be replaced, waits
/// for its end; then, its exit code.
///
/// # Errors
/// When it can't be started.
pub fn start_bundle(bundle: &Path, typed: &[OsString]) -> io::Result<i32> {
    exec::become_bundle(bundle, typed)
}

/// A newer version that an automatic check has found.
pub fn found(update: &Update, app: &Installed) -> Option<String> {
    if update.policy != Policy::Notify {
        return None;
    }
    let version = fs::read_to_string(app.candidate.root.update_found()).ok()?;
    (!version.is_empty() && version.len() < 200 && !version.contains(bundle::text::is_control)).then_some(version)
}

/// Whether somebody has switched updates off, for this account or for the machine.
pub fn is_off() -> bool {
    std::env::var_os(env::NO_UPDATE).is_some() || layout::no_update().is_some_and(|file| file.exists())
}

/// Up to a quarter later than the interval, by when the last one was: not all clients come at the same second.
fn is_due(root: &InstallRoot, hours: u32) -> bool {
    let Ok(last) = fs::metadata(root.update_checked()).and_then(|found| found.modified()) else { return true };
    let interval = u64::from(hours) * 3600;
    let jitter = last.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| u64::from(since.subsec_micros()));
    let wait = Duration::from_secs(interval + jitter * (interval / 4) / 1_000_000);
    // A clock that was set back makes the last check one of the future.
    SystemTime::now().duration_since(last).map_or(true, |age| age >= wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_was_renamed_aside_returns_to_its_place_if_nothing_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("app");
        let aside = layout::aside(&place, 5, "old");
        fs::write(&aside, "old").unwrap();
        fs::write(&place, "new").unwrap();
        assert_eq!((return_to_place(&aside), return_to_place(&place)), (None, None));
        fs::remove_file(&place).unwrap();
        assert_eq!(return_to_place(&aside), Some(place.clone()));
        assert_eq!(fs::read_to_string(place).unwrap(), "old");
    }

    #[test]
    fn a_check_is_due_after_the_interval_and_when_the_clock_was_set_back() {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        assert!(is_due(&root, 24));
        fs::create_dir_all(root.updates()).unwrap();
        fs::write(root.update_checked(), "").unwrap();
        assert!(!is_due(&root, 24));
        let file = fs::File::options().write(true).open(root.update_checked()).unwrap();
        for (hours, due) in [(-23, false), (-31, true), (5, true)] {
            let hour = Duration::from_secs(3600);
            let now = SystemTime::now();
            let time = if hours < 0 { now - hour * (-hours) as u32 } else { now + hour * hours as u32 };
            file.set_modified(time).unwrap();
            assert_eq!(is_due(&root, 24), due, "{hours}");
        }
    }
}
