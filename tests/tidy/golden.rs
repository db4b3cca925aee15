//! Golden bundles of every released format version open for ever, and FORMAT.md shows the newest byte by byte.

use std::fs;

use bundle::index::{EntryKind, PlacedFrame};
use bundle::{Bundle, frame};

use crate::sources::top;

fn golden(version: u32) -> Vec<u8> {
    fs::read(ekiben_payload_fixtures::golden(&format!("v{version}.bundle"))).unwrap()
}

#[test]
fn golden_bundles_of_every_format_version_open() {
    let bundle = Bundle::new(golden(1)).unwrap();
    assert_eq!(bundle.record().app.id.as_str(), "golden");
    assert_eq!(bundle.record().start.flags, ["-I"]);
    assert_eq!(bundle.payload_start(), 16);

    let index = bundle.index().unwrap();
    let mut found = Vec::new();
    for placed in index.frames() {
        let mut stored = Vec::new();
        bundle.frame(placed.unwrap(), &mut stored).unwrap();
        frame::unpack(&stored, placed.unwrap().frame, |entry, content| {
            let mut text = String::new();
            std::io::Read::read_to_string(content, &mut text)?;
            found.push((entry.path.to_string(), entry.kind.clone(), text));
            Ok(())
        })
        .unwrap();
    }
    let file = |text: &str, executable| EntryKind::File { size: text.len() as u64, executable };
    let (interpreter, start) = ("#!/bin/sh\nprintf '%s\\n' \"$@\"\n", "print('hello')\n");
    let expected = [
        ("bin/python3", file(interpreter, true), interpreter),
        ("empty", EntryKind::Directory, ""),
        ("python", EntryKind::Symlink { target: "bin/python3".into() }, ""),
        ("start.py", file(start, false), start),
    ];
    assert_eq!(found, expected.map(|(path, kind, text)| (path.to_owned(), kind, text.to_owned())));
}

#[test]
fn a_golden_bundle_with_filtered_machine_code_opens() {
    let bundle = Bundle::new(fs::read(ekiben_payload_fixtures::golden("v1-filtered.bundle")).unwrap()).unwrap();
    let index = bundle.index().unwrap();
    let filtered = |placed: &PlacedFrame<'_>| placed.frame.entries.iter().any(|entry| entry.filter.is_some());
    let placed = index.frames().flatten().find(filtered).unwrap();
    let mut stored = Vec::new();
    bundle.frame(placed, &mut stored).unwrap();
    let mut found = Vec::new();
    frame::unpack(&stored, placed.frame, |_, content| content.read_to_end(&mut found).map(drop)).unwrap();
    // Each of these reaches byte 16, counted from its own end.
    let place = |next: usize| (16_i32 - next as i32).to_le_bytes();
    let calls = (0..8).flat_map(|n| [&[0xe8], place(64 + 6 * n + 5).as_slice(), &[0x90]].concat());
    let loads = [(0x05, 112 + 7), (0x3d, 119 + 7)];
    let loads = loads.into_iter().flat_map(|(to, next)| [&[0x48, 0x8d, to], place(next).as_slice()].concat());
    assert_eq!(found[64..], calls.chain(loads).collect::<Vec<u8>>());
}

#[test]
fn the_worked_example_in_format_md_is_the_golden_bundle() {
    let text = fs::read_to_string(top().join("docs/FORMAT.md")).unwrap();
    let mut shown = Vec::new();
    for line in text.lines() {
        let Some((offset, rest)) = line.split_once(": ") else { continue };
        if offset.len() != 8 || u64::from_str_radix(offset, 16).ok() != Some(shown.len() as u64) {
            continue;
        }
        let hex: String = rest.split("  ").next().unwrap().split(' ').collect();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        shown.extend((0..hex.len()).step_by(2).map(byte));
    }
    assert_eq!(shown, golden(1), "`xxd payload-fixtures/golden/v1.bundle` belongs there");
}

#[test]
fn every_cut_and_every_flipped_byte_of_a_bundle_is_noticed() {
    let good = golden(1);
    let whole = |bytes: Vec<u8>| -> Result<(), String> {
        let bundle = Bundle::new(bytes).map_err(|e| e.to_string())?;
        let index = bundle.index().map_err(|e| e.to_string())?;
        let mut stored = Vec::new();
        for placed in index.frames() {
            bundle.frame(placed.unwrap(), &mut stored).map_err(|e| e.to_string())?;
        }
        Ok(())
    };
    whole(good.clone()).unwrap();
    for length in 0..good.len() {
        assert!(whole(good[..length].to_vec()).is_err(), "cut to {length}");
    }
    // What lies before the payload is the launcher's.
    for at in 16..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        assert!(whole(bytes).is_err(), "byte {at}");
    }
    for appended in [1, 9_000, 64 * 1024] {
        let mut bytes = good.clone();
        bytes.resize(good.len() + appended, b'x');
        whole(bytes).unwrap();
    }
}
