//! Finding the payload in a file: at its end, before a certificate table, or before a few appended bytes.

use std::io;

use super::error::BundleError;
use super::footer::{FOOTER_LEN, Footer, FooterError, MAGIC};
use super::source::Source;
use super::{memory, pe};

/// A payload whose footer and launch record fit each other.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) footer: Footer,
    /// The launch record's bytes, covered by the footer's digest.
    pub(super) record: Vec<u8>,
    /// Where in the file the first frame starts.
    pub(super) start: u64,
}

/// What one read of the end of the file fetches: the footer and any usual launch record.
const TAIL: usize = 4096;
/// How far before the end of the file a payload may end.
pub const MAX_TRAILING: u64 = 64 * 1024;
/// A signing tool pads the file to a multiple of eight bytes before it appends the certificate table.
const CERTIFICATE_PADDING: u64 = 7;
/// How many things that look like a footer are looked at closely among appended bytes.
const MAX_CANDIDATES: usize = 16;

/// Finds the payload. In an unsigned bundle with nothing appended this is one read.
pub(super) fn locate(source: &(impl Source + ?Sized)) -> Result<Located, BundleError> {
    let size = source.size()?;
    match at(source, size) {
        Err(BundleError::Footer(FooterError::NotAFooter)) => {}
        found => return found,
    }
    let table = pe::certificate_table(source).filter(|table| *table <= size);
    if let Some(table) = table {
        for padding in 0..=CERTIFICATE_PADDING.min(table) {
            match at(source, table - padding) {
                Err(BundleError::Footer(FooterError::NotAFooter)) => {}
                found => return found,
            }
        }
    }
    match (before_trailing_bytes(source, size), table) {
        // Bytes were appended, and all of it was signed then.
        (Err(BundleError::Footer(FooterError::NotAFooter)), Some(table)) => before_trailing_bytes(source, table),
        (found, _) => found,
    }
}

/// Takes `end` for the end of the footer.
fn at(source: &(impl Source + ?Sized), end: u64) -> Result<Located, BundleError> {
    let tail_start = end.saturating_sub(TAIL as u64);
    // Not on the heap: memory of this size would be asked of the system, and given back.
    let mut tail = [0; TAIL];
    let tail = tail.get_mut(..(end - tail_start) as usize).unwrap_or_default();
    source.read_exact_at(tail, tail_start)?;
    let footer = Footer::parse(tail)?;
    let start = end
        .checked_sub(footer.payload_len)
        .ok_or(FooterError::Damaged { what: "a payload longer than the file: was the file cut off?" })?;

    let record_start = start + footer.record_offset;
    let record = match record_start.checked_sub(tail_start) {
        Some(skip) => {
            let record_end = tail.len() - FOOTER_LEN;
            tail.get(skip as usize..record_end).map(<[u8]>::to_vec).unwrap_or_default()
        }
        None => read(source, record_start, footer.record_len)?,
    };
    if !footer.covers(&record) {
        return Err(BundleError::Mismatch { what: "footer and launch record" });
    }
    Ok(Located { footer, record, start })
}

/// Looks for the last footer before `end` whose digest is right.
fn before_trailing_bytes(source: &(impl Source + ?Sized), end: u64) -> Result<Located, BundleError> {
    let tail_start = end.saturating_sub(MAX_TRAILING + MAGIC.len() as u64);
    let tail = read(source, tail_start, end - tail_start)?;
    let ends = (MAGIC.len()..tail.len()).rev().filter(|end| tail[..*end].ends_with(&MAGIC));
    // What only looks like a footer is no reason to report damage: the launcher's own code holds the magic, too.
    let found = ends.take(MAX_CANDIDATES).find_map(|end| at(source, tail_start + end as u64).ok());
    found.ok_or_else(|| FooterError::NotAFooter.into())
}

/// `len` is bounded by the callers.
fn read(source: &(impl Source + ?Sized), offset: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = memory::zeros(len as usize)?;
    source.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}
