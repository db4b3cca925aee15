//! Extraction: frames are checked and decoded on all cores, files written as they come.
//!
//! # Memory
//! A worker holds one frame as stored (at most the largest file of the app, compressed), zstd's window (8 MiB at the
//! builder's default level) and one buffer of 1 MiB; there are at most [`MOST_WORKERS`] of them.
//!
//! # Security
//! Nothing of a frame is decoded before its SHA-256 was checked, and what is decoded are the bytes that were hashed.
//! Names are checked by [`crate::bundle::entry_path`]; files are created anew, never opened; symbolic links are made
//! last, so no file is ever written through one.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::{InstallError, Watcher, fault};
use crate::bundle::index::{Entry, EntryKind, Index, PlacedFrame};
use crate::bundle::source::Source;
use crate::bundle::{Bundle, BundleError, frame};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

/// More do not help: creating files is the cost, and the file system is one.
pub const MOST_WORKERS: usize = 8;
/// Files up to this size are written at once.
const BUFFER: usize = 1 << 20;
/// How often the watcher hears of it.
const TELL: Duration = Duration::from_millis(100);

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
    let frames = index
        .frames()
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| BundleError::Malformed { what: "index", why: "frames beyond any file".to_owned() })?;
    let work = Work {
        bundle,
        directory,
        frames,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        links: Mutex::new(Vec::new()),
    };
    let total = index.raw_len();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.min(MOST_WORKERS).min(work.frames.len()).max(1);

    thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                let ended = ended.clone();
                let work = &work;
                scope.spawn(move || {
                    let _ended = ended;
                    work.until_done().inspect_err(|_| work.stop.store(true, Ordering::Relaxed))
                })
            })
            .collect();
        drop(ended);
        // Nothing is ever sent: the channel closes when the last worker ends.
        while end.recv_timeout(TELL) == Err(mpsc::RecvTimeoutError::Timeout) {
            watcher.extracted(work.done.load(Ordering::Relaxed), total);
        }
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;

    let links = work.links.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (path, target) in links {
        make_parent(directory, &path, &mut BTreeSet::new())?;
        fault::point("link").map_err(InstallError::io("create", &path))?;
        system::symlink(&target, &path).map_err(InstallError::io("create", &path))?;
    }
    watcher.extracted(total, total);
    Ok(())
}

/// Writes one entry below `directory`, with the directories above it.
pub(super) fn write_entry(directory: &Path, entry: &Entry, content: &mut dyn Read) -> Result<(), InstallError> {
    let path = entry.path.below(directory);
    let mut writer = TreeWriter { directory, made: BTreeSet::new(), buffer: Vec::new() };
    match &entry.kind {
        EntryKind::Directory => make(directory, &path, &mut writer.made),
        EntryKind::File { size, executable } => writer.file(&path, *size, *executable, content),
        EntryKind::Symlink { target } => {
            make_parent(directory, &path, &mut writer.made)?;
            system::symlink(target, &path).map_err(InstallError::io("create", &path))
        }
    }
}

/// What the workers share.
struct Work<'a, S> {
    bundle: &'a Bundle<S>,
    directory: &'a Path,
    frames: Vec<PlacedFrame<'a>>,
    next: AtomicUsize,
    /// Decompressed bytes.
    done: AtomicU64,
    /// Another worker has failed.
    stop: AtomicBool,
    links: Mutex<Vec<(PathBuf, String)>>,
}

impl<S: Source> Work<'_, S> {
    fn until_done(&self) -> Result<(), InstallError> {
        let mut stored = Vec::new();
        let mut writer = TreeWriter { directory: self.directory, made: BTreeSet::new(), buffer: Vec::new() };
        while !self.stop.load(Ordering::Relaxed)
            && let Some(placed) = self.frames.get(self.next.fetch_add(1, Ordering::Relaxed))
        {
            self.bundle.frame(*placed, &mut stored)?;
            // An error of ours travels through tar's `io::Error` and back.
            let mut ours = None;
            frame::unpack(&stored, placed.frame, |entry, content| {
                self.entry(&mut writer, entry, content).map_err(|e| {
                    ours = Some(e);
                    io::Error::other("stopped")
                })
            })
            .map_err(|e| ours.take().unwrap_or_else(|| e.into()))?;
        }
        Ok(())
    }

    fn entry(&self, writer: &mut TreeWriter<'_>, entry: &Entry, content: &mut dyn Read) -> Result<(), InstallError> {
        let path = entry.path.below(self.directory);
        match &entry.kind {
            EntryKind::Directory => make(self.directory, &path, &mut writer.made),
            EntryKind::Symlink { target } => {
                let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
                links.push((path, target.clone()));
                Ok(())
            }
            EntryKind::File { size, executable } => {
                fault::point("file").map_err(InstallError::io("create", &path))?;
                writer.file(&path, *size, *executable, content)?;
                fault::point("file written").map_err(InstallError::io("write", &path))?;
                self.done.fetch_add(*size, Ordering::Relaxed);
                Ok(())
            }
        }
    }
}

/// Writes files, with what one worker remembers between them.
struct TreeWriter<'a> {
    directory: &'a Path,
    /// Directories that are known to be there. No hash set: std seeds those from `bcryptprimitives.dll`, which Wine 8 and
    /// old Windows versions lack.
    made: BTreeSet<PathBuf>,
    buffer: Vec<u8>,
}

impl TreeWriter<'_> {
    fn file(&mut self, path: &Path, size: u64, executable: bool, content: &mut dyn Read) -> Result<(), InstallError> {
        make_parent(self.directory, path, &mut self.made)?;
        let mut file = system::create_new(path, executable).map_err(InstallError::io("create", path))?;
        let failed = || InstallError::io("write", path);
        let mut left = size;
        while left > 0 {
            let part = left.min(BUFFER as u64) as usize;
            self.buffer.resize(part, 0);
            content.read_exact(&mut self.buffer).map_err(failed())?;
            file.write_all(&self.buffer).map_err(failed())?;
            left -= part as u64;
        }
        Ok(())
    }
}

/// Makes the directories between `directory` and `path`, each once. `directory` itself is never made: when it is gone,
/// someone took it for a leftover, and a tree with holes must not come of it.
fn make_parent(directory: &Path, path: &Path, made: &mut BTreeSet<PathBuf>) -> Result<(), InstallError> {
    match path.parent() {
        Some(parent) if parent != directory => make(directory, parent, made),
        _ => Ok(()),
    }
}

fn make(directory: &Path, path: &Path, made: &mut BTreeSet<PathBuf>) -> Result<(), InstallError> {
    if made.contains(path) {
        return Ok(());
    }
    make_parent(directory, path, made)?;
    fault::point("directory").map_err(InstallError::io("create", path))?;
    match super::system::create_directory(path) {
        // By another worker.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        result => result.map_err(InstallError::io("create", path))?,
    }
    made.insert(path.to_path_buf());
    Ok(())
}
