//! The footer: the fixed 128 bytes that every bundle's payload ends with.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 8 | payload length: from the first frame to the end of this footer |
//! | 8 | 8 | index: offset from the first frame |
//! | 16 | 8 | index: length as stored |
//! | 24 | 8 | index: length decompressed |
//! | 32 | 8 | launch record: offset from the first frame |
//! | 40 | 8 | launch record: length |
//! | 48 | 32 | SHA-256 of the index as stored |
//! | 80 | 32 | digest: SHA-256 of bytes 0 to 79, then the launch record |
//! | 112 | 4 | format version |
//! | 116 | 4 | length of the footer |
//! | 120 | 8 | magic |
//!
//! All numbers are unsigned and little-endian. The last 16 bytes stay as they are in every later format, so that an
//! older reader can always tell what it has met.

use super::Digest;

/// Length of a version 1 footer.
pub const FOOTER_LEN: usize = 128;
/// The last bytes of every payload. The first is no ASCII and the last a line feed, so that a transfer which mangles
/// text shows here, as with PNG's.
pub const MAGIC: [u8; 8] = *b"\x89EKIBEN\n";
/// The format version that this code writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// Most that is read for a launch record: a damaged length can't make us allocate more.
const MAX_RECORD: u64 = 1 << 16;
/// Most that is read for an index, stored and decompressed. About 150 bytes decompressed are one file.
const MAX_INDEX: u64 = 1 << 26;
const MAX_RAW_INDEX: u64 = 1 << 28;

/// The numbers of a footer, checked against each other: every range lies inside the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footer {
    /// From the first frame to the end of the footer.
    pub payload_len: u64,
    /// Where the index starts, from the first frame. The layers end here.
    pub index_offset: u64,
    /// Length of the index as stored.
    pub index_len: u64,
    /// Length of the index decompressed.
    pub index_raw_len: u64,
    /// Where the launch record starts, from the first frame.
    pub record_offset: u64,
    /// Length of the launch record.
    pub record_len: u64,
    /// SHA-256 of the index as stored.
    pub index_sha256: Digest,
    /// What names this payload: covers everything above and the launch record.
    pub digest: Digest,
}

/// What is wrong with 128 bytes that should be a footer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FooterError {
    /// No payload ends here.
    #[error("no payload found")]
    NotAFooter,
    /// A payload of another format.
    #[error("this is a bundle of format version {found}, and this ekiben understands version {VERSION} only")]
    UnknownVersion {
        /// What the footer says.
        found: u32,
    },
    /// Its numbers contradict each other.
    #[error("damaged footer: {what}")]
    Damaged {
        /// Which rule is broken.
        what: &'static str,
    },
}

impl Footer {
    /// Reads a footer from the end of `bytes`, which may be shorter than a footer.
    ///
    /// # Errors
    /// As [`FooterError`] says. The digest is not checked here: see [`Footer::covers`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FooterError> {
        let damaged = |what| FooterError::Damaged { what };
        let Some((_, [v0, v1, v2, v3, l0, l1, l2, l3, magic @ ..])) = bytes.split_last_chunk::<16>() else {
            return Err(FooterError::NotAFooter);
        };
        if *magic != MAGIC {
            return Err(FooterError::NotAFooter);
        }
        let found = u32::from_le_bytes([*v0, *v1, *v2, *v3]);
        if found != VERSION {
            return Err(FooterError::UnknownVersion { found });
        }
        if u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize != FOOTER_LEN {
            return Err(damaged("its length"));
        }
        let (_, bytes) = bytes.split_last_chunk::<FOOTER_LEN>().ok_or(damaged("the file is shorter than it"))?;

