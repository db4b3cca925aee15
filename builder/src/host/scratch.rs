//! Temporary directories of a build, which are removed however the build ends.
//!
//! - It succeeds or fails: [`Scratch`] removes its directory when it is dropped.
//! - It is interrupted by Ctrl-C or another signal that can be handled: [`remove_all_when_interrupted`] removes them all.
//! - It is killed, or the power fails: the next build in the same place removes them ([`sweep`]).
//!
//! Directories of others are never removed. A directory is only taken for one of a dead build if it belongs to this account
//! alone, contains a file `lock` with a line that no other program writes, and nobody holds the lock on that file. A build
//! holds that lock as long as it lives. It writes the line after it has the lock, because a directory without the line may
//! belong to a build that is just creating it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::host::system;

/// The file that shows that a build created the directory.
const LOCK: &str = "lock";
/// Its content.
const MARK: &[u8] = b"ekiben build, version 1 of this file\n";
/// The subdirectory for the build's files.
const CONTENT: &str = "d";

/// The names of the directories in one place: a random part between these two.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// The beginning of each name.
    pub prefix: &'static str,
    /// The end of each name.
    pub suffix: &'static str,
}

/// A temporary directory of this process.
#[derive(Debug)]
pub struct Scratch {
    content: PathBuf,
    lock: Option<File>,
    directory: TempDir,
}

impl Scratch {
    /// Creates one in the directory `parent`. Only this account can read it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn new(parent: &Path, names: Names) -> io::Result<Self> {
        let mut live = live();
        let mut builder = tempfile::Builder::new();
        builder.prefix(names.prefix).suffix(names.suffix);
        system::keep_temporary_private(&mut builder);
        let directory = builder.tempdir_in(parent)?;
        let mut lock = OpenOptions::new().read(true).write(true).create_new(true).open(directory.path().join(LOCK))?;
        // On a file system without locks, no other build can find it unlocked either.
        if lock.try_lock().is_ok() {
            lock.write_all(MARK)?;
        }
        let content = directory.path().join(CONTENT);
        fs::create_dir(&content)?;
        live.push(Leftover::Tree(directory.path().to_owned()));
        Ok(Self { content, lock: Some(lock), directory })
    }

    /// The directory for the build's files, empty at first.
    pub fn path(&self) -> &Path {
        &self.content
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Windows can't remove a directory in which a file is open.
        drop(fs::remove_dir_all(&self.content));
        drop(self.lock.take());
        drop(fs::remove_dir_all(self.directory.path()));
        forget(self.directory.path());
    }
}

/// Removes directories that killed builds have left in a place. `own` is a directory that this account has just created there.
pub fn sweep(parent: &Path, names: Names, own: &Scratch) {
    let Ok(own) = fs::symlink_metadata(own.directory.path()) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let is_named = name.starts_with(names.prefix.as_bytes()) && name.ends_with(names.suffix.as_bytes());
        if is_named && let Some(lock) = abandoned(&entry.path(), &own) {
            drop(fs::remove_dir_all(entry.path().join(CONTENT)));
            drop(lock);
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Takes the lock of a directory that a dead build of this account has left.
fn abandoned(directory: &Path, own: &Metadata) -> Option<File> {
    let found = fs::symlink_metadata(directory).ok()?;
    if !found.is_dir() || !system::is_kept_alike(&found, own) {
        return None;
    }
    let path = directory.join(LOCK);
    if !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let lock = OpenOptions::new().read(true).write(true).open(path).ok()?;
    lock.try_lock().ok()?;
    let mut mark = Vec::new();
    (&lock).take(MARK.len() as u64 + 1).read_to_end(&mut mark).ok()?;
    (mark == MARK).then_some(lock)
}

/// Removes this directory if the build is interrupted and the directory is still empty.
pub fn remove_when_interrupted(directory: &Path) {
    live().push(Leftover::Directory(directory.to_owned()));
}

/// Undoes [`remove_when_interrupted`].
pub fn forget(path: &Path) {
    live().retain(|leftover| leftover.path() != path);
}

/// Removes all directories that exist when this process is interrupted. Then the process ends as it would without this.
pub fn remove_all_when_interrupted() {
    system::before_an_interrupt_ends_this(|| {
        let live = live();
        for leftover in live.iter().rev() {
            leftover.remove();
        }
        // From here on no directory is created: other threads keep working until the process has ended.
        std::mem::forget(live);
    });
}

/// The directories that an interrupted build would leave.
#[derive(Debug)]
enum Leftover {
    Tree(PathBuf),
    Directory(PathBuf),
}

impl Leftover {
    fn path(&self) -> &Path {
        match self {
            Self::Tree(path) | Self::Directory(path) => path,
        }
    }

    fn remove(&self) {
        /// Other threads may be putting something there.
        const TRIES: usize = 20;
        match self {
            Self::Directory(path) => drop(fs::remove_dir(path)),
            Self::Tree(path) => {
                let gone = |_: &usize| fs::remove_dir_all(path).is_ok() || fs::symlink_metadata(path).is_err();
                let _ = (0..TRIES).find(gone);
            }
        }
    }
}

fn live() -> MutexGuard<'static, Vec<Leftover>> {
    static LIVE: Mutex<Vec<Leftover>> = Mutex::new(Vec::new());
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names { prefix: ".a-", suffix: ".b" };

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_build_has_left_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path();
        let alive = Scratch::new(path, NAMES).unwrap();
        fs::write(alive.path().join("f"), "x").unwrap();
        let alive_name = alive.directory.path().file_name().unwrap().to_str().unwrap().to_owned();
        // As after a kill: everything exists except for the process that held the lock.
        let left = |name: &str, mark: &[u8]| {
            fs::create_dir_all(path.join(name).join("d/deep")).unwrap();
            fs::write(path.join(name).join(LOCK), mark).unwrap();
            system::keep_others_out(&path.join(name)).unwrap();
        };
        left(".a-killed.b", MARK);
        left(".a-other-mark.b", b"mine\n");
        left(".a-being-made.b", b"");
        left("a-other-name.b", MARK);
        fs::create_dir(path.join(".a-plain.b")).unwrap();
        fs::write(path.join(".a-file.b"), "").unwrap();
        sweep(path, NAMES, &alive);
        let mut expected = [".a-being-made.b", ".a-file.b", ".a-other-mark.b", ".a-plain.b", "a-other-name.b"]
            .map(str::to_owned)
            .to_vec();
        expected.push(alive_name.clone());
        expected.sort();
        assert_eq!(names(path), expected);
        assert!(alive.path().join("f").exists());
        drop(alive);
        assert!(!path.join(alive_name).exists());
    }
}
