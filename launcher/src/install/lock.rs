//! The install lock: one first start works, the others wait. Released by the system when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::fault;
use crate::sys::files;

/// How often a waiting start tries.
const POLL_INTERVAL: Duration = Duration::from_millis(25);
/// After this, a waiting start reports that it waits.
const REPORT_AFTER: Duration = Duration::from_millis(500);
/// After this, it goes on without the lock: the holder may hang.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Whether somebody holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody does.
    Free,
    /// Somebody installs, repairs or removes.
    Held,
    /// Unknown: the lock file can't be opened, or its file system has no locks.
    Unknown,
}

/// Asks, without creating the file. Only another caller of this function is affected by it.
pub fn state(path: &Path) -> State {
    match File::open(path).map(|file| file.try_lock_shared()) {
        Ok(Ok(())) => State::Free,
        Ok(Err(TryLockError::WouldBlock)) => State::Held,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => State::Free,
        Ok(Err(TryLockError::Error(_))) | Err(_) => State::Unknown,
    }
}

/// Held until dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// The lock, if nobody has it. `None` also where locks do not work.
    pub(super) fn if_free(path: &Path) -> Option<Self> {
        let file = open(path).ok()?;
        file.try_lock().ok().map(|()| Self { _file: file })
    }

    /// Waits for the lock, until `done` says that there is nothing left to do, or `waiting` that nobody wants to wait. `None` then,
    /// and when it could not be had in time, or the file system has no locks: the caller goes on without it.
    pub(super) fn acquire(path: &Path, done: impl Fn() -> bool, mut waiting: impl FnMut() -> bool) -> Option<Self> {
        let file = open(path).ok()?;
        let start = Instant::now();
        while !done() && start.elapsed() < TIMEOUT {
            match file.try_lock() {
                Ok(()) => {
                    fault::point("locked").ok()?;
                    return Some(Self { _file: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => return None,
            }
            if start.elapsed() > REPORT_AFTER && !waiting() {
                return None;
            }
            thread::sleep(POLL_INTERVAL);
        }
        None
    }
}

/// Opens the file of a lock, and makes it if it is missing. Nobody else can have put a link there, or write to it.
///
/// # Errors
/// When it can't be opened, or another account can write to it.
pub fn open(path: &Path) -> io::Result<File> {
    fault::point("lock file")?;
    files::open_own(OpenOptions::new().truncate(false).write(true), path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_next_waits_until_the_work_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::acquire(&path, || false, || panic!("waited")).unwrap();
        let looks = std::cell::Cell::new(0);
        let done = || {
            looks.set(looks.get() + 1);
            looks.get() > 3
        };
        assert!(Lock::acquire(&path, done, || true).is_none());
        assert_eq!(state(&path), State::Held);
        // Whoever waits can also give up.
        assert!(Lock::acquire(&path, || false, || false).is_none());
        drop(first);
        assert_eq!(state(&path), State::Free);
        assert!(Lock::acquire(&path, || false, || panic!("waited")).is_some());
    }
}
