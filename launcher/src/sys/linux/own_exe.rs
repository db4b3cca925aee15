//! A file that runs can lose its name at any time.

use std::io;
use std::path::Path;

pub(crate) fn remove(path: &Path, directory: Option<&Path>) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    if let Some(directory) = directory {
        let _ = std::fs::remove_dir(directory);
    }
    Ok(())
}
