//! Working on a bundle's frames, on all cores.
//!
//! # Memory
//! A worker holds a frame as stored, up to 8 MiB (a larger one is read as a stream), and as decoded, up to 12 MiB. A frame that
//! decodes to more (the builder makes one only for a file of over 8 MiB) takes zstd's window (8 MiB) and 1 MiB. There are at most
//! [`MOST_WORKERS`] workers. A worker for which there is not enough memory leaves its frame to others and ends.

use std::io::{self, BufRead};
use std::iter;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use crate::install::{InstallError, Watcher};
use bundle::index::{Entry, Index, PlacedFrame};
use bundle::source::Source;
use bundle::{Bundle, BundleError, frame};

/// More would not help: the cost is creating files, in one file system.
const MOST_WORKERS: usize = 8;
/// A frame that is longer as stored is read as a stream.
pub(in crate::install) const LARGEST_IN_MEMORY: u64 = 8 << 20;
/// How often the watcher is called.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// Buffers that a worker uses for all of its frames.
#[derive(Default)]
pub(in crate::install) struct Scratch {
    stored: Vec<u8>,
    decoded: Vec<u8>,
}

/// What a worker does with a frame.
pub(in crate::install) type Work<'a> = dyn Fn(PlacedFrame<'_>, &mut Scratch) -> Result<(), InstallError> + Sync + 'a;

/// The frames that hold a wanted entry, in the order of the file, which disks and shares read fastest; except that frames that
/// take long, with one large file each, come first, so that no worker is left alone with one at the end.
///
/// # Errors
/// When their lengths add up to more than any file has.
pub(in crate::install) fn frames_with<'i>(
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

/// Calls `work` for each frame, from several threads.
///
/// # Errors
/// One that `work` returned, or that the watcher has cancelled it. Calls that had begun were finished, and no more were begun.
pub(in crate::install) fn on_all_cores(
    frames: &[PlacedFrame<'_>],
    watcher: &mut dyn Watcher,
    work: &Work<'_>,
) -> Result<(), InstallError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = iter::repeat_with(thread::Builder::new).take(cores.min(MOST_WORKERS));
    on_threads(threads, frames, watcher, work)
}

