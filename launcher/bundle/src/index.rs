//! The index: the table of layers, frames and files. Read only to install, verify, inspect or update.
//!
//! Stored as zstd-compressed JSON. Frames of a layer lie one after another, layers too, from the first byte of the
//! payload to the index; so offsets follow from lengths, and no two frames can overlap.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::entry_path::{EntryPath, ancestors, check_link};
use super::filter::Filter;
use super::{Digest, System, text};

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// In the order in which they lie.
    pub layers: Vec<Layer>,
}

/// One layer: its frames, one after another, are a `.tar.zst`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// `runtime`, `dependencies`, `application`, …
    pub name: String,
    /// In the order in which they lie.
    pub frames: Vec<Frame>,
}

/// One independent zstd frame that holds whole tar entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Length as stored.
    pub len: u64,
    /// Length decompressed.
    pub raw_len: u64,
    /// Of the stored bytes.
    pub sha256: Digest,
    /// What it holds, in the order of its tar entries.
    pub entries: Vec<Entry>,
}

/// One tar entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Row")]
pub struct Entry {
    /// Below the version dir.
    pub path: EntryPath,
    /// What it is.
    #[serde(flatten)]
    pub kind: EntryKind,
    /// What has to be undone when a regular file is taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// What a version dir can hold; there is no other kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EntryKind {
    /// A directory. Only empty ones need an entry: the others are made for what they hold.
    Directory,
    /// A regular file.
    File {
        /// In bytes.
        size: u64,
        /// Whether it gets the executable bits (Unix).
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        executable: bool,
    },
    /// A symbolic link (Unix).
    Symlink {
        /// As stored in the link; checked by [`super::entry_path::check_link`].
        target: String,
    },
}

impl EntryKind {
    /// How many bytes its content has: none, unless it is a regular file.
    pub fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Directory | Self::Symlink { .. } => 0,
        }
    }
}

/// An entry as it stands in the JSON. Read by way of this, because serde keeps the parts of a flattened, tagged enum in
/// maps first: a large app's index then takes several times as long, on one core, before any other can begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    path: EntryPath,
    kind: RowKind,
    size: Option<u64>,
    #[serde(default)]
    executable: bool,
    target: Option<String>,
    filter: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RowKind {
    Directory,
    File,
    Symlink,
}

impl TryFrom<Row> for Entry {
    type Error = &'static str;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let kind = match row.kind {
            RowKind::Directory => EntryKind::Directory,
            RowKind::File => {
                EntryKind::File { size: row.size.ok_or("a file without a size")?, executable: row.executable }
            }
            RowKind::Symlink => EntryKind::Symlink { target: row.target.ok_or("a link without a target")? },
        };
        let filter = row.filter.map(|name| Filter::from_name(&name).ok_or("a filter that this ekiben does not know"));
        let filter = filter.transpose()?;
        if filter.is_some() && !matches!(kind, EntryKind::File { .. }) {
            return Err("a filter for something that is not a file");
        }
        Ok(Self { path: row.path, kind, filter })
    }
}

/// Where a frame lies in the payload.
#[derive(Debug, Clone, Copy)]
pub struct PlacedFrame<'a> {
    /// From the first frame of the payload.
    pub offset: u64,
    /// The frame.
    pub frame: &'a Frame,
}

