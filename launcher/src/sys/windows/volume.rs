//! The volume that a path leads to, whichever way it is named: by a letter, a server, a directory it is mounted in.

use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetVolumePathNameW};

use super::utf16::wide;
use crate::sys::drive::DriveKind;

/// The path of a volume.
pub(super) struct Volume {
    /// With a separator and a NUL at its end.
    pub(super) path: Vec<u16>,
}

impl Volume {
    /// `None` when the system does not say.
    #[expect(unsafe_code, reason = "std knows no volumes")]
    pub(super) fn from_path(path: &Path) -> Option<Self> {
        /// The longest path there is, as a volume may be mounted in any directory.
        const LONGEST: usize = 32_768;
        let path = wide(path);
        let mut root = vec![0_u16; LONGEST];
        // SAFETY: a string with a NUL at its end, and a buffer of the length that is told.
        let done = unsafe { GetVolumePathNameW(path.as_ptr(), root.as_mut_ptr(), root.len() as u32) };
        (done != 0).then_some(Self { path: root })
    }

    #[expect(unsafe_code, reason = "std knows no drives")]
    pub(super) fn drive_kind(&self) -> DriveKind {
        // SAFETY: a string with a NUL at its end. What is no volume's path is answered with "not known".
        DriveKind::from_number(unsafe { GetDriveTypeW(self.path.as_ptr()) })
    }
}

/// Whether the file at `path` may be gone at any moment: it lies on a share, or on a drive that can be pulled out.
pub(super) fn may_vanish(path: &Path) -> bool {
    Volume::from_path(path).is_none_or(|volume| volume.drive_kind().may_vanish())
}
