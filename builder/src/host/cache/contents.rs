//! Lists the entries of the cache, and removes the least recently used ones.
//!
//! A build sets the time of modification of each entry that it uses. Every build holds a shared lock on the cache, and
//! removing entries needs the exclusive lock, so no entry is removed while a build uses it.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use launcher::sys::processes;
use walkdir::WalkDir;

use super::Cache;
use crate::host::system;
use crate::report::Report;
use crate::report::failure::Failure;
use crate::report::text;

/// All directories of entries that ekiben creates in its cache. Nothing else in the cache is ever removed.
const KINDS: &[&str] = &[
    "applications",
    "archives",
    "compiled",
    "dependencies",
    "downloads",
    "icons",
    "interpreters",
    "interpreters-of-ours",
    "layers",
    "run",
    "run/roots",
    "runtime-versions",
    "runtimes",
    "scripts",
    "tools",
    "unreachable",
];

/// How often a build measures the cache, which means reading every directory in it.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// The file whose time of modification shows when the cache was measured last.
const MEASURED: &str = "measured";

/// An entry of the cache.
#[derive(Debug)]
pub struct Entry {
    /// Its kind.
    pub kind: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// When a build used it last.
    pub used: SystemTime,
    /// Bytes on the disk, without files that a more recently used entry shares.
    pub size: u64,
}

/// What was removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many entries.
    pub entries: usize,
    /// Bytes on the disk.
    pub size: u64,
}

impl Cache {
    /// Notes that a build uses an entry.
    pub fn mark_as_used(entry: &Path) {
        // If this fails, the entry keeps its age.
        let _ = File::open(entry).and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// All entries, the most recently used first.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<_> = KINDS.iter().flat_map(|kind| self.entries_of(kind)).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.used));
        let mut seen = HashSet::new();
        for entry in &mut entries {
            entry.size = size(&entry.path, &mut seen);
        }
        entries
    }

    /// Bytes by kind of entry.
    pub fn sizes(&self) -> BTreeMap<&'static str, u64> {
        let mut sizes = BTreeMap::new();
        for entry in self.entries() {
            *sizes.entry(entry.kind).or_default() += entry.size;
        }
        sizes
    }

    /// Removes entries that were not used for this long.
    ///
    /// # Errors
    /// When a build uses the cache, or something can't be removed.
    pub fn clean(&self, older_than: Duration) -> anyhow::Result<Removed> {
        self.alone(|| {
            let is_old = |entry: &Entry| entry.used.elapsed().is_ok_and(|age| age >= older_than);
            self.remove(self.entries().into_iter().filter(is_old))
        })
        .unwrap_or_else(|| {
            let failure = Failure::new(format!("another build is using the cache `{}`", text::path(self.root())));
            Err(failure.help("wait until it has ended, and try again").into())
        })
    }

    /// Removes the least recently used entries while the cache is larger than `limit`: at most once an hour, and not while
    /// another build runs. An error here does not fail the build.
    pub fn keep_within(&self, limit: u64, report: &Report) {
        let stamp = self.root().join(MEASURED);
        let measured = fs::metadata(&stamp).and_then(|found| found.modified());
        if measured.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < INTERVAL)) {
            return;
        }
        let removed = self.alone(|| {
            fs::write(&stamp, "")?;
            let mut total = 0_u64;
            let over = self.entries().into_iter().filter(|entry| {
                total = total.saturating_add(entry.size);
                total > limit
            });
            self.remove(over.collect::<Vec<_>>())
        });
        match removed {
            Some(Ok(removed)) if removed.entries > 0 => report
                .detail(format!("removed {} from the cache: what was used longest ago", text::bytes(removed.size))),
            Some(Err(error)) => report.detail(format!("could not make the cache smaller: {error:#}")),
            _ => {}
        }
    }

    fn entries_of(&self, kind: &'static str) -> Vec<Entry> {
        let directory = self.root().join(kind);
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let entry = |entry: fs::DirEntry| {
            let path = entry.path();
            let is_kind = KINDS.iter().any(|other| path == self.root().join(other));
            let used = fs::symlink_metadata(&path).and_then(|found| found.modified()).ok()?;
            // An app that `ekiben run` has started may be running from here.
            let is_running = kind == "run/roots" && !processes::below(&path).is_empty();
            (!is_kind && !is_running).then_some(Entry { kind, path, used, size: 0 })
        };
        entries.filter_map(entry).collect()
    }

    /// Renames an entry before removing it, so that no incomplete entry ever exists under its name.
    fn remove(&self, entries: impl IntoIterator<Item = Entry>) -> anyhow::Result<Removed> {
        let mut removed = Removed::default();
        let scratch = self.scratch()?;
        for (number, entry) in entries.into_iter().enumerate() {
            fs::rename(&entry.path, scratch.path().join(number.to_string()))?;
            removed.entries += 1;
            removed.size += entry.size;
        }
        Ok(removed)
    }
}

/// Bytes on the disk below a path, without files that were seen before under another name.
fn size(path: &Path, seen: &mut HashSet<(u64, u64)>) -> u64 {
    let files = WalkDir::new(path).into_iter().flatten().filter_map(|entry| entry.metadata().ok());
    files
        .filter(|found| found.is_file() && system::identity(found).is_none_or(|identity| seen.insert(identity)))
        .map(|found| found.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(directory: &Path, ages: &[(&str, u64)]) -> Cache {
        let cache = Cache::at(directory.join("c")).unwrap();
        for (name, days) in ages {
            let entry = cache.entry("layers", name);
            fs::create_dir_all(&entry).unwrap();
            fs::write(entry.join("bytes"), [0; 1000]).unwrap();
            let time = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
            File::open(&entry).unwrap().set_modified(time).unwrap();
        }
        cache
    }

    fn names(cache: &Cache) -> Vec<String> {
        let mut names: Vec<_> =
            cache.entries().iter().map(|entry| entry.path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_used_longest_ago_is_removed_when_there_is_too_much() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path(), &[("old", 30), ("new", 1), ("used", 60)]);
        fs::write(cache.root().join("not-ours"), [0; 5000]).unwrap();
        // A file with several names is counted once.
        fs::hard_link(cache.entry("layers", "new").join("bytes"), cache.entry("layers", "new").join("link")).unwrap();
        Cache::mark_as_used(&cache.entry("layers", "used"));
        assert_eq!(cache.sizes().values().sum::<u64>(), 3000);
        cache.keep_within(2500, &Report::silent());
        assert_eq!(names(&cache), ["new", "used"]);
        // The cache is not measured at every build.
        cache.keep_within(0, &Report::silent());
        assert_eq!(names(&cache), ["new", "used"]);
        assert!(cache.root().join("not-ours").exists());
    }

    #[test]
    fn what_was_not_used_for_long_can_be_removed_unless_a_build_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path(), &[("old", 30), ("new", 1)]);
        let day = Duration::from_secs(24 * 60 * 60);
        let build = Cache::at(cache.root().to_owned()).unwrap();
        assert!(cache.clean(day * 7).unwrap_err().to_string().contains("another build is using"));
        drop(build);
        assert_eq!(cache.clean(day * 7).unwrap(), Removed { entries: 1, size: 1000 });
        assert_eq!(names(&cache), ["new"]);
        assert_eq!(cache.clean(Duration::ZERO).unwrap().entries, 1);
        assert_eq!(names(&cache), Vec::<String>::new());
    }
}
