//! The directories that have to be made for a bundle, most often `dist`. They are removed again if the build fails.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::host::scratch;

/// The directories that had to be made for the output. They are removed when this is dropped, unless they are kept or somebody
/// else has put files there.
#[derive(Debug, Default)]
pub(super) struct NewDirectories(Vec<PathBuf>);

impl NewDirectories {
    /// Makes sure that `directory` is one, with all that are missing above it. On failure nothing is left.
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let mut made = Self::default();
        // From the top, each once: a file system like /proc says "not found" for what it does not let us make.
        let missing: Vec<_> = directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.is_dir()).collect();
        missing.into_iter().rev().try_for_each(|directory| made.add(directory))?;
        Ok(made)
    }

    pub(super) fn keep(mut self) {
        self.0.drain(..).for_each(|directory| scratch::forget(&directory));
    }

    fn add(&mut self, directory: &Path) -> io::Result<()> {
        match fs::create_dir(directory) {
            Ok(()) => {
                self.0.push(directory.to_owned());
                scratch::remove_when_interrupted(directory);
            }
            // Another builder was faster.
            Err(_) if directory.is_dir() => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("`{}` is not a directory", directory.display());
                return Err(io::Error::new(io::ErrorKind::NotADirectory, message));
            }
            Err(e) => return Err(e),
        }
        Ok(())
    }
}

impl Drop for NewDirectories {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            // One that is not empty belongs to somebody else by now, and stays.
            drop(fs::remove_dir(directory));
            scratch::forget(directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_directories_go_again_but_for_those_that_somebody_uses() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        drop(NewDirectories::create(&deep).unwrap());
        assert!(!root.path().join("a").exists());

        let made = NewDirectories::create(&deep).unwrap();
        fs::write(root.path().join("a/another"), "").unwrap();
        drop(made);
        assert!(root.path().join("a").exists() && !root.path().join("a/b").exists());

        NewDirectories::create(&deep).unwrap().keep();
        drop(NewDirectories::create(&deep).unwrap());
        assert!(deep.exists());
    }

    #[test]
    fn a_file_is_no_directory_and_nothing_stays_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for directory in [file.clone(), file.join("a/b")] {
            assert_eq!(NewDirectories::create(&directory).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
