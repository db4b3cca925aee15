//! Full paths. Symbolic links need a privilege on Windows, so bundles for it hold none.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::sys::tree::Linked;
use bundle::entry_path::below;

/// A directory to create things in, by paths below it.
pub(crate) struct Tree(PathBuf);

impl Tree {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self(directory.to_path_buf()))
    }

    pub(crate) fn make_directory(&self, path: &str) -> io::Result<()> {
        fs::create_dir(below(&self.0, path))
    }

    pub(crate) fn create_new(&self, path: &str, _executable: bool) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(below(&self.0, path))
    }

    pub(crate) fn symlink(&self, _target: &str, _path: &str) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "symbolic links are not made on Windows"))
    }

    /// Links a file of another tree into this one.
    pub(crate) fn link_from(&self, other: &Self, path: &str) -> io::Result<Linked> {
        let link = below(&self.0, path);
        fs::hard_link(below(&other.0, path), &link)?;
        let found = fs::symlink_metadata(link)?;
        Ok(Linked {
            is_file: found.is_file(),
            size: found.len(),
            modified: found.modified()?,
            executable: None,
            only_ours: true,
        })
    }

    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(below(&self.0, path))
    }

    /// Access comes from the directory above, which is the same for both.
    pub(crate) fn is_like(&self, _other: &Self) -> io::Result<bool> {
        Ok(true)
    }
}
