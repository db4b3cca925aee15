//! One frame: packing files into it, and taking them out again.

use std::io;

use super::entry_path::UnsafePath;
use super::index::Frame;
use super::text;

mod pack;
#[cfg(test)]
mod tests;
mod unpack;

pub use pack::{Item, PackedFrame, Position, pack};
pub use unpack::{WHOLE, unpack, unpack_into, unpack_stream};

/// zstd's window, as a power of two: what a decoder may have to hold. 8 MiB is what level 19 asks for.
pub(super) const WINDOW_LOG: u32 = 23;

/// What is wrong with a frame whose SHA-256 is right, or with what should be done with its files.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It does not decode to what the index says, or the caller's work failed.
    #[error("could not unpack the frame at `{entry}`")]
    Unpack {
        /// Which entry, as the index says; of a whole frame, its first.
        entry: String,
        /// What went wrong.
        source: io::Error,
    },
    /// It holds something that may not be created.
    #[error(transparent)]
    Unsafe(#[from] UnsafePath),
    /// It holds a kind of entry that no version dir holds: a device, a hard link, …
    #[error("`{}` is a {kind}, and a bundle holds only files, directories and symbolic links", path.escape_debug())]
    RefusedKind {
        /// Which entry.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// Its entries are not the index's.
    #[error("`{}` stands where the index says `{expected}`", found.escape_debug())]
    NotAsIndexed {
        /// What the index says.
        expected: String,
        /// What is there.
        found: String,
    },
}

impl FrameError {
    /// `source`, with the name of the frame that it happened in.
    fn from_frame(frame: &Frame, source: io::Error) -> Self {
        Self::Unpack { entry: text::shown(frame.name()).into_owned(), source }
    }
}
