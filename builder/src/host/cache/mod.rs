//! Where the builder keeps what it can make again: downloads, runtimes, dependency trees, packed layers.
//!
//! Everything is named by its content or by a digest of what it was made from, and appears by one rename:
//! an entry that exists is complete. Deleting the whole directory loses only time.
//!
//! # Security
//! What lies here is executed (uv, interpreters) and packed into bundles, which may be signed. So the directory is made for
//! this account alone, and one that another account could change is refused each time it is opened.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use launcher::install::places::private;

use crate::host::scratch::{self, Names, Scratch};
use crate::host::system;
use crate::report::failure::{Failure, Help};
use crate::report::text;

mod contents;
mod limit;

pub use contents::{Entry, Removed};
pub use limit::age;

/// How working directories in the cache are called. Short: Windows allows paths of 260 characters.
const SCRATCH: Names = Names { prefix: "", suffix: "" };

/// The builder's cache directory: `EKIBEN_CACHE`, else `<the user's cache directory>/ekiben`.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    /// Held as long as something here is used. Where there are no locks, nothing is removed either.
    in_use: Option<Arc<File>>,
}

impl Cache {
    /// The variable that moves the cache.
    pub const VARIABLE: &str = "EKIBEN_CACHE";

    /// Finds the cache and makes sure that it can be written.
    ///
    /// # Errors
    /// When there is no place for it, or it can't be created.
    pub fn open() -> anyhow::Result<Self> {
        let root = std::env::var_os(Self::VARIABLE)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
            .or_else(|| dirs::cache_dir().map(|d| d.join("ekiben")))
            .ok_or_else(|| {
                Failure::new("this account has no cache directory")
                    .help(format!("set {} to a directory that ekiben can write to", Self::VARIABLE))
            })?;
        Self::at(root)
    }

    /// A cache in a directory of the caller's choice.
    ///
    /// # Errors
    /// When the directory can't be created, or another account could change what is in it.
    pub fn at(root: PathBuf) -> anyhow::Result<Self> {
        let root = std::path::absolute(root)?;
        if fs::symlink_metadata(&root).is_err() {
            private::make(&root).or_fail(
                format!("could not create the cache directory `{}`", text::path(&root)),
                format!("set {} to a directory that ekiben can write to", Self::VARIABLE),
            )?;
        }
        private::check(&root).or_fail(
            format!("another account could change what ekiben runs from its cache directory `{}`", text::path(&root)),
            format!(
                "set {} to a directory that is yours alone; if nobody else can have changed this one, `chmod go-w` or \
                 `chown` makes it so",
                Self::VARIABLE
            ),
        )?;
        // What is in it may have any rights, as they come out of archives and the user's umask.
        drop(system::keep_others_out(&root));
        let in_use = File::options().create(true).truncate(false).write(true).open(root.join("lock")).ok();
        let in_use = in_use.filter(|lock| lock.lock_shared().is_ok()).map(Arc::new);
        let cache = Self { root, in_use };
        cache.sweep();
        Ok(cache)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the entry `key` of a `kind` ("downloads", "runtimes", …) is, if it exists, or will be.
    pub fn entry(&self, kind: &str, key: &str) -> PathBuf {
        self.root.join(kind).join(key)
    }

    /// A fresh, empty directory on the cache's own file system, removed when dropped.
    ///
    /// # Errors
    /// When it can't be created.
    pub fn scratch(&self) -> io::Result<Scratch> {
        let parent = self.root.join("scratch");
        fs::create_dir_all(&parent)?;
        Scratch::new(&parent, SCRATCH)
    }

    /// Does something that no other process's build may notice; `None` while one goes on.
    fn alone<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let lock = self.in_use.as_ref()?;
        lock.unlock().ok()?;
        let result = lock.try_lock().is_ok().then(act);
        drop(lock.unlock());
        drop(lock.lock_shared());
        result
    }

    /// Removes what builds that were killed have left.
    fn sweep(&self) {
        /// Longer than any build works in one of them.
        const LONG: Duration = Duration::from_secs(24 * 60 * 60);
        let Ok(own) = self.scratch() else { return };
        scratch::sweep(&self.root.join("scratch"), SCRATCH, &own);
        // A program that outlives the build that started it can make a directory again, and all here is this account's.
        for entry in fs::read_dir(self.root.join("scratch")).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
            let is_marked = entry.path().join("lock").exists();
            if !is_marked && age.is_some_and(|age| age > LONG) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }

    /// The directory `kind/key`, filled by `fill` unless it already exists. `fill` gets an empty directory
    /// and may fail: nothing appears then. When two builders fill the same entry, the first rename wins.
    ///
    /// # Errors
    /// Those of `fill`, and of the file system.
    pub fn directory(
        &self,
        kind: &str,
        key: &str,
        fill: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<PathBuf> {
        let entry = self.entry(kind, key);
        if entry.is_dir() {
            Self::mark_as_used(&entry);
            return Ok(entry);
        }
        let scratch = self.scratch()?;
        let filled = scratch.path().join("entry");
        fs::create_dir(&filled)?;
        fill(&filled)?;
        fs::create_dir_all(self.root.join(kind))?;
        match fs::rename(&filled, &entry) {
            Err(_) if entry.is_dir() => {}
            result => result?,
        }
        Ok(entry)
    }

    /// The file `kind/key` with these bytes, written beside and renamed.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, kind: &str, key: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let scratch = self.scratch()?;
        let file = scratch.path().join("entry");
        fs::write(&file, bytes)?;
        fs::create_dir_all(self.root.join(kind))?;
        let entry = self.entry(kind, key);
        fs::rename(&file, &entry)?;
        Ok(entry)
    }
}

/// Fills `to`, an empty directory, with what `from` holds: hard links where they can be had, copies elsewhere, symbolic
/// links as they are. Do not write into such a file: replace it.
///
/// # Errors
/// Those of the file system.
pub fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    for found in walkdir::WalkDir::new(from).min_depth(1) {
        let found = found?;
        let below = found.path().strip_prefix(from).map_err(io::Error::other)?;
        let new = to.join(below);
        if found.file_type().is_dir() {
            fs::create_dir(&new)?;
        } else if fs::hard_link(found.path(), &new).is_err() {
            fs::copy(found.path(), &new)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_filled_once_and_never_half() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().join("c")).unwrap();
        let failed = cache.directory("k", "a", |d| {
            fs::write(d.join("half"), "x")?;
            anyhow::bail!("no")
        });
        assert!(failed.is_err() && !cache.entry("k", "a").exists());
        let entry = cache.directory("k", "a", |d| Ok(fs::write(d.join("f"), "x")?)).unwrap();
        assert_eq!(cache.directory("k", "a", |_| panic!("filled twice")).unwrap(), entry);
        assert_eq!(fs::read_dir(cache.root().join("scratch")).unwrap().count(), 0);
    }
}
