//! The icon in the install root, for a desktop that needs a file: it stays when its version is removed. A note of its digest
//! tells it from a file of that name which is the app's.

use std::fs;
use std::io;
use std::path::Path;

use crate::install::InstallError;
use crate::install::layout::{self, InstallRoot};
use crate::install::version::file_list::Owner;
use crate::sys::new_file;
use crate::sys::removal::remove_file;
use bundle::Digest;

const HEADER: &str = "ekiben self-install 1";

/// Copies the icon of a version dir. There is none where desktops find it in the executable.
///
/// # Errors
/// When it can't be written, or a file that is not ekiben's has its name.
pub fn put(version_dir: &Path, root: &InstallRoot, owner: &Owner) -> Result<(), InstallError> {
    let icon = root.icon();
    let put = || match fs::read(layout::icon_of(version_dir)) {
        Err(_) => remove(root, owner),
        Ok(bytes) if icon.exists() && !is_ours(root, owner) && fs::read(&icon)? != bytes => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not ekiben's"))
        }
        Ok(bytes) => {
            // The note first: an icon without one would never be removed.
            new_file::replace(&root.icon_note(), note(owner, &bytes).as_bytes())?;
            new_file::replace(&icon, &bytes)
        }
    };
    put().map_err(InstallError::io("write", &icon))
}

/// Whether the icon that is there is ekiben's.
pub(in crate::install) fn is_ours(root: &InstallRoot, owner: &Owner) -> bool {
    let noted = fs::read_to_string(root.icon_note()).ok();
    fs::read(root.icon()).is_ok_and(|bytes| noted == Some(note(owner, &bytes)))
}

/// Whether the note that is there is ekiben's.
pub(in crate::install) fn is_note(root: &InstallRoot, owner: &Owner) -> bool {
    fs::read_to_string(root.icon_note()).is_ok_and(|text| text.starts_with(&beginning(owner)))
}

/// Removes both, if they are ekiben's.
pub(in crate::install) fn remove(root: &InstallRoot, owner: &Owner) -> io::Result<()> {
    if is_ours(root, owner) {
        remove_file(&root.icon())?;
    }
    if is_note(root, owner) { remove_file(&root.icon_note()) } else { Ok(()) }
}

fn beginning(owner: &Owner) -> String {
    format!("{HEADER}\napp {owner}\n")
}

fn note(owner: &Owner, icon: &[u8]) -> String {
    format!("{}icon {}\n", beginning(owner), Digest::of(icon))
}
