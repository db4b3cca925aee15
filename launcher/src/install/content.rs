//! Going through what a bundle holds, entry by entry, on all cores.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::extract::MOST_WORKERS;
use super::{InstallError, Watcher};
use crate::bundle::index::{Entry, Frame, Index, PlacedFrame};
use crate::bundle::source::Source;
use crate::bundle::{Bundle, BundleError, frame};

/// How often the watcher hears of it.
const TELL: Duration = Duration::from_millis(100);

/// What is done with an entry and its content. No type parameter: three copies of the threads below would be a good part of
/// the launcher.
pub(super) type Each<'a> = dyn Fn(&Entry, &mut dyn Read) -> Result<(), InstallError> + Sync + 'a;

/// Hands every entry of the frames that `wanted` picks to `each`, with its content, from several threads. Nothing of a
/// frame is decoded before its SHA-256 was checked.
///
/// # Errors
/// The first one: the bundle's, or that of `each`. Others may have been called meanwhile.
pub(super) fn each_entry<S: Source>(
    bundle: &Bundle<S>,
    index: &Index,
    wanted: &dyn Fn(&Frame) -> bool,
    watcher: &mut dyn Watcher,
    each: &Each<'_>,
) -> Result<(), InstallError> {
    let frames = index.frames().collect::<Option<Vec<_>>>();
    let frames =
        frames.ok_or_else(|| BundleError::Malformed { what: "index", why: "frames beyond any file".to_owned() })?;
    let frames: Vec<_> = frames.into_iter().filter(|placed| wanted(placed.frame)).collect();
    let total = frames.iter().map(|placed| placed.frame.raw_len).sum();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.min(MOST_WORKERS).min(frames.len());
    let work =
        Work { bundle, frames, each, next: AtomicUsize::new(0), done: AtomicU64::new(0), stop: AtomicBool::new(false) };

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
    })
}

/// What the workers share.
struct Work<'a, S> {
    bundle: &'a Bundle<S>,
    frames: Vec<PlacedFrame<'a>>,
    each: &'a Each<'a>,
    next: AtomicUsize,
    /// Decompressed bytes.
    done: AtomicU64,
    /// Another worker has failed.
    stop: AtomicBool,
}

impl<S: Source> Work<'_, S> {
    fn until_done(&self) -> Result<(), InstallError> {
        let mut stored = Vec::new();
        while !self.stop.load(Ordering::Relaxed)
            && let Some(placed) = self.frames.get(self.next.fetch_add(1, Ordering::Relaxed))
        {
            self.bundle.frame(*placed, &mut stored)?;
            // An error of ours travels through tar's `io::Error` and back.
            let mut ours = None;
            frame::unpack(&stored, placed.frame, |entry, content| {
                (self.each)(entry, content).map_err(|e| {
                    ours = Some(e);
                    io::Error::other("stopped")
                })
            })
            .map_err(|e| ours.take().unwrap_or_else(|| e.into()))?;
            self.done.fetch_add(placed.frame.raw_len, Ordering::Relaxed);
        }
        Ok(())
    }
}