/// The same on as many of these threads as can be created. The calling thread does what they leave: everything if no thread can be
/// created (a limit of the account, of a container, of memory), and frames for which a thread had not enough memory, after the
/// others have freed theirs.
fn on_threads(
    threads: impl Iterator<Item = thread::Builder>,
    frames: &[PlacedFrame<'_>],
    watcher: &mut dyn Watcher,
    work: &Work<'_>,
) -> Result<(), InstallError> {
    let total = frames.iter().map(|placed| placed.frame.raw_len).fold(0, u64::saturating_add);
    let (next, done, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let left = Mutex::new(Vec::new());
    let until_done = || -> Result<(), InstallError> {
        let mut scratch = Scratch::default();
        while !stop.load(Ordering::Relaxed)
            && let Some(placed) = frames.get(next.fetch_add(1, Ordering::Relaxed))
        {
            match work(*placed, &mut scratch) {
                Ok(()) => done.fetch_add(placed.frame.raw_len, Ordering::Relaxed),
                Err(lack) if lack.is_out_of_memory_for_frame() => {
                    left.lock().unwrap_or_else(PoisonError::into_inner).push(*placed);
                    return Ok(());
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            };
        }
        Ok(())
    };

    thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let start = |thread: thread::Builder| {
            let ended = ended.clone();
            let until_done = &until_done;
            let worker = move || {
                let _ended = ended;
                until_done()
            };
            thread.spawn_scoped(scope, worker).ok()
        };
        // If one can't be created, more can't either.
        let workers: Vec<_> = threads.take(frames.len()).map_while(start).collect();
        drop(ended);
        // Nothing is ever sent: the channel closes when the last worker ends.
        while end.recv_timeout(REPORT_INTERVAL) == Err(mpsc::RecvTimeoutError::Timeout) {
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

    let left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
    let untouched = frames.get(next.into_inner()..).unwrap_or_default();
    let mut done = done.into_inner();
    let mut scratch = Scratch::default();
    for placed in left.iter().chain(untouched) {
        if watcher.is_cancelled() {
            break;
        }
        work(*placed, &mut scratch)?;
        done = done.saturating_add(placed.frame.raw_len);
        watcher.extracted(done, total);
    }
    if !watcher.is_cancelled() {
        watcher.extracted(total, total);
    }
    if watcher.is_cancelled() { Err(InstallError::Cancelled) } else { Ok(()) }
}

/// Reads a frame, and calls `each` for its entries, with their content. Nothing is decoded before its SHA-256 was checked.
///
/// # Errors
/// Those of the bundle, and of `each`.
pub(in crate::install) fn decode<S: Source>(
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
    let result = if placed.frame.len <= LARGEST_IN_MEMORY {
        bundle.frame(placed, &mut scratch.stored)?;
        frame::unpack_into(&mut scratch.decoded, &scratch.stored, placed.frame, &mut each).map_err(InstallError::from)
    } else {
        bundle.stream(placed, |stored| Ok(frame::unpack_stream(stored, placed.frame, &mut each)?))
    };
    result.map_err(|e| ours.take().unwrap_or(e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundle::Digest;
    use bundle::index::Frame;

    /// More than there are addresses for.
    const TOO_LARGE: usize = 1 << 48;

    /// What a watcher was told, and after how many frames it wants to stop.
    #[derive(Default)]
    struct Told {
        done: Vec<u64>,
        cancels_at: Option<u64>,
    }

    impl Watcher for Told {
        fn waiting(&mut self) {}

        fn extracted(&mut self, done: u64, _total: u64) {
            self.done.push(done);
        }

        fn is_cancelled(&self) -> bool {
            self.cancels_at.is_some_and(|at| self.done.last().is_some_and(|done| *done >= at))
        }
    }

    fn frames(number: u64) -> Vec<Frame> {
        let frame = |raw_len| Frame { len: 1, raw_len, sha256: Digest::of(b""), entries: Vec::new() };
        (0..number).map(|_| frame(1)).collect()
    }

    /// Goes through ten frames on threads, of which some can be created; answers how often each frame was worked on.
    fn go(
        can_be_created: &[bool],
        told: &mut Told,
        work: impl Fn(usize, &thread::Thread) -> Result<(), InstallError> + Sync,
    ) -> (Result<(), InstallError>, Vec<usize>) {
        let all = frames(10);
        let placed: Vec<_> = (0..).zip(&all).map(|(offset, frame)| PlacedFrame { offset, frame }).collect();
        let times: Vec<_> = all.iter().map(|_| AtomicUsize::new(0)).collect();
        let threads = can_be_created.iter().map(|can| match can {
            true => thread::Builder::new(),
            false => thread::Builder::new().stack_size(TOO_LARGE),
        });
        let result = on_threads(threads, &placed, told, &|placed, _| {
            let at = placed.offset as usize;
            work(at, &thread::current())?;
            times[at].fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        (result, times.into_iter().map(AtomicUsize::into_inner).collect())
    }

    #[test]
    fn the_calling_thread_does_the_work_when_no_other_can_be_created() {
        for threads in [&[][..], &[false], &[false, true]] {
            let (mut told, own) = (Told::default(), thread::current().id());
            let (result, times) = go(threads, &mut told, |_, thread| {
                assert_eq!(thread.id(), own);
                Ok(())
            });
            result.unwrap();
            assert_eq!(times, [1; 10]);
            assert_eq!(told.done, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
        }
    }

    #[test]
    fn the_threads_that_can_be_created_do_the_work() {
        let (mut told, own) = (Told::default(), thread::current().id());
        let (result, times) = go(&[true, false, true], &mut told, |_, thread| {
            assert_ne!(thread.id(), own);
            Ok(())
        });
        result.unwrap();
        assert_eq!(times, [1; 10]);
        assert_eq!(told.done.last(), Some(&10));
    }

    #[test]
    fn the_calling_thread_stops_between_two_frames_when_the_user_cancels() {
        let mut told = Told { cancels_at: Some(3), ..Told::default() };
        let (result, times) = go(&[false], &mut told, |_, _| Ok(()));
        assert!(matches!(result, Err(InstallError::Cancelled)));
        assert_eq!(times, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn an_error_of_the_calling_thread_is_the_result() {
        let broken = || InstallError::Bundle(BundleError::Mismatch { what: "frame" });
        let (result, times) = go(&[false], &mut Told::default(), |at, _| if at == 2 { Err(broken()) } else { Ok(()) });
        assert!(matches!(result, Err(InstallError::Bundle(BundleError::Mismatch { .. }))));
        assert_eq!(times, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_frame_for_which_a_thread_had_not_enough_memory_is_done_by_the_calling_thread() {
        let lack = || InstallError::Bundle(io::Error::from(io::ErrorKind::OutOfMemory).into());
        let own = thread::current().id();
        let (result, times) =
            go(&[true, true], &mut Told::default(), |_, thread| if thread.id() == own { Ok(()) } else { Err(lack()) });
        result.unwrap();
        assert_eq!(times, [1; 10]);
        // There is nobody left who could do it.
        let (result, times) = go(&[true, true], &mut Told::default(), |_, _| Err(lack()));
        assert!(result.unwrap_err().is_out_of_memory_for_frame());
        assert_eq!(times, [0; 10]);
    }
}
