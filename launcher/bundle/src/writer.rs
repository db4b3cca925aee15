//! Writing a bundle: launcher, layers, index, launch record, footer, from front to back.

use std::io::{self, Write};

use super::footer::{FOOTER_LEN, Footer};
use super::frame::PackedFrame;
use super::index::{Frame, Index, Layer};
use super::{Digest, LaunchRecord};

/// Payload and file end at a multiple of this, as signing tools want it for the certificate table.
const ALIGNMENT: u64 = 8;
/// The index is small; the best level costs nothing.
const INDEX_LEVEL: i32 = 19;

/// A bundle in the making. What was written before a failure is no bundle: write to a file of another name, and rename.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    /// Bytes written since the first frame.
    written: u64,
    index: Index,
}

impl<W: Write> Writer<W> {
    /// Starts with the launcher, and zeros up to where the payload may begin.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, launcher: &[u8]) -> io::Result<Self> {
        out.write_all(launcher)?;
        out.write_all(&vec![0; padding(launcher.len() as u64)])?;
        Ok(Self { out, written: 0, index: Index { layers: Vec::new() } })
    }

    /// Adds a layer, empty for now.
    pub fn layer(&mut self, name: impl Into<String>) {
        self.index.layers.push(Layer { name: name.into(), frames: Vec::new() });
    }

    /// Adds a frame to the newest layer.
    ///
    /// # Errors
    /// Those of `out`; when there is no layer yet.
    pub fn frame(&mut self, packed: PackedFrame) -> io::Result<()> {
        self.stored_frame(packed.frame, &packed.stored)
    }

    /// Adds a frame whose bytes are borrowed.
    ///
    /// # Errors
    /// Those of `out`; when there is no layer yet.
    pub fn stored_frame(&mut self, frame: Frame, stored: &[u8]) -> io::Result<()> {
        let layer = self.index.layers.last_mut().ok_or_else(|| io::Error::other("a frame without a layer"))?;
        self.out.write_all(stored)?;
        self.written += stored.len() as u64;
        layer.frames.push(frame);
        Ok(())
    }

    /// Writes the rest. Returns the digest that names the payload, and what was written to.
    ///
    /// # Errors
    /// Those of `out`; when the record is one that no reader takes.
    pub fn finish(mut self, record: &LaunchRecord) -> io::Result<(Digest, W)> {
        if let Some(place) = record.control_character() {
            let what = format!("the launch record has a control character in `{place}`");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let raw_index = serde_json::to_vec(&self.index)?;
        let index = zstd::bulk::compress(&raw_index, INDEX_LEVEL)?;
        let index_offset = self.written;
        let record_offset = index_offset + index.len() as u64;
        let mut record = serde_json::to_vec(record)?;
        // White space after a JSON value is part of no value (RFC 8259).
        record.resize(record.len() + padding(record_offset + (record.len() + FOOTER_LEN) as u64), b' ');

        let footer = Footer {
            payload_len: record_offset + (record.len() + FOOTER_LEN) as u64,
            index_offset,
            index_len: index.len() as u64,
            index_raw_len: raw_index.len() as u64,
            record_offset,
            record_len: record.len() as u64,
            index_sha256: Digest::of(&index),
            digest: Digest::of(&[]),
        }
        .sealed(&record);
        for part in [index.as_slice(), &record, &footer.to_bytes()] {
            self.out.write_all(part)?;
        }
        self.out.flush()?;
        Ok((footer.digest, self.out))
    }
}

/// How many bytes are missing to the next multiple of [`ALIGNMENT`].
fn padding(len: u64) -> usize {
    (len.next_multiple_of(ALIGNMENT) - len) as usize
}
