//! Any bytes as the tar in a frame, with an index that lists what another reader of tars finds in it: unpacking, and what
//! unpacks without complaint is installed.

#![no_main]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ekiben_payload_fixtures::forged::{Forged, compressed};
use bundle::entry_path::EntryPath;
use bundle::filter::Filter;
use bundle::index::{Entry, EntryKind, Frame};
use bundle::{Bundle, Digest, frame};
use launcher::install::layout::{InstallRoot, OWN};
use launcher::install::places::{Candidate, Place};
use launcher::install::{self, Watcher};
use libfuzzer_sys::fuzz_target;

const LINUX: &str = "x86_64-unknown-linux-gnu";

fuzz_target!(|raw: &[u8]| {
    let stored = compressed(raw, 1);
    let (len, raw_len, sha256) = (stored.len() as u64, raw.len() as u64, Digest::of(&stored));
    let frame = Frame { len, raw_len, sha256, entries: listed(raw) };
    let unpacked = frame::unpack(&stored, &frame, |entry, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let size = if let EntryKind::File { size, .. } = entry.kind { size } else { bytes.len() as u64 };
        // What is cut off is noticed at the end of the frame.
        assert!(bytes.len() as u64 <= size, "more than the entry says");
        Ok(())
    });
    if unpacked.is_ok() {
        installs_what_it_lists(stored, &frame);
    }
});

/// What the tar crate finds, as far as an index can say it.
fn listed(raw: &[u8]) -> Vec<Entry> {
    let mut archive = tar::Archive::new(raw);
    let Ok(entries) = archive.entries() else { return Vec::new() };
    let entry = |found: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let found = found.ok()?;
        let path = EntryPath::new(String::from_utf8(found.path_bytes().into_owned()).ok()?).ok()?;
        let kind = match found.header().entry_type() {
            tar::EntryType::Directory => EntryKind::Directory,
            tar::EntryType::Symlink => {
                let target = found.link_name_bytes().map(|name| name.into_owned()).unwrap_or_default();
                EntryKind::Symlink { target: String::from_utf8(target).ok()? }
            }
            _ => EntryKind::File { size: found.size(), executable: found.header().mode().ok()? & 0o111 != 0 },
        };
        let filter = (path.as_str().len() % 2 == 1).then_some(Filter::X86_64);
        Some(Entry { path, kind, filter })
    };
    entries.take(1000).map_while(entry).collect()
}

/// A version dir comes of it that holds the entries and nothing else, and nothing comes to be anywhere else; or none.
fn installs_what_it_lists(stored: Vec<u8>, frame: &Frame) {
    let mut forged = Forged::new(LINUX, &[], &[]);
    forged.index["layers"][0]["frames"] = serde_json::json!([frame]);
    forged.frames = vec![stored];
    let bundle = Bundle::new(forged.bytes(b"")).expect("a sealed bundle opens");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let root = InstallRoot::at(directory.path().join("root"));
    let version_dir = root.version_dir(&bundle.record().app.version, bundle.digest());
    fs::create_dir(root.path()).expect("a root");
    let candidate = Candidate { place: Place::User, root };
    let result = install::install_in(&bundle, std::iter::once(candidate), &mut Silent);
    assert_eq!(names(directory.path()), ["root"], "something was made outside");
    assert_eq!(result.is_ok(), version_dir.exists());
    if result.is_ok() {
        let mut found = BTreeSet::new();
        walk(&version_dir, &version_dir, &mut found);
        // What ekiben itself keeps there.
        for own in ["seal", "installed", "frames"] {
            assert!(found.remove(&format!("{OWN}/{own}")));
        }
        let listed = frame.entries.iter().filter(|e| e.kind != EntryKind::Directory);
        assert_eq!(found, listed.map(|e| e.path.as_str().to_owned()).collect());
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    entries.map(|e| e.expect("an entry").file_name().into_string().expect("text")).collect()
}

/// Every file and link below `directory`.
fn walk(top: &Path, directory: &Path, found: &mut BTreeSet<String>) {
    for name in names(directory) {
        let path = directory.join(name);
        let metadata = fs::symlink_metadata(&path).expect("what was listed");
        if metadata.is_dir() {
            walk(top, &path, found);
        } else {
            assert!(metadata.is_file() || metadata.is_symlink());
            assert!(metadata.is_symlink() || metadata.permissions().mode() & 0o7022 == 0);
            found.insert(path.strip_prefix(top).expect("below").to_str().expect("text").to_owned());
        }
    }
}

struct Silent;

impl Watcher for Silent {
    fn waiting(&mut self) {}
    fn extracted(&mut self, _done: u64, _total: u64) {}
}
