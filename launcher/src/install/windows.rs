//! Directories. Who may write where is inherited from the directory above: the profile's, or what an admin chose.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Whether a file may be run as a program. `None` where files do not say.
pub(super) fn is_executable(_file: &Metadata) -> Option<bool> {
    None
}

/// How many names a file has. Not known without opening it: one with several counts several times.
pub(super) fn names(_file: &Metadata) -> u64 {
    1
}

/// Creates a file.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Takes the attribute "read-only" from a file: one that has it can't be replaced by a rename. Should that fail, the rename
/// tells.
#[expect(clippy::permissions_set_readonly_false, reason = "here it says nothing about who may write")]
pub(super) fn allow_replacing(file: &Path) {
    let Ok(found) = fs::symlink_metadata(file) else { return };
    let mut permissions = found.permissions();
    if permissions.readonly() {
        permissions.set_readonly(false);
        let _ = fs::set_permissions(file, permissions);
    }
}
