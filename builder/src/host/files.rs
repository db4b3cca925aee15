//! What the standard library has no function for: removing files and directories that may not exist, and the real path of a
//! file in a form that every program understands.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Removes a file, if it is there.
///
/// # Errors
/// Those of the file system.
pub(crate) fn remove_file_if_exists(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// Removes a directory and everything in it, if it is there.
///
/// # Errors
/// Those of the file system.
pub(crate) fn remove_directory_if_exists(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_dir_all(path))
}

/// The absolute path of a file that exists, without links. On Windows it begins with a drive or a server, as in paths that
/// people write: `canonicalize` puts `\\?\` in front, which Python does not think to be on the same drive, and which uv and
/// signing programs may not know. All paths that other programs get are made here, or by `std::path::absolute`.
///
/// # Errors
/// Those of the file system.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    let path = fs::canonicalize(path)?;
    Ok(path.to_str().and_then(as_written).map(PathBuf::from).unwrap_or(path))
}

/// A path of Windows with a prefix that switches off its interpretation, as people write it: `\\?\C:\x` is `C:\x`, and
/// `\\?\UNC\server\share` is `\\server\share`. `None` for other paths.
fn as_written(path: &str) -> Option<String> {
    let rest = path.strip_prefix(r"\\?\")?;
    if let Some(share) = rest.strip_prefix(r"UNC\") {
        return Some(format!(r"\\{share}"));
    }
    let bytes = rest.as_bytes();
    (bytes.len() >= 3 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == br":\").then(|| rest.to_owned())
}

fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_other_programs_get_begins_with_a_drive_or_a_server() {
        for (path, expected) in [
            (r"\\?\C:\Users\a b\python", Some(r"C:\Users\a b\python")),
            (r"\\?\z:\", Some(r"z:\")),
            (r"\\?\UNC\server\share\x", Some(r"\\server\share\x")),
            (r"\\?\Volume{1f}\x", None),
            (r"\\?\C:", None),
            (r"C:\x", None),
            ("/usr/bin", None),
        ] {
            assert_eq!(as_written(path).as_deref(), expected, "{path}");
        }
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(directory.path(), directory.path().join("link")).unwrap();
        let real = real_path(&directory.path().join("link")).unwrap();
        assert_eq!(real, real_path(directory.path()).unwrap());
    }
}
