//! The paths of updates.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};

use super::{InstallRoot, is_version_name};
use bundle::Digest;

const UPDATES: &str = "update";
const PROBATION: &str = "on-probation-";
const REPLACED: &str = "replaced-";

impl InstallRoot {
    /// The directory of the updater. It writes nowhere else in the install root.
    pub fn updates(&self) -> PathBuf {
        self.path.join(UPDATES)
    }

    /// What an updater remembers of releases.
    pub fn update_state(&self) -> PathBuf {
        self.updates().join("state.json")
    }

    /// Held by an updater.
    pub fn update_lock(&self) -> PathBuf {
        self.updates().join("updating")
    }

    /// As old as the last automatic check.
    pub fn update_checked(&self) -> PathBuf {
        self.updates().join("checked")
    }

    /// The newer version that an automatic check has found.
    pub fn update_found(&self) -> PathBuf {
        self.updates().join("found")
    }

    /// Holds bundles that are being put together.
    pub fn update_downloads(&self) -> PathBuf {
        self.updates().join("download")
    }

    /// A bundle that is being put together, by what names its payload.
    pub fn update_download(&self, digest: Digest) -> PathBuf {
        self.update_downloads().join(format!("{}{EXE_SUFFIX}", digest.short()))
    }

    /// The bundle that an update has replaced.
    pub fn update_previous(&self) -> PathBuf {
        self.updates().join(format!("previous{EXE_SUFFIX}"))
    }

    /// A bundle that was replaced while it ran (Windows), until it can be deleted.
    pub fn update_replaced(&self, number: u64) -> PathBuf {
        self.updates().join(format!("{REPLACED}{number:016x}{EXE_SUFFIX}"))
    }
}

/// The program in a version dir that updates the app, if it has one.
pub fn updater_of(version_dir: &Path) -> PathBuf {
    version_dir.join(format!("{UPDATER}{EXE_SUFFIX}"))
}

/// Its name there, without a suffix.
pub const UPDATER: &str = "ekiben-updater";

/// Where an admin says that no app of this machine is updated: a file of this name, whatever it holds.
pub fn no_update() -> Option<PathBuf> {
    Some(crate::sys::access::machine_wide()?.join("ekiben-no-update"))
}

/// Says that a version is on probation, see [`crate::probation`].
pub fn probation(version_dir: &Path) -> PathBuf {
    let root = version_dir.ancestors().nth(2).unwrap_or(version_dir);
    let name = version_dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    root.join(UPDATES).join([PROBATION, name].concat())
}

/// Whether a file among those of updates has the name [`probation`].
pub fn is_probation(name: &str) -> bool {
    name.strip_prefix(PROBATION).is_some_and(is_version_name)
}

/// The same, or the name [`InstallRoot::update_replaced`].
pub fn is_of_update(name: &str) -> bool {
    let digits = name.strip_prefix(REPLACED).and_then(|name| name.strip_suffix(EXE_SUFFIX));
    is_probation(name) || digits.is_some_and(is_number)
}

/// Whether these are the digits in a name that nobody can predict.
fn is_number(digits: &str) -> bool {
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name of a bundle for the moment in which an update replaces it, and of the one that replaces it: nobody can know it
/// beforehand, and whoever finds it can still start it.
pub fn aside(bundle: &Path, number: u64, what: &str) -> PathBuf {
    let mut name = bundle.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{number:016x}.{what}{EXE_SUFFIX}"));
    bundle.with_file_name(name)
}

/// The place of a bundle that has the name [`aside`].
pub fn place_of_aside(own_path: &Path) -> Option<PathBuf> {
    let name = own_path.file_name()?.to_str()?.strip_suffix(EXE_SUFFIX)?.strip_suffix(".old")?;
    let (place, digits) = name.rsplit_once('.')?;
    is_number(digits).then(|| own_path.with_file_name(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_aside_leads_back_to_the_place() {
        let aside = aside(Path::new("d/app.exe"), 7, "old");
        assert_eq!(place_of_aside(&aside), Some("d/app.exe".into()), "{}", aside.display());
        assert_eq!(place_of_aside(Path::new("d/app.7.old")), None);
    }
}
