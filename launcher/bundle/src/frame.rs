//! One frame: packing files into it, and taking them out again.

use std::fs::File;
use std::io::{self, BufRead, Cursor, Read};
use std::path::PathBuf;

use super::Digest;
use super::entry_path::{EntryPath, LONGEST, UnsafePath, check_link};
use super::filter::{Filter, Unfiltered};
use super::index::{Entry, EntryKind, Frame};
use super::memory;
use super::text as plain;

/// Something to pack: what it will be called, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path below the version dir.
    pub path: EntryPath,
    /// What it is.
    pub kind: EntryKind,
    /// Where a regular file's bytes are now. Not used for the other kinds.
    pub source: PathBuf,
}

/// A frame and its stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFrame {
    /// Its row of the index.
    pub frame: Frame,
    /// Its bytes.
    pub stored: Vec<u8>,
}

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
    fn unpack(frame: &Frame, source: io::Error) -> Self {
        Self::Unpack { entry: plain::shown(frame.name()).into_owned(), source }
    }
}

/// zstd's window, as a power of two: what a decoder may have to hold. 8 MiB is what level 19 asks for.
pub(super) const WINDOW_LOG: u32 = 23;
/// The two zero blocks that end a tar archive (POSIX pax: "an end-of-archive indicator").
const END_OF_ARCHIVE: [u8; 1024] = [0; 1024];

/// Packs items, in this order, into one frame; `last` adds tar's end-of-archive blocks. The same items with the same
/// bytes give the same frame: no time, owner or path of the building machine goes in.
///
/// # Errors
/// When a file can't be read, or its size is not the item's.
pub fn pack(items: &[Item], last: bool, level: i32) -> io::Result<PackedFrame> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        let failed = |e: io::Error| io::Error::new(e.kind(), format!("`{}`: {e}", item.source.display()));
        let filter = append(&mut tar, item).map_err(failed)?;
        entries.push(Entry { path: item.path.clone(), kind: item.kind.clone(), filter });
    }
    // `into_inner` would end the archive: only the last frame of a layer does.
    let mut raw = std::mem::take(tar.get_mut());
    std::mem::forget(tar);
    if last {
        raw.extend(END_OF_ARCHIVE);
    }
    let stored = zstd::bulk::compress(&raw, level)?;
    let frame = Frame { len: stored.len() as u64, raw_len: raw.len() as u64, sha256: Digest::of(&stored), entries };
    Ok(PackedFrame { frame, stored })
}

/// A frame of at most this length decoded is decoded as a whole: cuts keep all others to a file of their own (see
/// [`super::layer`]), but for headers and what fills files up to tar's blocks.
pub const WHOLE: u64 = 12 << 20;
/// What is decoded at a time of a larger frame.
const PART: usize = 1 << 20;

/// As [`unpack_into`], for who has no buffer to use again.
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
/// `buffer` is for the next frame's use, too; it grows to 12 MiB at most. A larger frame goes through [`unpack_stream`].
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
    let failed = |source| FrameError::unpack(frame, source);
    // What zstd writes to is the room behind the bytes of a vector, and of those there are none.
    memory::emptied(buffer, raw_len).map_err(failed)?;
    let decoded = memory::decoder().map_err(failed)?.decompress(buffer, stored);
    if decoded.map_err(|code| failed(memory::said_by_zstd(code)))? != raw_len {
        return Err(failed(another_length()));
    }
    let raw = buffer.as_mut_slice();
    // With seeking, contents are passed over and not read.
    let mut tar = tar::Archive::new(Cursor::new(&*raw));
    let mut contents = Vec::new();
    memory::emptied(&mut contents, frame.entries.len()).map_err(failed)?;
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

/// As [`unpack_into`], from a reader, and keeping no more than zstd's window and 1 MiB of it.
///
/// # Errors
/// As [`unpack_into`]; also those of `stored`.
pub fn unpack_stream(
    stored: impl BufRead,
    frame: &Frame,
    mut each: impl FnMut(&Entry, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), FrameError> {
    let failed = |source| FrameError::unpack(frame, source);
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
        return Err(failed(another_length()));
    }
    Ok(())
}

