//! Taking the entries out of a frame.

use std::io::{self, BufRead, Cursor, Read};

use super::{FrameError, WINDOW_LOG};
use crate::entry_path::{EntryPath, LONGEST, check_link};
use crate::filter::Unfiltered;
use crate::index::{Entry, EntryKind, Frame};
use crate::memory;

/// A frame of at most this decoded length is decoded as a whole. Larger frames hold one file each (see [`crate::layer`]).
/// This is larger than the largest cut by what tar's headers and padding take.
pub const WHOLE: u64 = 12 << 20;
/// How much of a larger frame is decoded at a time.
const PART: usize = 1 << 20;

/// Like [`unpack_into`], with a new buffer.
///
/// # Errors
/// As [`unpack_into`].
pub fn unpack(
    stored: &[u8],
    frame: &Frame,
    each: impl FnMut(&Entry, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), FrameError> {
    unpack_into(&mut Vec::new(), stored, frame, each)
}

/// Decodes a frame, whose `stored` bytes have been checked, and hands each entry to `each`, with its content, which
/// `fill_buf` gives in one piece, but for files of several MiB. Never decodes more than the index promises.
///
/// `buffer` can be used again for the next frame; it grows to 12 MiB at most. A larger frame goes through [`unpack_stream`].
///
/// # Errors
/// At the first entry that is not the index's, of a refused kind, or unsafe; or when `each` fails.
pub fn unpack_into(
    buffer: &mut Vec<u8>,
    stored: &[u8],
    frame: &Frame,
    mut each: impl FnMut(&Entry, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), FrameError> {
    if frame.raw_len > WHOLE {
        return unpack_stream(stored, frame, each);
    }
    let raw_len = frame.raw_len as usize;
    let failed = |source| FrameError::from_frame(frame, source);
    // What zstd writes to is the room behind the bytes of a vector, and of those there are none.
    memory::clear_and_reserve(buffer, raw_len).map_err(failed)?;
    let decoded = memory::decoder().map_err(failed)?.decompress(buffer, stored);
    if decoded.map_err(|code| failed(memory::error_from_zstd_code(code)))? != raw_len {
        return Err(failed(wrong_length()));
    }
    let raw = buffer.as_mut_slice();
    // With seeking, contents are passed over and not read.
    let mut tar = tar::Archive::new(Cursor::new(&*raw));
    let mut contents = Vec::new();
    memory::clear_and_reserve(&mut contents, frame.entries.len()).map_err(failed)?;
    walk(tar.entries_with_seek().map_err(failed)?, frame, |_, found| {
        let start = usize::try_from(found.raw_file_position()).ok();
        let end = start.zip(usize::try_from(found.size()).ok()).and_then(|(start, size)| start.checked_add(size));
        contents.push(start.zip(end).map(|(start, end)| start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    })?;
    frame.entries.iter().zip(contents).try_for_each(|(entry, content)| {
        let content = raw.get_mut(content).ok_or(io::ErrorKind::UnexpectedEof).map_err(io::Error::from);
        let used = content.and_then(|content| {
            if let Some(filter) = entry.filter {
                filter.undo(content, 0);
            }
            each(entry, &mut &*content)
        });
        used.map_err(failed)
    })
}

/// Like [`unpack_into`], from a reader. Holds at most zstd's window and 1 MiB of the frame in memory.
///
/// # Errors
/// As [`unpack_into`]; also those of `stored`.
pub fn unpack_stream(
    stored: impl BufRead,
    frame: &Frame,
    mut each: impl FnMut(&Entry, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), FrameError> {
    let failed = |source| FrameError::from_frame(frame, source);
    let mut context = memory::decoder().map_err(failed)?;
    let mut decoder = zstd::Decoder::with_context(stored, &mut context);
    decoder.window_log_max(WINDOW_LOG).map_err(failed)?;
    let mut tar = tar::Archive::new(memory::Decoding(decoder).take(frame.raw_len));
    walk(tar.entries().map_err(failed)?, frame, |entry, found| {
        each(entry, &mut Unfiltered::new(entry.filter, PART, found)?)
    })?;
    let mut rest = tar.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(failed)?;
    let missing = rest.limit();
    rest.set_limit(1);
    if missing > 0 || rest.read(&mut [0]).map_err(failed)? > 0 {
        return Err(failed(wrong_length()));
    }
    Ok(())
}

/// Compares the entries of a decoded frame with those that the index lists, and hands each to `each`.
fn walk<R: Read>(
    entries: tar::Entries<'_, R>,
    frame: &Frame,
    mut each: impl FnMut(&Entry, &mut tar::Entry<'_, R>) -> io::Result<()>,
) -> Result<(), FrameError> {
    let failed = |source| FrameError::from_frame(frame, source);
    let mut expected = frame.entries.iter();
    let mut long = LongNames::default();
    // "Raw": the crate would otherwise read names of any length into memory by itself.
    for found in entries.raw(true) {
        let mut found = found.map_err(failed)?;
        if long.take(&mut found).map_err(failed)? {
            continue;
        }
        let LongNames { path, target } = std::mem::take(&mut long);
        let path = text(path.unwrap_or_else(|| found.path_bytes().into_owned())).map_err(failed)?;
        let kind = kind_of(&found, &path, target)?;
        let Some(entry) = expected.next() else {
            return Err(FrameError::NotAsIndexed { expected: "the end of the frame".to_owned(), found: path });
        };
        // The index's own paths have been checked.
        if path != entry.path.as_str() || kind != entry.kind {
            let found = format!("{} {kind:?}", EntryPath::new(path)?);
            return Err(FrameError::NotAsIndexed { expected: format!("{} {:?}", entry.path, entry.kind), found });
        }
        if let EntryKind::Symlink { target } = &entry.kind {
            check_link(&entry.path, target)?;
        }
        each(entry, &mut found).map_err(failed)?;
    }
    if let Some(missing) = expected.next() {
        let found = "the end of the frame".to_owned();
        return Err(FrameError::NotAsIndexed { expected: missing.path.to_string(), found });
    }
    Ok(())
}

fn wrong_length() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its length is not the one that the index says")
}

/// What GNU tar puts before an entry whose name or link target is too long for its header.
#[derive(Default)]
struct LongNames {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

impl LongNames {
    /// Takes `entry` in if it is such a name.
    fn take<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> io::Result<bool> {
        let place = match entry.header().entry_type() {
            tar::EntryType::GNULongName => &mut self.path,
            tar::EntryType::GNULongLink => &mut self.target,
            _ => return Ok(false),
        };
        let wrong = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
        // With the NUL at its end.
        if entry.size() > LONGEST as u64 + 1 {
            return wrong("a name that is too long");
        }
        let mut name = Vec::new();
        entry.read_to_end(&mut name)?;
        if name.last() == Some(&0) {
            name.pop();
        }
        if place.replace(name).is_some() {
            return wrong("two long names for one entry");
        }
        Ok(true)
    }
}

fn kind_of<R: Read>(
    entry: &tar::Entry<'_, R>,
    path: &str,
    long_target: Option<Vec<u8>>,
) -> Result<EntryKind, FrameError> {
    let refused = |kind| Err(FrameError::RefusedKind { path: path.to_owned(), kind });
    match entry.header().entry_type() {
        tar::EntryType::Directory => Ok(EntryKind::Directory),
        tar::EntryType::Regular => {
            let Ok(mode) = entry.header().mode() else { return refused("file whose mode is not a number") };
            if mode & 0o7000 != 0 {
                return refused("file with a setuid, setgid or sticky bit");
            }
            Ok(EntryKind::File { size: entry.size(), executable: mode & 0o111 != 0 })
        }
        tar::EntryType::Symlink => {
            let target = long_target.or_else(|| Some(entry.link_name_bytes()?.into_owned()));
            match text(target.unwrap_or_default()) {
                Ok(target) => Ok(EntryKind::Symlink { target }),
                Err(_) => refused("link to a name that is not UTF-8"),
            }
        }
        tar::EntryType::Link => refused("hard link"),
        tar::EntryType::Char | tar::EntryType::Block => refused("device"),
        tar::EntryType::Fifo => refused("named pipe"),
        _ => refused("special entry"),
    }
}

/// Names are UTF-8 in a bundle.
fn text(name: Vec<u8>) -> io::Result<String> {
    let not_utf8 = |name: &[u8]| format!("`{}` is not UTF-8", name.escape_ascii());
    String::from_utf8(name).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, not_utf8(e.as_bytes())))
}
