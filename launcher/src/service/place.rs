//! Which directories of Windows can't hold an installation for the whole machine, whoever owns them: decisions alone. On Linux
//! it is lists of directories (`install/layout.rs`).

use std::path::{Path, PathBuf};

use super::Unfit;
use crate::sys::drive::DriveKind;

/// Where this Windows has what matters here.
#[derive(Debug, Clone, Default)]
pub struct KnownDirectories {
    /// They hold the profiles of users.
    pub profiles: Vec<PathBuf>,
    /// Windows itself.
    pub windows: PathBuf,
    /// For temporary files of this account.
    pub temporary: PathBuf,
}

/// What speaks against a path.
pub fn unfit(path: &Path, known: &KnownDirectories) -> Option<Unfit> {
    let Some(text) = spelled(path) else { return Some(Unfit::Text) };
    let is_below = |directory: &Path| {
        let directory = spelled(directory).unwrap_or_default();
        let rest = text.strip_prefix(&directory).filter(|_| !directory.is_empty());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
    };
    match () {
        () if is_below(&known.temporary) => Some(Unfit::Temporary),
        () if known.profiles.iter().any(|profiles| is_below(profiles)) => Some(Unfit::Profile),
        // Profiles of services, temporary files, and what an update of Windows takes away.
        () if is_below(&known.windows) => Some(Unfit::Temporary),
        () if text.starts_with(r"\\") => Some(Unfit::Remote),
        // A quote would end the program's path in the command of a service.
        () if text.contains('"') => Some(Unfit::Text),
        () => None,
    }
}

/// What speaks against the drive that a path is on, by its kind: only what is built in is
/// there when the machine starts.
pub fn unfit_drive(kind: DriveKind) -> Option<Unfit> {
    match kind {
        DriveKind::Fixed => None,
        DriveKind::Removable | DriveKind::Optical | DriveKind::Memory => Some(Unfit::Temporary),
        DriveKind::Remote | DriveKind::Unknown => Some(Unfit::Remote),
    }
}

/// As Windows compares paths, nearly: small letters, backslashes, no prefix and none at the end.
/// `None`: it is no Unicode.
fn spelled(path: &Path) -> Option<String> {
    let text = path.to_str()?.to_ascii_lowercase().replace('/', "\\");
    let text = match text.strip_prefix(r"\\?\unc\") {
        Some(share) => [r"\\", share].concat(),
        None => text.strip_prefix(r"\\?\").unwrap_or(&text).to_owned(),
    };
    Some(text.trim_end_matches('\\').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_wide_place_is_no_profile_no_share_and_nothing_temporary() {
        let known = KnownDirectories {
            profiles: vec![r"C:\Users".into()],
            windows: r"C:\Windows".into(),
            temporary: r"D:\Temp\".into(),
        };
        for (path, expected) in [
            (r"C:\Program Files\app", None),
            (r"D:\Apps\app", None),
            (r"\\?\D:\Apps\app", None),
            (r"C:\Users2\app", None),
            (r"c:\users\me\app", Some(Unfit::Profile)),
            (r"\\?\C:\Users\Public", Some(Unfit::Profile)),
            (r"D:\temp\x", Some(Unfit::Temporary)),
            (r"C:/Windows/Temp/x", Some(Unfit::Temporary)),
            (r"C:\Windows\ServiceProfiles\LocalService\x", Some(Unfit::Temporary)),
            (r"\\server\share\app", Some(Unfit::Remote)),
            (r"\\?\UNC\server\share\app", Some(Unfit::Remote)),
        ] {
            assert_eq!(unfit(Path::new(path), &known), expected, "{path}");
        }
        assert_eq!(
            [2, 3, 4, 5, 1].map(|kind| unfit_drive(DriveKind::from_number(kind)).is_none()),
            [false, true, false, false, false]
        );
    }
}
