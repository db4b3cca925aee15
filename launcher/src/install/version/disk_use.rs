//! How much disk space a tree takes.

use crate::sys::files;
use std::fs;
use std::path::Path;

/// The sum of the sizes of all files below `directory` in bytes. The size of a file with several hard links is divided
/// equally among them, so that versions share the size of the files that they share. Files that can't be read count as
/// zero.
pub fn disk_use(directory: &Path) -> u64 {
    let mut sum = 0;
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            // This returns the metadata of a link itself, not of its target.
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                open.push(entry.path());
            } else {
                sum += found.len() / files::names(&found).max(1);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_two_names_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        assert_eq!(disk_use(&path("missing")), 0);
        fs::create_dir(path("d")).unwrap();
        fs::write(path("a"), [0; 1000]).unwrap();
        fs::write(path("d/b"), [0; 10]).unwrap();
        assert_eq!(disk_use(dir.path()), 1010);
        fs::hard_link(path("a"), path("d/c")).unwrap();
        assert_eq!(disk_use(dir.path()), if cfg!(unix) { 1010 } else { 2010 });
    }
}
