//! What a client has to know of a bundle before it has it.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};

use bundle::digest::Digest;
use bundle::entry_path::EntryPath;
use bundle::index::Index;
use bundle::source::Source as _;
use bundle::{Bundle, LaunchRecord};
use release::ReleasedFile;
use release::channel::{BLOCK, BLOCK_DIGITS};

/// An application layer that is longer is not fetched whole: then the tail begins at the index.
const LONGEST_TAIL: u64 = 256 * 1024;
const APPLICATION: &str = "application";

/// Reads what there is to know of an opened bundle.
///
/// # Errors
/// Those of reading it.
pub fn describe(bundle: &Bundle, index: &Index) -> anyhow::Result<ReleasedFile> {
    let (len, sha256) = digest_of(bundle.source())?;
    let payload = bundle.payload_start();
    Ok(ReleasedFile {
        path: EntryPath::new(path_of(bundle.record()))?,
        len,
        sha256,
        digest: bundle.digest(),
        payload,
        tail: payload + tail(index, bundle.footer().index_offset),
        index: bundle.footer().index_sha256,
        blocks: blocks(bundle.source(), payload)?,
    })
}

/// Where the bundle lies in the release folder: `1.4.0/terminal-1.4.0-x86_64-pc-windows-msvc.exe`. The file's name says all, as
/// a forge keeps files without directories.
pub fn path_of(record: &LaunchRecord) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_' | '-' | '!') { c } else { '_' };
    let version: String = record.app.version.chars().map(safe).collect();
    let suffix = if record.target.contains("windows") { ".exe" } else { "" };
    format!("{version}/{}-{version}-{}{suffix}", record.app.id.as_str(), record.target)
}

/// Where the tail begins in the payload.
fn tail(index: &Index, index_offset: u64) -> u64 {
    let application: u64 = index.layers.iter().filter(|layer| layer.name == APPLICATION).map(|layer| layer.len()).sum();
    let is_last = index.layers.last().is_some_and(|layer| layer.name == APPLICATION);
    if is_last && application <= LONGEST_TAIL { index_offset.saturating_sub(application) } else { index_offset }
}

fn blocks(file: &File, payload: u64) -> io::Result<String> {
    let mut digits = String::new();
    let mut start = 0;
    while start < payload {
        let mut block = vec![0; BLOCK.min(payload - start) as usize];
        file.read_exact_at(&mut block, start)?;
        digits.extend(Digest::of(&block).to_string().chars().take(BLOCK_DIGITS));
        start += block.len() as u64;
    }
    Ok(digits)
}

/// The SHA-256 of a whole file, and its length.
///
/// # Errors
/// Those of reading it.
pub fn digest_of(mut file: &File) -> io::Result<(u64, Digest)> {
    file.seek(SeekFrom::Start(0))?;
    let len = file.metadata()?.len();
    Ok((len, Digest::of_reader(file)?))
}
