//! Flags in a PE file's header: the subsystem, what the loader may do, and the checksum.
//!
//! Offsets and values: <https://learn.microsoft.com/en-us/windows/win32/debug/pe-format>.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use anyhow::Context as _;
use object::pe;

/// Windows copies an image from removable media or a share to the page file, and runs it from there: then the file does not
/// stay open, and a lost network connection does not end the launcher with an in-page error
/// (<https://learn.microsoft.com/en-us/cpp/build/reference/swaprun-load-linker-output-to-swap-file>). No linker but
/// Microsoft's sets these bits.
const CHARACTERISTICS: u16 = pe::IMAGE_FILE_REMOVABLE_RUN_FROM_SWAP | pe::IMAGE_FILE_NET_RUN_FROM_SWAP;

/// Randomised addresses, 64 bits of them; no execution of data; no compatibility layer on terminal servers. Linkers set
/// the first three where `builder/build/ways.rs` asks for them; the fourth is missing from older ones. Control flow guard
/// is not among them, because it needs checks that only a compiler can insert.
const DLL_CHARACTERISTICS: u16 = pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA
    | pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
    | pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT
    | pe::IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE;

/// From the signature `PE\0\0`: fields of the COFF header and of the optional header of PE32+.
const COFF_CHARACTERISTICS: usize = 4 + 18;
const CHECKSUM: usize = 24 + 64;
const SUBSYSTEM: usize = 24 + 68;
const OPTIONAL_CHARACTERISTICS: usize = 24 + 70;
/// The fifth of the data directories.
const CERTIFICATE_ENTRY: usize = 24 + 112 + 4 * 8;
/// The fields that are changed lie before this offset.
const END: usize = 24 + 72;

/// Sets subsystem and flags.
///
/// # Errors
/// When the image is no PE32+ file.
pub(super) fn set(mut image: Vec<u8>, windowed: bool) -> anyhow::Result<Vec<u8>> {
    let start = start(&image).context("not a PE32+ file")?;
    let header = image.get_mut(start..start + END).context("cut off")?;
    change(header, COFF_CHARACTERISTICS, |flags| flags | CHARACTERISTICS);
    change(header, OPTIONAL_CHARACTERISTICS, |flags| flags | DLL_CHARACTERISTICS);
    let subsystem = if windowed { pe::IMAGE_SUBSYSTEM_WINDOWS_GUI } else { pe::IMAGE_SUBSYSTEM_WINDOWS_CUI };
    change(header, SUBSYSTEM, |_| subsystem);
    Ok(image)
}

/// Whether a program has windows instead of a console, from its first bytes. `None` if it is not a PE file, or has another subsystem.
pub fn is_windowed(image: &[u8]) -> Option<bool> {
    let header = image.get(start(image)?..)?;
    match u16::from_le_bytes(*header.get(SUBSYSTEM..)?.first_chunk()?) {
        pe::IMAGE_SUBSYSTEM_WINDOWS_GUI => Some(true),
        pe::IMAGE_SUBSYSTEM_WINDOWS_CUI => Some(false),
        _ => None,
    }
}

/// The fields that are read here are within this many bytes at the start of a file.
pub const FRONT: u64 = 4096;

/// The parts of a signed file that its signature does not cover, as offsets in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedParts {
    /// The checksum, four bytes.
    pub checksum: u64,
    /// The directory entry of the certificate table, eight bytes.
    pub entry: u64,
    /// The certificate table.
    pub table_start: u64,
    /// Its length.
    pub table_len: u64,
}

/// Finds the signature of a PE file from the file's first bytes. `None` if there is none.
pub fn signed_parts(front: &[u8]) -> Option<SignedParts> {
    let start = start(front)?;
    let entry = start + CERTIFICATE_ENTRY;
    let number = |at: usize| Some(u64::from(u32::from_le_bytes(*front.get(at..)?.first_chunk()?)));
    let (table_start, table_len) = (number(entry)?, number(entry + 4)?);
    (table_start != 0).then_some(SignedParts {
        checksum: (start + CHECKSUM) as u64,
        entry: entry as u64,
        table_start,
        table_len,
    })
}

