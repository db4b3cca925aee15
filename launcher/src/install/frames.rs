//! Going through a bundle's frames, on all cores.
//!
//! # Memory
//! A worker holds a frame as stored, up to 8 MiB (a larger one is read as a stream), and as decoded, up to 12 MiB; a
//! frame that decodes to more, the builder's only for a file of over 8 MiB, takes zstd's window (8 MiB) and 1 MiB. There
//! are at most [`MOST_WORKERS`] of them.

use std::io::{self, BufRead};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{InstallError, Watcher};
use crate::bundle::index::{Entry, Index, PlacedFrame};
use crate::bundle::source::Source;
use crate::bundle::{Bundle, BundleError, frame};

/// More do not help: creating files is the cost, and the file system is one.
const MOST_WORKERS: usize = 8;
/// A frame that is longer as stored is not held in memory.
pub(super) const HELD: u64 = 8 << 20;
/// How often the watcher hears of it.
const TELL: Duration = Duration::from_millis(100);

/// What a worker uses again from frame to frame.
#[derive(Default)]
pub(super) struct Scratch {
    stored: Vec<u8>,
    decoded: Vec<u8>,
}

/// What a worker does with a frame.
pub(super) type Work<'a> = dyn Fn(PlacedFrame<'_>, &mut Scratch) -> Result<(), InstallError> + Sync + 'a;

/// The frames that hold something wanted, in the order of the file, as a disk or a share hands them out best; but those that
/// take long, one large file each, come first, so that no worker is left alone with one at the end.
///
/// # Errors
/// When their lengths add up to more than any file has.
pub(super) fn holding<'i>(
    index: &'i Index,
    wanted: &dyn Fn(&Entry) -> bool,
) -> Result<Vec<PlacedFrame<'i>>, BundleError> {
    let frames = index.frames().collect::<Option<Vec<_>>>();
    let mut frames =
        frames.ok_or_else(|| BundleError::Malformed { what: "index", why: "frames beyond any file".to_owned() })?;
    frames.retain(|placed| placed.frame.entries.iter().any(wanted));
    frames.sort_by_key(|placed| placed.frame.raw_len <= frame::WHOLE);
    Ok(frames)
}

/// Hands each frame to `work`, from several threads.
///
/// # Errors
/// One that `work` returned, or that the watcher wished it; what had been begun was finished, and no more was begun.
pub(super) fn on_all_cores(
    frames: &[PlacedFrame<'_>],
    watcher: &mut dyn Watcher,
    work: &Work<'_>,
) -> Result<(), InstallError> {
    let total = frames.iter().map(|placed| placed.frame.raw_len).fold(0, u64::saturating_add);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.min(MOST_WORKERS).min(frames.len());
    let (next, done, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let until_done = || -> Result<(), InstallError> {
        let mut scratch = Scratch::default();
        while !stop.load(Ordering::Relaxed)
            && let Some(placed) = frames.get(next.fetch_add(1, Ordering::Relaxed))
        {
            work(*placed, &mut scratch).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            done.fetch_add(placed.frame.raw_len, Ordering::Relaxed);
        }
        Ok(())
    };

    thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                let ended = ended.clone();
                let until_done = &until_done;
                scope.spawn(move || {
                    let _ended = ended;
                    until_done()
                })
            })
            .collect();
        drop(ended);
        // Nothing is ever sent: the channel closes when the last worker ends.
        while end.recv_timeout(TELL) == Err(mpsc::RecvTimeoutError::Timeout) {
            watcher.extracted(done.load(Ordering::Relaxed), total);
            if watcher.is_cancelled() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    if !stop.into_inner() {
        watcher.extracted(total, total);
    }
    if watcher.is_cancelled() { Err(InstallError::Cancelled) } else { Ok(()) }
}

/// Reads a frame, and hands its entries to `each`, with their content. Nothing is decoded before its SHA-256 was checked.
///
/// # Errors
/// The bundle's, and that of `each`.
pub(super) fn decode<S: Source>(
    bundle: &Bundle<S>,
    placed: PlacedFrame<'_>,
    scratch: &mut Scratch,
    each: &mut dyn FnMut(&Entry, &mut dyn BufRead) -> Result<(), InstallError>,
) -> Result<(), InstallError> {
    // An error of ours travels through tar's `io::Error` and back.
    let mut ours = None;
    let mut each = |entry: &Entry, content: &mut dyn BufRead| {
        each(entry, content).map_err(|e| {
            ours = Some(e);
            io::Error::other("stopped")
        })
    };
    let result = if placed.frame.len <= HELD {
        bundle.frame(placed, &mut scratch.stored)?;
        frame::unpack_into(&mut scratch.decoded, &scratch.stored, placed.frame, &mut each).map_err(InstallError::from)
    } else {
        bundle.stream(placed, |stored| Ok(frame::unpack_stream(stored, placed.frame, &mut each)?))
    };
    result.map_err(|e| ours.take().unwrap_or(e))
}