/// Holds the entries of a decoded frame against those that the index lists.
fn walk<R: Read>(
    entries: tar::Entries<'_, R>,
    frame: &Frame,
    mut each: impl FnMut(&Entry, &mut tar::Entry<'_, R>) -> io::Result<()>,
) -> Result<(), FrameError> {
    let failed = |source| FrameError::unpack(frame, source);
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

fn another_length() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it has another length than the index says")
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

/// Appends an item, and tells what was done to its bytes.
fn append(tar: &mut tar::Builder<Vec<u8>>, item: &Item) -> io::Result<Option<Filter>> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_mtime(0);
    match &item.kind {
        EntryKind::Directory => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            header.set_size(0);
            tar.append_data(&mut header, item.path.as_str(), io::empty())?;
        }
        EntryKind::File { size, executable } => {
            if *executable {
                header.set_mode(0o755);
            }
            header.set_size(*size);
            let mut bytes = Vec::new();
            File::open(&item.source)?.read_to_end(&mut bytes)?;
            if bytes.len() as u64 != *size {
                return Err(io::Error::other("the file changed while it was packed"));
            }
            let filter = Filter::of(&bytes);
            if let Some(filter) = filter {
                filter.apply(&mut bytes);
            }
            tar.append_data(&mut header, item.path.as_str(), bytes.as_slice())?;
            return Ok(filter);
        }
        EntryKind::Symlink { target } => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            header.set_size(0);
            tar.append_link(&mut header, item.path.as_str(), target)?;
        }
    }
    Ok(None)
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
            let Ok(mode) = entry.header().mode() else { return refused("file whose mode is no number") };
            if mode & 0o7000 != 0 {
                return refused("file with a setuid, setgid or sticky bit");
            }
            Ok(EntryKind::File { size: entry.size(), executable: mode & 0o111 != 0 })
        }
        tar::EntryType::Symlink => {
            let target = long_target.or_else(|| Some(entry.link_name_bytes()?.into_owned()));
            match text(target.unwrap_or_default()) {
                Ok(target) => Ok(EntryKind::Symlink { target }),
                Err(_) => refused("link to a name that is no UTF-8"),
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
    let no_utf8 = |name: &[u8]| format!("`{}` is no UTF-8", name.escape_ascii());
    String::from_utf8(name).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, no_utf8(e.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(dir: &std::path::Path, path: &str, bytes: &[u8]) -> Item {
        let source = dir.join(path.replace('/', "_"));
        std::fs::write(&source, bytes).unwrap();
        let kind = EntryKind::File { size: bytes.len() as u64, executable: path.contains("bin") };
        Item { path: EntryPath::new(path).unwrap(), kind, source }
    }

    fn frame_of(header: impl FnOnce(&mut tar::Header), name: &str) -> (Vec<u8>, Frame) {
        let mut tar = tar::Builder::new(Vec::new());
        let mut head = tar::Header::new_gnu();
        head.set_size(0);
        head.set_mode(0o644);
        head.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header(&mut head);
        head.set_cksum();
        tar.append(&head, io::empty()).unwrap();
        let raw = tar.into_inner().unwrap();
        let stored = zstd::bulk::compress(&raw, 1).unwrap();
        let entries = vec![Entry {
            path: EntryPath::new("innocent").unwrap(),
            kind: EntryKind::File { size: 0, executable: false },
            filter: None,
        }];
        let frame = Frame { len: stored.len() as u64, raw_len: raw.len() as u64, sha256: Digest::of(&stored), entries };
        (stored, frame)
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let dir = tempfile::tempdir().unwrap();
        let long = format!("lib/{}/x.py", "long".repeat(60));
        let items = vec![
            item(dir.path(), "bin/tool", b"#!"),
            item(dir.path(), "lib/a.py", &[7; 5000]),
            Item {
                path: EntryPath::new("python").unwrap(),
                kind: EntryKind::Symlink { target: "bin/tool".to_owned() },
                source: PathBuf::new(),
            },
            Item { path: EntryPath::new(long).unwrap(), ..item(dir.path(), "lib/c", b"c") },
        ];
        for last in [false, true] {
            let packed = pack(&items, last, 3).unwrap();
            let mut seen = Vec::new();
            unpack(&packed.stored, &packed.frame, |entry, content| {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                seen.push((entry.path.to_string(), bytes.len()));
                Ok(())
            })
            .unwrap();
            assert_eq!(seen.len(), 4);
            assert_eq!(seen[1], ("lib/a.py".to_owned(), 5000));
            assert_eq!(pack(&items, last, 3).unwrap(), packed);
        }
    }

    #[test]
    fn machine_code_comes_out_as_it_went_in_whole_and_as_a_stream() {
        let dir = tempfile::tempdir().unwrap();
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for length in [1 << 20, WHOLE as usize + 1] {
            let code: Vec<u8> = own.iter().copied().cycle().take(length).collect();
            let packed = pack(&[item(dir.path(), "lib/code.so", &code)], true, 1).unwrap();
            assert_eq!(packed.frame.entries[0].filter, Filter::of(&own));
            unpack(&packed.stored, &packed.frame, |_, content| {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                assert!(bytes == code, "{length}");
                Ok(())
            })
            .unwrap();
        }
    }

    #[test]
    fn entries_of_other_kinds_are_refused_by_name() {
        use tar::EntryType as Kind;
        for (kind, word) in [
            (Kind::Link, "hard link"),
            (Kind::Char, "device"),
            (Kind::Block, "device"),
            (Kind::Fifo, "named pipe"),
            (Kind::Continuous, "special entry"),
        ] {
            let (stored, frame) = frame_of(|h| h.set_entry_type(kind), "the-entry");
            let error = unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string();
            assert!(error.contains("the-entry") && error.contains(word), "{error}");
        }
        let (stored, frame) = frame_of(|h| h.set_mode(0o4755), "the-entry");
        assert!(unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string().contains("setuid"));
    }

    #[test]
    fn names_that_lead_out_or_differ_from_the_index_are_refused() {
        for name in ["../up", "/abs", "a/../../b", "other"] {
            let (stored, frame) = frame_of(|_| (), name);
            assert!(unpack(&stored, &frame, |_, _| panic!("used")).is_err(), "{name}");
        }
    }

    #[test]
    fn no_more_is_decoded_than_the_index_promises() {
        let dir = tempfile::tempdir().unwrap();
        let mut packed = pack(&[item(dir.path(), "bomb", &vec![0; 50_000_000])], true, 3).unwrap();
        packed.frame.raw_len = 4096;
        let mut read = 0;
        let result = unpack(&packed.stored, &packed.frame, |_, content| {
            read = io::copy(content, &mut io::sink())?;
            Err(io::ErrorKind::UnexpectedEof.into())
        });
        assert!(result.is_err() && read <= 4096, "{read}");
    }

    #[test]
    fn a_name_of_any_length_is_not_read_into_memory() {
        for kind in [tar::EntryType::GNULongName, tar::EntryType::GNULongLink, tar::EntryType::XHeader] {
            let mut tar = tar::Builder::new(Vec::new());
            let name = vec![b'n'; 3_000_000];
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(name.len() as u64);
            header.set_cksum();
            tar.append(&header, name.as_slice()).unwrap();
            let raw = tar.into_inner().unwrap();
            let stored = zstd::bulk::compress(&raw, 1).unwrap();
            let frame = Frame {
                len: stored.len() as u64,
                raw_len: raw.len() as u64,
                sha256: Digest::of(&stored),
                entries: Vec::new(),
            };
            let error = unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string();
            assert!(error.len() < 200, "{error}");
        }
    }

    #[test]
    fn a_frame_is_as_long_as_the_index_says() {
        let dir = tempfile::tempdir().unwrap();
        let packed = pack(&[item(dir.path(), "a", b"text")], true, 3).unwrap();
        for raw_len in [packed.frame.raw_len - 512, packed.frame.raw_len + 512] {
            let frame = Frame { raw_len, ..packed.frame.clone() };
            assert!(unpack(&packed.stored, &frame, |_, _| Ok(())).is_err(), "{raw_len}");
        }
    }
}
