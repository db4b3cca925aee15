//! The builder's cache: downloads, runtimes, dependency trees and packed layers, which can all be created again.
//!
//! Each entry is named by its content or by a digest of its inputs, and is put into place by one rename, so an entry that
//! exists is complete. Deleting the whole directory costs only time.
//!
//! # Security
//! Files in the cache are executed (uv, interpreters) and packed into bundles, which may be signed. So the directory is private
//! to this account, and a directory that another account could change is refused each time it is opened.

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

/// The names of temporary directories in the cache. They are short, because Windows limits paths to 260 characters.
const SCRATCH: Names = Names { prefix: "", suffix: "" };

/// The builder's cache directory: `EKIBEN_CACHE`, else `<the user's cache directory>/ekiben`.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    /// Held as long as an entry is used. On a file system without locks, nothing is removed either.
    in_use: Option<Arc<File>>,
}

impl Cache {
    /// The variable that moves the cache.
    pub const VARIABLE: &str = "EKIBEN_CACHE";

    /// Opens the cache and makes sure that it is writable.
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
        // The files in it can have any mode, as archives and the user's umask determine it.
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

    /// The path of the entry `key` of a `kind` ("downloads", "runtimes", …), whether it exists or not.
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

    /// Runs `act` while no other process uses the cache; returns `None` if one does.
    fn alone<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let lock = self.in_use.as_ref()?;
        lock.unlock().ok()?;
        let result = lock.try_lock().is_ok().then(act);
        drop(lock.unlock());
        drop(lock.lock_shared());
        result
    }

    /// Removes temporary directories of killed builds.
    fn sweep(&self) {
        /// Longer than any build uses one of them.
        const LONG: Duration = Duration::from_secs(24 * 60 * 60);
        let Ok(own) = self.scratch() else { return };
        scratch::sweep(&self.root.join("scratch"), SCRATCH, &own);
        // A program that outlives its build can create a directory again. All files here belong to this account.
        for entry in fs::read_dir(self.root.join("scratch")).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
            let is_marked = entry.path().join("lock").exists();
            if !is_marked && age.is_some_and(|age| age > LONG) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }

    /// The directory `kind/key`. If it does not exist, `fill` creates its content in an empty directory. If `fill` fails, no
    /// entry is created. If two builders fill the same entry, the first rename wins.
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

    /// Writes the file `kind/key` with these bytes: to a temporary file, which is then renamed.
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

/// Fills the empty directory `to` with the content of `from`: hard links where possible, otherwise copies, and symbolic
/// links unchanged. Don't write into such a file; replace it.
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
