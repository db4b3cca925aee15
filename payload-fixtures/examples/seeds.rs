//! Writes what the fuzzers start from into a directory, one directory for each target:
//!
//! ```text
//! cargo run -p ekiben-payload-fixtures --example seeds -- target/fuzz/seeds
//! ```

use std::path::PathBuf;
use std::{env, fs, io};

use bundle::Bundle;
use ekiben_payload_fixtures::forged::{Forged, Parts, compressed, sealed};
use ekiben_payload_fixtures::{golden, hostile};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

fn main() -> io::Result<()> {
    let directory =
        env::args_os().nth(1).map(PathBuf::from).ok_or_else(|| io::Error::other("usage: seeds DIRECTORY"))?;
    let mut bundles = vec![fs::read(golden("v1.bundle"))?];
    for target in [LINUX, WINDOWS] {
        bundles.push(Forged::honest(target).bytes(b"launcher"));
        bundles.extend(hostile::light(b"launcher", target).into_iter().map(|hostile| hostile.bytes));
    }

    let (mut for_bundle, mut for_tar) = (Vec::new(), Vec::new());
    for bytes in bundles {
        for_bundle.push([b"f", &bytes[..]].concat());
        for_bundle.push([b"f", &bytes[..], b"appended"].concat());
        let Ok(bundle) = Bundle::new(bytes.clone()) else { continue };
        let footer = bundle.footer();
        let at = |offset: u64| bundle.payload_start() as usize + offset as usize;
        let index = zstd::decode_all(&bytes[at(footer.index_offset)..at(footer.record_offset)])?;
        let record = &bytes[at(footer.record_offset)..][..footer.record_len as usize];
        // An index that is stored as it is can be changed without spoiling it.
        let (index, index_raw_len) = (uncompressed(&index), index.len() as u64);
        let plain = sealed(b"", Parts { frames: b"", index: &index, index_raw_len, record }, |_| ());
        for_bundle.extend([[b"i", &index[..]].concat(), [b"r", record].concat(), [b"f", &plain[..]].concat()]);
        // Every frame of a forged bundle starts where the one before it ends.
        let frames = &bytes[at(0)..at(footer.index_offset)];
        for_tar.push(zstd::decode_all(frames)?);
    }
    for (target, seeds) in [("bundle", for_bundle), ("tar", for_tar)] {
        let directory = directory.join(target);
        fs::create_dir_all(&directory)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(directory.join(number.to_string()), seed)?;
        }
    }
    Ok(())
}

/// A zstd frame in which the bytes stand as they are, where they fit one block.
fn uncompressed(raw: &[u8]) -> Vec<u8> {
    if raw.len() >= 1 << 16 {
        return compressed(raw, 1);
    }
    let block = (raw.len() as u32) << 3 | 1;
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 6 << 3], &block.to_le_bytes()[..3], raw].concat()
}
