//! Extraction: frames are checked and decoded on all cores, files written as they come.
//!
//! The cost is creating files, so there are as few system calls as possible: directories are created once, before the files, as the
//! index lists them; a file is one call that creates it with its mode, below a directory that is held open (Linux), one that
//! writes it, and one that closes it. A frame comes from an older version
//! dir instead, by hard links, if one has it: see [`crate::install::make::reuse`].
//!
//! # Security
//! Nothing of a frame is decoded before its SHA-256 was checked, and what is decoded are the bytes that were hashed; of
//! one that is read as a stream, they are hashed again while they are decoded, and a difference is an error.
//! Names are checked by [`bundle::entry_path`]; files are created anew, never opened; symbolic links are made
//! last, so no file is ever written through one. If another process takes the directory for a leftover and renames it, the work
//! goes on in it (Linux) or fails (Windows); it can't be published, because its name is gone.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::SystemTime;

use crate::install::make::frames;
use crate::install::make::reuse::Older;
use crate::install::{InstallError, Watcher, fault};
use crate::sys::tree::Tree;
use bundle::Bundle;
use bundle::entry_path::below;
use bundle::frame::FrameError;
use bundle::index::{Entry, EntryKind, Index};
use bundle::source::Source;

/// Extracts everything into `directory`, which is empty.
///
/// # Errors
/// As [`InstallError`] says. `directory` then holds a part of it, for the caller to remove.
pub fn extract<S: Source>(
    bundle: &Bundle<S>,
    index: &Index,
    directory: &Path,
    watcher: &mut dyn Watcher,
) -> Result<(), InstallError> {
    let (wanted, time, older) = (&|_: &Entry| true, &|_: &str| None, &Older::none());
    Extraction { bundle, index, directory, wanted, time, older }.run(watcher)
}

/// What to extract, from where, into where.
pub struct Extraction<'a, S> {
    /// The bundle.
    pub bundle: &'a Bundle<S>,
    /// Its index.
    pub index: &'a Index,
    /// Holds none of the wanted files yet.
    pub directory: &'a Path,
    /// Which entries to extract. Frames that hold none are not even read.
    pub wanted: &'a (dyn Fn(&Entry) -> bool + Sync),
    /// The time that a file is given, by its path: see [`crate::install::version::file_list`].
    pub time: &'a (dyn Fn(&str) -> Option<SystemTime> + Sync),
    /// Version dirs to take unchanged files from.
    pub older: &'a Older,
}

impl<S: Source> Extraction<'_, S> {
    /// Extracts, on all cores.
    ///
    /// # Errors
    /// As [`InstallError`] says. The directory then holds a part of it, for the caller to remove.
    pub fn run(&self, watcher: &mut dyn Watcher) -> Result<(), InstallError> {
        let tree = Tree::open(self.directory).map_err(InstallError::io("open", self.directory))?;
        for path in self.directories() {
            fault::point("directory").map_err(|e| self.failed("create", path, e))?;
            tree.make_directory(path).map_err(|e| self.failed("create", path, e))?;
        }
        self.files(&tree, watcher)?;
        for entry in self.entries() {
            if let EntryKind::Symlink { target } = &entry.kind {
                fault::point("link").map_err(|e| self.failed("create", entry.path.as_str(), e))?;
                tree.symlink(target, entry.path.as_str()).map_err(|e| self.failed("create", entry.path.as_str(), e))?;
            }
        }
        Ok(())
    }

    fn files(&self, tree: &Tree, watcher: &mut dyn Watcher) -> Result<(), InstallError> {
        let wanted = self.wanted;
        frames::on_all_cores(&frames::frames_with(self.index, &wanted)?, watcher, &|placed, scratch| {
            let linked = self.older.link(placed.frame, wanted, tree);
            if linked == placed.frame.entries.len() {
                return Ok(());
            }
            let mut passed = 0;
            frames::decode(self.bundle, placed, scratch, &mut |entry, content| {
                passed += 1;
                if passed <= linked || !wanted(entry) { Ok(()) } else { self.file(tree, entry, content) }
            })
        })
    }

    fn file(&self, tree: &Tree, entry: &Entry, content: &mut dyn BufRead) -> Result<(), InstallError> {
        let EntryKind::File { executable, .. } = entry.kind else { return Ok(()) };
        let path = entry.path.as_str();
        let failed = |action| move |e| self.failed(action, path, e);
        fault::point("file").map_err(failed("create"))?;
        let mut file = tree.create_new(path, executable).map_err(failed("create"))?;
        loop {
            // A read error is the bundle's, not this disk's.
            let unreadable = |source| FrameError::Unpack { entry: path.to_owned(), source };
            let part = content.fill_buf().map_err(unreadable)?;
            if part.is_empty() {
                // Where times can't be set, the file counts as the app's later, and is kept.
                let _ = (self.time)(path).map(|time| file.set_modified(time));
                return fault::point("file written").map_err(failed("write"));
            }
            file.write_all(part).map_err(failed("write"))?;
            let written = part.len();
            content.consume(written);
        }
    }

    /// Every wanted entry.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.index.entries().filter(|entry| (self.wanted)(entry))
    }

    /// Every directory that is needed, after the one that it lies in. (In this order a path follows what it starts with.)
    fn directories(&self) -> BTreeSet<&str> {
        let mut directories = BTreeSet::new();
        for entry in self.entries() {
            if entry.kind == EntryKind::Directory {
                directories.insert(entry.path.as_str());
            }
            for above in entry.path.ancestors() {
                // Those above a known one are known, too.
                if !directories.insert(above) {
                    break;
                }
            }
        }
        directories
    }

    fn failed(&self, action: &'static str, path: &str, source: io::Error) -> InstallError {
        InstallError::io(action, &below(self.directory, path))(source)
    }
}

#[cfg(test)]
mod tests;
