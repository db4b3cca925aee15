//! Frames that are packed, and frames that no packer of ours makes.

use std::io;
use std::path::PathBuf;

use super::*;
use crate::Digest;
use crate::entry_path::EntryPath;
use crate::filter::Filter;
use crate::index::{Entry, EntryKind};

fn item(dir: &std::path::Path, path: &str, bytes: &[u8]) -> Item {
    let source = dir.join(path.replace('/', "_"));
    std::fs::write(&source, bytes).unwrap();
    let kind = EntryKind::File { size: bytes.len() as u64, executable: path.contains("bin") };
    Item { path: EntryPath::new(path).unwrap(), kind, source }
}

fn frame_of(header: impl FnOnce(&mut tar::Header), name: &str) -> (Vec<u8>, Frame) {
    let mut tar = tar::Builder::new(Vec::new());
    let mut head = tar::Header::new_gnu();
    head.set_size(0);
    head.set_mode(0o644);
    head.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header(&mut head);
    head.set_cksum();
    tar.append(&head, io::empty()).unwrap();
    let raw = tar.into_inner().unwrap();
    let stored = zstd::bulk::compress(&raw, 1).unwrap();
    let entries = vec![Entry {
        path: EntryPath::new("innocent").unwrap(),
        kind: EntryKind::File { size: 0, executable: false },
        filter: None,
    }];
    let frame = Frame { len: stored.len() as u64, raw_len: raw.len() as u64, sha256: Digest::of(&stored), entries };
    (stored, frame)
}

#[test]
fn what_is_packed_comes_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let long = format!("lib/{}/x.py", "long".repeat(60));
    let items = vec![
        item(dir.path(), "bin/tool", b"#!"),
        item(dir.path(), "lib/a.py", &[7; 5000]),
        Item {
            path: EntryPath::new("python").unwrap(),
            kind: EntryKind::Symlink { target: "bin/tool".to_owned() },
            source: PathBuf::new(),
        },
        Item { path: EntryPath::new(long).unwrap(), ..item(dir.path(), "lib/c", b"c") },
    ];
    for position in [Position::Inner, Position::Last] {
        let packed = pack(&items, position, 3).unwrap();
        let mut seen = Vec::new();
        unpack(&packed.stored, &packed.frame, |entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            seen.push((entry.path.to_string(), bytes.len()));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen.len(), 4);
        assert_eq!(seen[1], ("lib/a.py".to_owned(), 5000));
        assert_eq!(pack(&items, position, 3).unwrap(), packed);
    }
}

#[test]
fn machine_code_comes_out_as_it_went_in_whole_and_as_a_stream() {
    let dir = tempfile::tempdir().unwrap();
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    for length in [1 << 20, WHOLE as usize + 1] {
        let code: Vec<u8> = own.iter().copied().cycle().take(length).collect();
        let packed = pack(&[item(dir.path(), "lib/code.so", &code)], Position::Last, 1).unwrap();
        assert_eq!(packed.frame.entries[0].filter, Filter::for_file(&own));
        unpack(&packed.stored, &packed.frame, |_, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            assert!(bytes == code, "{length}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn entries_of_other_kinds_are_refused_by_name() {
    use tar::EntryType as Kind;
    for (kind, word) in [
        (Kind::Link, "hard link"),
        (Kind::Char, "device"),
        (Kind::Block, "device"),
        (Kind::Fifo, "named pipe"),
        (Kind::Continuous, "special entry"),
    ] {
        let (stored, frame) = frame_of(|h| h.set_entry_type(kind), "the-entry");
        let error = unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string();
        assert!(error.contains("the-entry") && error.contains(word), "{error}");
    }
    let (stored, frame) = frame_of(|h| h.set_mode(0o4755), "the-entry");
    assert!(unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string().contains("setuid"));
}

#[test]
fn names_that_lead_out_or_differ_from_the_index_are_refused() {
    for name in ["../up", "/abs", "a/../../b", "other"] {
        let (stored, frame) = frame_of(|_| (), name);
        assert!(unpack(&stored, &frame, |_, _| panic!("used")).is_err(), "{name}");
    }
}

#[test]
fn no_more_is_decoded_than_the_index_promises() {
    let dir = tempfile::tempdir().unwrap();
    let mut packed = pack(&[item(dir.path(), "bomb", &vec![0; 50_000_000])], Position::Last, 3).unwrap();
    packed.frame.raw_len = 4096;
    let mut read = 0;
    let result = unpack(&packed.stored, &packed.frame, |_, content| {
        read = io::copy(content, &mut io::sink())?;
        Err(io::ErrorKind::UnexpectedEof.into())
    });
    assert!(result.is_err() && read <= 4096, "{read}");
}

#[test]
fn a_name_of_any_length_is_not_read_into_memory() {
    for kind in [tar::EntryType::GNULongName, tar::EntryType::GNULongLink, tar::EntryType::XHeader] {
        let mut tar = tar::Builder::new(Vec::new());
        let name = vec![b'n'; 3_000_000];
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(name.len() as u64);
        header.set_cksum();
        tar.append(&header, name.as_slice()).unwrap();
        let raw = tar.into_inner().unwrap();
        let stored = zstd::bulk::compress(&raw, 1).unwrap();
        let frame = Frame {
            len: stored.len() as u64,
            raw_len: raw.len() as u64,
            sha256: Digest::of(&stored),
            entries: Vec::new(),
        };
        let error = unpack(&stored, &frame, |_, _| panic!("used")).unwrap_err().to_string();
        assert!(error.len() < 200, "{error}");
    }
}

#[test]
fn a_frame_is_as_long_as_the_index_says() {
    let dir = tempfile::tempdir().unwrap();
    let packed = pack(&[item(dir.path(), "a", b"text")], Position::Last, 3).unwrap();
    for raw_len in [packed.frame.raw_len - 512, packed.frame.raw_len + 512] {
        let frame = Frame { raw_len, ..packed.frame.clone() };
        assert!(unpack(&packed.stored, &frame, |_, _| Ok(())).is_err(), "{raw_len}");
    }
}