/// Sets the checksum of a finished PE file, and leaves other files unchanged. Windows checks it only for drivers, but
/// scanners take a wrong checksum as a sign of an infected file. The algorithm is that of ImageHlp's `CheckSumMappedFile`.
///
/// # Errors
/// Those of reading and writing the file.
pub fn set_checksum(mut file: &File) -> io::Result<()> {
    let mut front = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(FRONT).read_to_end(&mut front)?;
    let Some(field) = start(&front).map(|start| start + CHECKSUM) else { return Ok(()) };
    file.seek(SeekFrom::Start(field as u64))?;
    file.write_all(&[0; 4])?;

    file.seek(SeekFrom::Start(0))?;
    let mut sum = Checksum::default();
    let mut buffer = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        sum.add(&buffer[..read]);
        length += read as u64;
    }
    file.seek(SeekFrom::Start(field as u64))?;
    file.write_all(&sum.finish(length).to_le_bytes())
}

/// The sum of a file's words of 16 bits, carries added again, and its length.
#[derive(Default)]
struct Checksum {
    sum: u64,
    /// The first half of a word whose second half has not been read yet.
    half: Option<u8>,
}

impl Checksum {
    fn add(&mut self, mut bytes: &[u8]) {
        if let (Some(low), [high, rest @ ..]) = (self.half, bytes) {
            self.sum += u64::from(u16::from_le_bytes([low, *high]));
            self.half = None;
            bytes = rest;
        }
        let words = bytes.chunks_exact(2);
        self.half = words.remainder().first().copied().or(self.half);
        // 2^48 words fit, so carries can wait.
        self.sum += words.map(|word| u64::from(u16::from_le_bytes([word[0], word[1]]))).sum::<u64>();
    }

    fn finish(self, length: u64) -> u32 {
        let mut sum = self.sum + self.half.map_or(0, u64::from);
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        // The length of a file over 4 GiB does not fit. ImageHlp drops the upper bits, too.
        (sum as u32).wrapping_add(length as u32)
    }
}

/// The offset of the signature `PE\0\0` of a PE32+ file.
fn start(image: &[u8]) -> Option<usize> {
    let at = u32::from_le_bytes(*image.get(0x3c..)?.first_chunk()?) as usize;
    let header = image.get(at..at.checked_add(END)?)?;
    (image.starts_with(b"MZ") && header.starts_with(b"PE\0\0") && header[24..26] == [0x0b, 0x02]).then_some(at)
}

fn change(header: &mut [u8], at: usize, new: impl Fn(u16) -> u16) {
    if let Some(field) = header.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<2>()) {
        *field = new(u16::from_le_bytes(*field)).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_does_not_depend_on_how_the_file_is_read() {
        let bytes: Vec<u8> = (0..1001_u32).map(|n| (n * 37) as u8).collect();
        let of = |pieces: usize| {
            let mut sum = Checksum::default();
            bytes.chunks(pieces).for_each(|piece| sum.add(piece));
            sum.finish(1001)
        };
        for pieces in [1, 2, 3, 7, 500, 1000, 1001] {
            assert_eq!(of(pieces), of(2000), "{pieces}");
        }
    }

    #[test]
    fn what_is_no_pe_file_is_left_alone() {
        for bytes in [&b"\x7fELF and more"[..], b"MZ", &[0; 5000]] {
            assert_eq!((start(bytes), is_windowed(bytes)), (None, None));
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            set_checksum(&file).unwrap();
            let mut read = Vec::new();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.read_to_end(&mut read).unwrap();
            assert_eq!(read, bytes);
        }
        assert!(set(b"MZ".to_vec(), true).is_err());
    }
}
