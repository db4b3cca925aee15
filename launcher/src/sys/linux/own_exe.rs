//! Deleting this program's own file, which Linux allows while it runs.

use std::io;
use std::path::Path;

use crate::sys::removal::remove_file;

/// Removes a file that may be the very one that runs, and then the directory that it leaves empty, if one is named.
pub(crate) fn remove(path: &Path, directory: Option<&Path>) -> io::Result<()> {
    remove_file(path)?;
    if let Some(directory) = directory {
        let _ = std::fs::remove_dir(directory);
    }
    Ok(())
}
