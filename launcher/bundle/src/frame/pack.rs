//! Packing files into a frame.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use crate::Digest;
use crate::entry_path::EntryPath;
use crate::filter::Filter;
use crate::index::{Entry, EntryKind, Frame};

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

/// Where a frame stands in its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Another frame follows.
    Inner,
    /// It ends the layer's archive.
    Last,
}

impl Position {
    /// The position of frame number `index`, counted from 0, of `count` frames.
    pub fn new(index: usize, count: usize) -> Self {
        if index + 1 == count { Self::Last } else { Self::Inner }
    }
}

/// The two zero blocks that end a tar archive (POSIX pax: "an end-of-archive indicator").
const END_OF_ARCHIVE: [u8; 1024] = [0; 1024];

/// Packs items, in this order, into one frame; the last one of a layer ends with tar's end-of-archive blocks. The same items with the same
/// bytes give the same frame: no time, owner or path of the building machine goes in.
///
/// # Errors
/// When a file can't be read, or its size is not the item's.
pub fn pack(items: &[Item], position: Position, level: i32) -> io::Result<PackedFrame> {
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
    if position == Position::Last {
        raw.extend(END_OF_ARCHIVE);
    }
    let stored = zstd::bulk::compress(&raw, level)?;
    let frame = Frame { len: stored.len() as u64, raw_len: raw.len() as u64, sha256: Digest::of(&stored), entries };
    Ok(PackedFrame { frame, stored })
}

/// Appends an item, and returns the filter that was applied to its bytes.
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
            let filter = Filter::for_file(&bytes);
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