impl Index {
    /// Every frame with its place, in order. `None` when the lengths add up to more than 2^64.
    pub fn frames(&self) -> impl Iterator<Item = Option<PlacedFrame<'_>>> {
        let mut next = Some(0_u64);
        self.layers.iter().flat_map(|layer| &layer.frames).map(move |frame| {
            let offset = next?;
            next = offset.checked_add(frame.len);
            Some(PlacedFrame { offset, frame })
        })
    }

    /// What is wrong with the table itself, if anything: a path twice, a path below a file or a link, an unsafe link, a
    /// link where the system has none, or a frame that can't hold what it says.
    ///
    /// Nothing lies below a link, so the directory that a link lies in is a real one, and its `..` parts lead where
    /// [`check_link`] counts them to lead.
    pub(super) fn objection(&self, system: System) -> Option<String> {
        if let Some(layer) = self.layers.iter().find(|layer| layer.name.contains(text::is_control)) {
            return Some(format!("the layer `{}` has a control character in its name", text::shown(&layer.name)));
        }
        let entries: Vec<_> = self.entries().map(|entry| (entry.path.key(system), entry)).collect();
        let mut leaves = BTreeSet::new();
        for (path, entry) in &entries {
            if let EntryKind::Symlink { target } = &entry.kind {
                if !system.has_symlinks() {
                    return Some(format!("`{}` is a symbolic link, which no bundle for Windows holds", entry.path));
                }
                if let Err(refused) = check_link(&entry.path, target) {
                    return Some(refused.to_string());
                }
            }
            if entry.kind != EntryKind::Directory && !leaves.insert(&**path) {
                let how = if system.ignores_case() { ", case aside" } else { "" };
                return Some(format!("`{}` is listed twice{how}", entry.path));
            }
        }
        // Every directory, each with something that makes it one.
        let mut directories = BTreeMap::new();
        for (path, entry) in &entries {
            if entry.kind == EntryKind::Directory {
                directories.insert(&**path, entry);
            }
            for above in ancestors(path) {
                // Those above a known one are known, too.
                if directories.insert(above, entry).is_some() {
                    break;
                }
            }
        }
        if let Some((leaf, entry)) = directories.into_iter().find(|(directory, _)| leaves.contains(directory)) {
            return Some(format!("`{}` lies in `{leaf}`, which is not a directory", entry.path));
        }
        self.layers.iter().flat_map(|layer| &layer.frames).find_map(Frame::objection)
    }

    /// Every entry, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.layers.iter().flat_map(Layer::entries)
    }

    /// Bytes of all layers, decompressed.
    pub fn raw_len(&self) -> u64 {
        self.layers.iter().map(Layer::raw_len).fold(0, u64::saturating_add)
    }
}

impl Frame {
    /// The entry it begins with: what a person can tell a frame by.
    pub(super) fn name(&self) -> &str {
        self.entries.first().map_or("no entry", |entry| entry.path.as_str())
    }

    /// What can't be true of its lengths, if anything.
    fn objection(&self) -> Option<String> {
        /// The most that zstd makes of a byte: a block of 128 KiB is at least four bytes long (RFC 8878, 3.1.1.2).
        const MOST_PER_BYTE: u64 = (128 << 10) / 4;
        let says = |why| Some(format!("the frame of {} bytes that begins with `{}` {why}", self.raw_len, self.name()));
        if self.largest().is_none_or(|largest| self.raw_len > largest) {
            says("is larger than its entries")
        } else if self.raw_len > self.len.saturating_mul(MOST_PER_BYTE) {
            says(&format!("can't come of {} bytes", self.len))
        } else {
            None
        }
    }

    /// The most that it can hold decompressed: for each entry its blocks, its header, and a long name and link target with
    /// a header each; and the end of the archive. `None` when that is more than 2^64.
    fn largest(&self) -> Option<u64> {
        const BLOCK: u64 = 512;
        const PER_ENTRY: u64 = BLOCK + 2 * (BLOCK + 5 * BLOCK);
        self.entries.iter().try_fold(2 * BLOCK, |sum: u64, entry| {
            sum.checked_add(entry.kind.size().checked_next_multiple_of(BLOCK)?)?.checked_add(PER_ENTRY)
        })
    }
}

impl Layer {
    /// Bytes as stored.
    pub fn len(&self) -> u64 {
        self.frames.iter().map(|f| f.len).fold(0, u64::saturating_add)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes decompressed.
    pub fn raw_len(&self) -> u64 {
        self.frames.iter().map(|f| f.raw_len).fold(0, u64::saturating_add)
    }

    /// Every entry, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.frames.iter().flat_map(|frame| &frame.entries)
    }

