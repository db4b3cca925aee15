//! Deleting a version dir or a staging dir.

use std::fs;
use std::io;
use std::path::Path;

use crate::install::fault;
use crate::install::layout::{self, OWN};
use crate::sys::removal::{remove_any, remove_empty_directory, remove_file};

/// Deletes a version dir or staging dir: its seal first, and last the list, by which it is recognised.
///
/// # Errors
/// When something in it can't be deleted. The list is still there then.
pub(in crate::install) fn delete(tree: &Path) -> io::Result<()> {
    remove_file(&layout::seal(tree))?;
    let list = layout::installed_file(tree);
    for directory in [tree.to_path_buf(), tree.join(OWN)] {
        let mut failed = Ok(());
        for path in fs::read_dir(&directory).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path != list && path != tree.join(OWN) {
                failed = remove_any(&path).and(failed);
            }
        }
        failed?;
    }
    fault::point("deleted")?;
    remove_file(&list)?;
    remove_empty_directory(&tree.join(OWN))?;
    remove_empty_directory(tree)
}