        let footer = Self {
            payload_len: number(bytes, 0),
            index_offset: number(bytes, 8),
            index_len: number(bytes, 16),
            index_raw_len: number(bytes, 24),
            record_offset: number(bytes, 32),
            record_len: number(bytes, 40),
            index_sha256: sha256(bytes, 48),
            digest: sha256(bytes, 80),
        };
        if footer.record_len > MAX_RECORD {
            return Err(damaged("a launch record of over 64 KiB"));
        }
        if footer.index_len > MAX_INDEX || footer.index_raw_len > MAX_RAW_INDEX {
            return Err(damaged("an index of over 64 MiB"));
        }
        if footer.index_offset.checked_add(footer.index_len) != Some(footer.record_offset) {
            return Err(damaged("the index does not end where the launch record starts"));
        }
        let end = footer.record_offset.checked_add(footer.record_len + FOOTER_LEN as u64);
        if end != Some(footer.payload_len) {
            return Err(damaged("the launch record does not end where the footer starts"));
        }
        Ok(footer)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; FOOTER_LEN] {
        let mut bytes = [0; FOOTER_LEN];
        bytes[..80].copy_from_slice(&self.covered());
        bytes[80..112].copy_from_slice(self.digest.as_bytes());
        bytes[112..116].copy_from_slice(&VERSION.to_le_bytes());
        bytes[116..120].copy_from_slice(&(FOOTER_LEN as u32).to_le_bytes());
        bytes[120..].copy_from_slice(&MAGIC);
        bytes
    }

    /// The same footer with the digest that fits this launch record.
    #[must_use]
    pub fn sealed(self, record: &[u8]) -> Self {
        Self { digest: Digest::of_parts(&[&self.covered(), record]), ..self }
    }

    /// Whether the digest is that of this footer and this launch record.
    pub fn covers(&self, record: &[u8]) -> bool {
        self.digest == Digest::of_small(&[&self.covered(), record])
    }

    fn covered(&self) -> [u8; 80] {
        let mut bytes = [0; 80];
        let numbers = [
            self.payload_len,
            self.index_offset,
            self.index_len,
            self.index_raw_len,
            self.record_offset,
            self.record_len,
        ];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes[48..].copy_from_slice(self.index_sha256.as_bytes());
        bytes
    }
}

fn number(bytes: &[u8; FOOTER_LEN], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

fn sha256(bytes: &[u8; FOOTER_LEN], at: usize) -> Digest {
    let mut digest = [0; 32];
    digest.copy_from_slice(&bytes[at..at + 32]);
    Digest::from_bytes(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer() -> Footer {
        Footer {
            payload_len: 100 + 20 + 30 + 128,
            index_offset: 100,
            index_len: 20,
            index_raw_len: 200,
            record_offset: 120,
            record_len: 30,
            index_sha256: Digest::of(b"index"),
            digest: Digest::of(b""),
        }
        .sealed(&[b'r'; 30])
    }

    #[test]
    fn a_footer_survives_its_bytes() {
        let bytes = footer().to_bytes();
        assert_eq!(Footer::parse(&bytes), Ok(footer()));
        assert!(footer().covers(&[b'r'; 30]));
        assert!(!footer().covers(&[b's'; 30]));
    }

    #[test]
    fn a_later_version_is_named() {
        let mut bytes = footer().to_bytes();
        bytes[112] = 7;
        assert_eq!(Footer::parse(&bytes), Err(FooterError::UnknownVersion { found: 7 }));
        let text = FooterError::UnknownVersion { found: 7 }.to_string();
        assert!(text.contains("version 7") && text.contains("version 1"), "{text}");
    }

    #[test]
    fn no_flipped_byte_goes_unnoticed() {
        let good = footer().to_bytes();
        for at in 0..FOOTER_LEN {
            for bit in 0..8 {
                let mut bytes = good;
                bytes[at] ^= 1 << bit;
                let noticed = Footer::parse(&bytes).map_or(true, |f| !f.covers(&[b'r'; 30]));
                assert!(noticed, "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn overflowing_numbers_are_damage() {
        for change in [
            |f: &mut Footer| f.record_offset = u64::MAX,
            |f: &mut Footer| f.index_offset = u64::MAX,
            |f: &mut Footer| f.payload_len = u64::MAX,
            |f: &mut Footer| f.record_len = u64::MAX,
            |f: &mut Footer| f.index_raw_len = u64::MAX,
        ] {
            let mut wrong = footer();
            change(&mut wrong);
            assert!(matches!(Footer::parse(&wrong.to_bytes()), Err(FooterError::Damaged { .. })), "{wrong:?}");
        }
    }
}
