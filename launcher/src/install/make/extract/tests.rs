//! Extraction of small bundles, and of one file that is large.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::install::handmade::{Quiet, bundle};
use crate::install::make::frames::LARGEST_IN_MEMORY;

/// 13 MiB that do not compress: too large to be held, as stored and as decoded.
fn large() -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ (state >> 33)).to_le_bytes()
    };
    (0..(13 << 20) / 8).flat_map(|_| next()).collect()
}

/// Bytes of which some read another way after so many reads.
struct Changing {
    bytes: Vec<u8>,
    from: u64,
    reads: AtomicUsize,
    after: usize,
}

impl Source for Changing {
    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.bytes.read_at(buffer, offset)?;
        // The middle of the payload: in a stored block that decodes whatever it holds.
        let here = offset <= self.from && self.from < offset + read as u64;
        if here && self.reads.fetch_add(1, Ordering::Relaxed) >= self.after {
            buffer[(self.from - offset) as usize] ^= 1;
        }
        Ok(read)
    }
}

#[test]
fn a_file_that_is_too_large_to_hold_comes_out_whole_or_not_at_all() {
    let (dir, large) = (tempfile::tempdir().unwrap(), large());
    let bytes = bundle(dir.path(), "1", &[&[("large.so", &large), ("sub/small", b"s")]]);
    let from = bytes.len() as u64 / 2;
    for (number, after, fine) in [(0, usize::MAX, true), (1, 0, false), (2, 1, false)] {
        let source = Changing { bytes: bytes.clone(), from, reads: AtomicUsize::new(0), after };
        let bundle = Bundle::new(source).unwrap();
        let index = bundle.index().unwrap();
        assert!(index.layers[0].frames[0].len > LARGEST_IN_MEMORY);
        let into = dir.path().join(number.to_string());
        fs::create_dir(&into).unwrap();
        let result = extract(&bundle, &index, &into, &mut Quiet);
        assert_eq!(result.is_ok(), fine, "{number}: {result:?}");
        match result {
            Ok(()) => assert!(fs::read(into.join("large.so")).unwrap() == large),
            Err(e) => assert!(format!("{e:?}").contains("Mismatch"), "{number}: {e:?}"),
        }
    }
}

#[test]
fn only_what_is_wanted_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = bundle(dir.path(), "1", &[&[("a/b/one", b"1"), ("a/c/two", b"2")], &[("three", b"3")]]);
    let bundle = Bundle::new(bytes).unwrap();
    let (index, into) = (bundle.index().unwrap(), dir.path().join("into"));
    fs::create_dir(&into).unwrap();
    let wanted = |entry: &Entry| entry.path.as_str() == "a/c/two";
    let extraction = Extraction {
        bundle: &bundle,
        index: &index,
        directory: &into,
        wanted: &wanted,
        time: &|_| None,
        older: &Older::none(),
    };
    extraction.run(&mut Quiet).unwrap();
    assert_eq!(fs::read(into.join("a/c/two")).unwrap(), b"2");
    assert!(!into.join("three").exists() && !into.join("a/b").exists());
}

#[test]
fn nothing_that_is_there_is_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = Bundle::new(bundle(dir.path(), "1", &[&[("a/one", b"1")]])).unwrap();
    let (index, into) = (bundle.index().unwrap(), dir.path().join("into"));
    fs::create_dir(&into).unwrap();
    extract(&bundle, &index, &into, &mut Quiet).unwrap();
    let again = extract(&bundle, &index, &into, &mut Quiet).unwrap_err();
    assert!(again.to_string().starts_with("could not create"), "{again}");
}

/// Wants to stop at the first occasion.
struct Impatient {
    told: usize,
}

impl Watcher for Impatient {
    fn waiting(&mut self) {}

    fn extracted(&mut self, _done: u64, _total: u64) {
        self.told += 1;
    }

    fn is_cancelled(&self) -> bool {
        self.told > 0
    }
}

#[test]
fn an_extraction_stops_when_the_watcher_wishes_it() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = Bundle::new(bundle(dir.path(), "1", &[&[("a/one", b"1")], &[("two", b"2")]])).unwrap();
    let (index, into) = (bundle.index().unwrap(), dir.path().join("into"));
    fs::create_dir(&into).unwrap();
    let mut impatient = Impatient { told: 0 };
    let stopped = extract(&bundle, &index, &into, &mut impatient);
    assert!(matches!(stopped, Err(InstallError::Cancelled)), "{stopped:?}");
    assert_eq!(impatient.told, 1);
}
