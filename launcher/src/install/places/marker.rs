//! `ekiben.here` beside an executable: what it says about where the app is installed.
//!
//! Put there by hand, it keeps install roots beside the executable. An installation for the whole machine
//! (`self install --system`) writes one into its root, and puts the program beside it:
//!
//! ```text
//! ekiben machine 1
//! app hello by Example Ltd
//! ```

use std::fs;
use std::io;
use std::path::Path;

use crate::install::layout::{self, InstallRoot};
use crate::install::version::file_list::Owner;
use crate::sys::access;
use crate::sys::new_file;
use crate::sys::path_error::PathError;

const HEADER: &str = "ekiben machine 1\napp ";

/// What a marker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    None,
    /// Whoever could put it there could have put another executable there.
    Portable,
    /// Owned by an admin.
    Final,
    /// Written by an installation for the whole machine: the directory that it lies in is the install root.
    Machine,
}

impl Marker {
    pub(super) fn beside(exe: &Path) -> Self {
        layout::marker(exe).map_or(Self::None, |path| match access::is_admins(&path) {
            // Where others may create files, they can put a marker beside an executable that is not theirs.
            Ok(_) if is_writable_by_others(&path) => Self::None,
            // Whoever could write it there could have put another executable there, and nobody else can: that was looked at.
            Ok(_) if is_of_machine(&path) => Self::Machine,
            Ok(true) => Self::Final,
            Ok(false) => Self::Portable,
            Err(_) => Self::None,
        })
    }
}

/// Whether a root is one for the whole machine, of this owner's.
pub fn is_machine_root(root: &InstallRoot, owner: &Owner) -> bool {
    fs::read(root.marker()).is_ok_and(|found| found == text(owner).as_bytes())
}

/// Makes a root one for the whole machine.
///
/// # Errors
/// When it can't be written.
pub fn write(root: &InstallRoot, owner: &Owner) -> io::Result<()> {
    new_file::remove_unfinished(&root.marker());
    if is_machine_root(root, owner) { Ok(()) } else { new_file::replace(&root.marker(), text(owner).as_bytes()) }
}

fn text(owner: &Owner) -> String {
    format!("{HEADER}{owner}\n")
}

fn is_of_machine(marker: &Path) -> bool {
    fs::read(marker).is_ok_and(|found| found.starts_with(HEADER.as_bytes()))
}

/// Whether another account could have put a file where it is.
fn is_writable_by_others(file: &Path) -> bool {
    file.parent().is_some_and(|directory| matches!(access::check(directory), Err(PathError::Unsafe { .. })))
}
