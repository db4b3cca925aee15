//! Reading a bundle. No input makes this panic, loop, or allocate more than the limits in [`super::footer`] and the
//! file's own length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::digest::Digesting;
use super::error::BundleError;
use super::footer::Footer;
use super::frame::WINDOW_LOG;
use super::index::{Index, PlacedFrame};
use super::locate::{self, Located};
use super::source::Source;
use super::{Digest, LaunchRecord, memory, pe, text};

/// An opened bundle, its footer and launch record checked. Reads are by position: share it between threads.
#[derive(Debug)]
pub struct Bundle<S = File> {
    located: Located,
    record: Arc<LaunchRecord>,
    source: S,
}

impl Bundle {
    /// Opens a file and checks footer and launch record.
    ///
    /// # Errors
    /// As [`BundleError`] says.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        Self::new(File::open(path)?)
    }
}

impl<S: Source> Bundle<S> {
    /// Finds the payload in `source` and checks footer and launch record: one read, if nothing follows the footer.
    ///
    /// # Errors
    /// As [`BundleError`] says.
    pub fn new(source: S) -> Result<Self, BundleError> {
        let located = locate::locate(&source)?;
        // What serde_json says may hold any text of the record's.
        let malformed =
            |why: &str| BundleError::Malformed { what: "launch record", why: text::shown(why).into_owned() };
        let record: LaunchRecord = serde_json::from_slice(&located.record).map_err(|e| malformed(&e.to_string()))?;
        if let Some(place) = record.control_character() {
            return Err(malformed(&format!("a control character in `{place}`")));
        }
        Ok(Self { located, record: Arc::new(record), source })
    }

    /// What to start.
    pub fn record(&self) -> &LaunchRecord {
        &self.record
    }

    /// The same, to be kept when the bundle is closed.
    pub fn keep_record(&self) -> Arc<LaunchRecord> {
        Arc::clone(&self.record)
    }

    /// What names this payload.
    pub fn digest(&self) -> Digest {
        self.located.footer.digest
    }

    /// All bytes of the file, whatever is before and behind the payload included.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The footer's numbers.
    pub fn footer(&self) -> &Footer {
        &self.located.footer
    }

    /// Where in the file the first frame starts: the length of the launcher before it, padding included.
    pub fn payload_start(&self) -> u64 {
        self.located.start
    }

    /// Length of the whole file, whatever follows the payload included.
    ///
    /// # Errors
    /// Those of the system.
    pub fn file_len(&self) -> io::Result<u64> {
        self.source.size()
    }

    /// Whether the file has a certificate table, which is where a code signature for Windows lies. It is not checked.
    pub fn has_certificates(&self) -> bool {
        pe::certificate_table(&self.source).is_some()
    }

    /// Reads and checks the index.
    ///
    /// # Errors
    /// As [`BundleError`] says; also when the frames do not fill the payload up to the index exactly, or the entries do
    /// not make a tree.
    pub fn index(&self) -> Result<Index, BundleError> {
        let malformed = |why: String| BundleError::Malformed { what: "index", why: text::shown(&why).into_owned() };
        let footer = &self.located.footer;
        let stored = self.read(footer.index_offset, footer.index_len)?;
        if Digest::of(&stored) != footer.index_sha256 {
            return Err(BundleError::Mismatch { what: "index" });
        }
        let unreadable = |error| match memory::error_from_zstd_read(error) {
            lack if lack.kind() == io::ErrorKind::OutOfMemory => BundleError::Io(lack),
            wrong => malformed(wrong.to_string()),
        };
        let mut raw = Vec::new();
        let mut context = memory::decoder()?;
        let mut decoder = zstd::Decoder::with_context(stored.as_slice(), &mut context);
        decoder.window_log_max(WINDOW_LOG).map_err(unreadable)?;
        // One byte more than it should be shows a lie about the length; more is never decoded.
        decoder.take(footer.index_raw_len + 1).read_to_end(&mut raw).map_err(unreadable)?;
        if raw.len() as u64 != footer.index_raw_len {
            return Err(malformed("its length decompressed is not the footer's".to_owned()));
        }
        let index: Index = serde_json::from_slice(&raw).map_err(|e| malformed(e.to_string()))?;

        let end = index.frames().try_fold(0, |_, placed| placed?.offset.checked_add(placed?.frame.len));
        if end != Some(footer.index_offset) {
            return Err(malformed("its frames do not fill the payload".to_owned()));
        }
        match index.objection(self.record.system()) {
            Some(objection) => Err(malformed(objection)),
            None => Ok(index),
        }
    }

    /// A frame's stored bytes, read once and checked: what is decoded later is what was hashed here.
    ///
    /// # Errors
    /// As [`BundleError`] says. `buffer` holds nothing of use then.
    pub fn frame(&self, placed: PlacedFrame<'_>, buffer: &mut Vec<u8>) -> Result<(), BundleError> {
        // `index` checked that frames lie inside the payload and the payload inside the file.
        let len = usize::try_from(placed.frame.len).unwrap_or(usize::MAX);
        // A sparse file can hold a frame of any length, which is no reason to be killed.
        buffer
            .try_reserve_exact(len.saturating_sub(buffer.len()))
            .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        buffer.resize(len, 0);
        self.source.read_exact_at(buffer, self.located.start + placed.offset)?;
        if Digest::of(buffer) != placed.frame.sha256 {
            return Err(BundleError::Mismatch { what: "frame" });
        }
        Ok(())
    }

    /// Hands a frame's stored bytes to `read` as a stream, for frames that are too large to be held in memory. They are
    /// checked before, and once more while they are read: should the file change in between, that is an error, and what
    /// `read` made of them must not be used.
    ///
    /// # Errors
    /// As [`BundleError`] says, and those of `read`.
    pub fn stream<E: From<BundleError>>(
        &self,
        placed: PlacedFrame<'_>,
        read: impl FnOnce(&mut dyn BufRead) -> Result<(), E>,
    ) -> Result<(), E> {
        let stored = || {
            let part = Part { source: &self.source, next: self.located.start + placed.offset, left: placed.frame.len };
            Digesting::new(part)
        };
        let check = |found: Digest| match found == placed.frame.sha256 {
            true => Ok(()),
            false => Err(BundleError::Mismatch { what: "frame" }),
        };
        check(stored().finish().map_err(BundleError::from)?)?;
        let mut stored = BufReader::with_capacity(1 << 16, stored());
        read(&mut stored)?;
        // `finish` first reads what `read` has left, but for what was in the buffer, which has been digested.
        Ok(check(stored.into_inner().finish().map_err(BundleError::from)?)?)
    }

    fn read(&self, offset: u64, len: u64) -> Result<Vec<u8>, BundleError> {
        let mut bytes = memory::zeros(len as usize)?;
        self.source.read_exact_at(&mut bytes, self.located.start + offset)?;
        Ok(bytes)
    }
}

/// A range of a source, read once from front to back.
struct Part<'a, S> {
    source: &'a S,
    next: u64,
    left: u64,
}

impl<S: Source> Read for Part<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let read = loop {
            match self.source.read_at(buffer, self.next) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.next += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
