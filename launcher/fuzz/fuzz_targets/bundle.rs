//! Any bytes as a bundle: finding the payload, footer, launch record, index and frames.
//!
//! Digests would stop a fuzzer at the door, so an input also goes in with digests that fit it. Its first byte says how:
//! `f` a file, as it is and then sealed anew; `i` the JSON of an index, put into a bundle whose frames are as long as it
//! says; anything else the JSON of a launch record.

#![no_main]

use std::sync::LazyLock;

use bundle::footer::Footer;
use bundle::index::{EntryKind, Index};
use bundle::{Bundle, Digest, frame};
use ekiben_payload_fixtures::forged::{Forged, Parts, compressed, sealed};
use libfuzzer_sys::fuzz_target;

/// Most bytes of frames that are made up for an index.
const MOST: u64 = 1 << 20;
static RECORD: LazyLock<String> =
    LazyLock::new(|| Forged::new("x86_64-unknown-linux-gnu", &[], &[]).record.to_string());

fuzz_target!(|data: &[u8]| {
    let Some((how, data)) = data.split_first() else { return };
    match how {
        b'f' => {
            read(data.to_vec());
            if let Some(sealed) = sealed_anew(data) {
                read(sealed);
            }
        }
        b'i' => {
            let lengths = serde_json::from_slice::<Index>(data).map(|index| index.layers.iter().map(|l| l.len()).sum());
            let frames = vec![0; lengths.unwrap_or(0).min(MOST) as usize];
            let index = compressed(data, 1);
            let record = RECORD.as_bytes();
            let parts = Parts { frames: &frames, index: &index, index_raw_len: data.len() as u64, record };
            read(sealed(b"", parts, |_| ()));
        }
        _ => {
            let parts = Parts { frames: b"", index: &compressed(b"{}", 1), index_raw_len: 2, record: data };
            read(sealed(b"", parts, |_| ()));
        }
    }
});

/// Reads all there is of a bundle. What a reader lets through has to be safe by another reckoning than its own.
fn read(bytes: Vec<u8>) {
    let Ok(bundle) = Bundle::new(bytes) else { return };
    let Ok(index) = bundle.index() else { return };
    for entry in index.entries() {
        let at = below(&[], entry.path.as_str()).expect("a path that stays inside");
        if let EntryKind::Symlink { target } = &entry.kind {
            below(&at[..at.len() - 1], target).expect("a link that stays inside");
        }
    }
    let mut stored = Vec::new();
    for placed in index.frames() {
        let placed = placed.expect("frames that `index` has added up");
        if bundle.frame(placed, &mut stored).is_ok() {
            let _ = frame::unpack(&stored, placed.frame, |_, content| {
                std::io::copy(content, &mut std::io::sink()).map(drop)
            });
        }
    }
}

/// Where a path leads, from a directory inside the tree; `None` when it is outside on the way there, or is no plain path.
fn below<'a>(from: &[&'a str], path: &'a str) -> Option<Vec<&'a str>> {
    let mut at = from.to_vec();
    for part in path.split('/') {
        match part {
            "" | "." => return None,
            ".." => drop(at.pop()?),
            _ if part.contains(['\\', ':', '\0']) => return None,
            _ => at.push(part),
        }
    }
    Some(at)
}

/// The same file with digests that fit what it holds, if it has a footer at its end.
fn sealed_anew(data: &[u8]) -> Option<Vec<u8>> {
    let footer = Footer::parse(data).ok()?;
    let start = data.len().checked_sub(usize::try_from(footer.payload_len).ok()?)?;
    let place = |offset: u64| start + offset as usize;
    let index = data.get(place(footer.index_offset)..place(footer.record_offset))?;
    let footer = Footer { index_sha256: Digest::of(index), ..footer };
    let record = data.get(place(footer.record_offset)..)?.get(..footer.record_len as usize)?;
    let before = &data[..place(footer.record_offset) + record.len()];
    Some([before, &footer.sealed(record).to_bytes()].concat())
}