    /// How many files and links it holds.
    pub fn files(&self) -> usize {
        self.entries().filter(|entry| entry.kind != EntryKind::Directory).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use System::Linux;

    fn index(entries: &[(&str, EntryKind)], raw_len: u64) -> Index {
        let entry = |(path, kind): &(&str, EntryKind)| Entry {
            path: EntryPath::new(*path).unwrap(),
            kind: kind.clone(),
            filter: None,
        };
        let entries = entries.iter().map(entry).collect();
        let frames = vec![Frame { len: 1, raw_len, sha256: Digest::of(b""), entries }];
        Index { layers: vec![Layer { name: "runtime".to_owned(), frames }] }
    }

    #[test]
    fn entries_that_could_lead_out_of_the_tree_together_are_refused() {
        let file = || EntryKind::File { size: 10, executable: false };
        let link = |target: &str| EntryKind::Symlink { target: target.to_owned() };
        let fine = [("a/b", file()), ("a/link", link("b")), ("c", EntryKind::Directory), ("a", EntryKind::Directory)];
        assert_eq!(index(&fine, 4096).objection(Linux), None);
        for (wrong, why) in [
            // A link below a link: its `..` would count from elsewhere.
            ([("d/x/up", link("../../top")), ("d/x/up/out", link("../../../victim"))], "lies in `d/x/up`"),
            ([("a", link("b")), ("a/f", file())], "lies in `a`"),
            ([("a", file()), ("a/f", file())], "lies in `a`"),
            ([("a", file()), ("a", EntryKind::Directory)], "lies in `a`"),
            ([("a", file()), ("a", file())], "twice"),
            ([("a", file()), ("b", link("../x"))], "leads out"),
        ] {
            let objection = index(&wrong, 4096).objection(Linux).unwrap();
            assert!(objection.contains(why), "{objection}");
        }
    }

    #[test]
    fn names_that_differ_in_case_alone_are_one_name_where_the_system_takes_them_for_one() {
        let file = || EntryKind::File { size: 10, executable: false };
        for (entries, why) in [
            ([("Read.me", file()), ("read.me", file())], "`read.me` is listed twice, case aside"),
            ([("Ü", file()), ("ü", file())], "`ü` is listed twice, case aside"),
            ([("lib", file()), ("Lib/x.py", file())], "`Lib/x.py` lies in `lib`, which is not a directory"),
        ] {
            assert_eq!(index(&entries, 4096).objection(Linux), None);
            for system in [System::Windows, System::MacOs] {
                assert_eq!(index(&entries, 4096).objection(system).as_deref(), Some(why));
            }
        }
        let link = [("a", EntryKind::Symlink { target: "b".to_owned() })];
        assert_eq!(index(&link, 4096).objection(Linux), None);
        assert!(index(&link, 4096).objection(System::Windows).unwrap().contains("`a` is a symbolic link"));
    }

    #[test]
    fn what_is_not_known_of_an_entry_is_refused() {
        let row = |filter| format!(r#"{{"path": "a.so", "kind": "file", "size": 9, "filter": {filter}}}"#);
        let known: Entry = serde_json::from_str(&row("\"x86-64\"")).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&serde_json::to_string(&known).unwrap()).unwrap(), known);
        let other_key = r#"{"path": "a.so", "kind": "file", "size": 9, "colour": "red"}"#.to_owned();
        let no_file = r#"{"path": "a", "kind": "directory", "filter": "x86-64"}"#.to_owned();
        for refused in [row("\"arm64\""), row("7"), other_key, no_file] {
            serde_json::from_str::<Entry>(&refused).unwrap_err();
        }
    }

    #[test]
    fn a_frame_comes_of_enough_bytes() {
        let mut index = index(&[("zeros", EntryKind::File { size: 1 << 40, executable: false })], 1 << 40);
        let objection = index.objection(Linux).unwrap();
        assert!(objection.contains("`zeros`") && objection.contains("can't come of 1 bytes"), "{objection}");
        index.layers[0].frames[0].len = 1 << 25;
        assert_eq!(index.objection(Linux), None);
    }

    #[test]
    fn a_frame_holds_no_more_than_its_entries() {
        let one = |size, raw_len| index(&[("a", EntryKind::File { size, executable: false })], raw_len);
        assert_eq!(one(1000, 8192).objection(Linux), None);
        for (size, raw_len) in [(1000, 9000), (0, u64::MAX), (u64::MAX, 9000)] {
            assert!(one(size, raw_len).objection(Linux).is_some(), "{size} {raw_len}");
        }
    }
}
