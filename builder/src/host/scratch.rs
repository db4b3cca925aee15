//! Directories that a build works in, and that are gone when it is over, however it ends.
//!
//! - It ends, well or not: [`Scratch`] removes its directory when it is dropped.
//! - It is interrupted, by Ctrl-C or a signal that asks it to end: [`remove_all_when_interrupted`] removes them all.
//! - It is killed, or the power fails: the next build that works in the same place removes what is left ([`sweep`]).
//!
//! Another's directory is never removed. One that a build has left is known by more than its name: it belongs to this account
//! alone, holds a file `lock` with a line that no other program writes, and nobody holds the lock on that file, which a build
//! keeps as long as it lives. The line is written when the lock is held: a directory without it may be one that is being made.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::host::system;

/// The file that shows whose the directory is.
const LOCK: &str = "lock";
/// What is in it.
const MARK: &[u8] = b"ekiben build, version 1 of this file\n";
/// What is worked with.
const CONTENT: &str = "d";

/// How the directories of one place are called: something random between these two.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// What they begin with.
    pub prefix: &'static str,
    /// What they end with.
    pub suffix: &'static str,
}

/// A directory of this process's own.
#[derive(Debug)]
pub struct Scratch {
    content: PathBuf,
    lock: Option<File>,
    directory: TempDir,
}

impl Scratch {
    /// A new one in the directory `parent`, which only this account may look into.
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
        // Where there are no locks, nobody else finds it unlocked either.
        if lock.try_lock().is_ok() {
            lock.write_all(MARK)?;
        }
        let content = directory.path().join(CONTENT);
        fs::create_dir(&content)?;
        live.push(Leftover::Tree(directory.path().to_owned()));
        Ok(Self { content, lock: Some(lock), directory })
    }

    /// Where to work: an empty directory.
    pub fn path(&self) -> &Path {
        &self.content
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Windows removes no directory in which a file is open.
        drop(fs::remove_dir_all(&self.content));
        drop(self.lock.take());
        drop(fs::remove_dir_all(self.directory.path()));
        forget(self.directory.path());
    }
}

/// Removes what builds that were killed have left in a place. `own` is something that this account has just made there.
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

/// The lock of a directory that a build of this account has left, which is ours now.
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

/// An empty directory that is to be gone if the build is interrupted, unless somebody has put something there.
pub fn remove_when_interrupted(directory: &Path) {
    live().push(Leftover::Directory(directory.to_owned()));
}

/// Undoes [`remove_when_interrupted`].
pub fn forget(path: &Path) {
    live().retain(|leftover| leftover.path() != path);
}

/// Has all that exists at the time removed when this process is interrupted; it ends as it would have ended without this.
pub fn remove_all_when_interrupted() {
    system::before_an_interrupt_ends_this(|| {
        let live = live();
        for leftover in live.iter().rev() {
            leftover.remove();
        }
        // Nothing is made any more: the other threads work on until the process has ended.
        std::mem::forget(live);
    });
}

/// What an interrupted build would leave.
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
        // Killed: everything is there but for the process that holds the lock.
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
