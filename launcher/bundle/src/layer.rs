//! A layer on the building side: the order of its files, and where one frame ends and the next begins.
//!
//! Both follow from the files' paths and sizes alone, and a cut depends only on what is near it. So a file that
//! changes, comes or goes changes its own frame and at most the few after it up to the next cut that its path makes:
//! an unchanged distribution packs to the same frames in the next release.

use std::cmp::Ordering;

use super::Digest;
use super::frame::Item;

/// Below this, a frame goes on. Smaller frames compress worse: 8 % at 2 MB, 3 % at 4 MB.
const SMALLEST: u64 = 2 << 20;
/// Above this, a frame ends wherever it is. A larger file has a frame of its own.
const LARGEST: u64 = 8 << 20;
/// Between the two, one path in so many ends a frame.
const ONE_IN: u16 = 128;

/// Sorts items into the order in which a layer holds them: by path, but each `x.pyc` right after its `x.py`, which it
/// shares most of its names and strings with.
pub fn sort(items: &mut [Item]) {
    items.sort_by(|a, b| order(a.path.as_str(), b.path.as_str()));
}

/// Cuts sorted items into frames, `scale` times as large as usual: larger ones compress a little better, and are worse to
/// extract on several cores and to update.
pub fn cut(items: &[Item], scale: u64) -> Vec<&[Item]> {
    let mut frames = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        let own = item.kind.size();
        if at > start && (size + own > LARGEST * scale || size >= SMALLEST * scale && ends_frames(item)) {
            frames.push(&items[start..at]);
            (start, size) = (at, 0);
        }
        size += own;
    }
    if start < items.len() {
        frames.push(&items[start..]);
    }
    frames
}

/// Whether this item's path makes a cut before it.
fn ends_frames(item: &Item) -> bool {
    let [a, b, ..] = *Digest::of(item.path.as_str().as_bytes()).as_bytes();
    u16::from_le_bytes([a, b]).is_multiple_of(ONE_IN)
}

fn order(a: &str, b: &str) -> Ordering {
    (source_of(a), a).cmp(&(source_of(b), b))
}

/// For `d/__pycache__/x.cpython-313.pyc`, what it was compiled from: directory and stem. For others, themselves.
fn source_of(path: &str) -> (&str, &str) {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    match directory.strip_suffix("__pycache__") {
        Some(parent) => (parent.strip_suffix('/').unwrap_or(parent), stem),
        None => (directory, stem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_path::EntryPath;
    use crate::index::EntryKind;

    fn items(files: impl IntoIterator<Item = (String, u64)>) -> Vec<Item> {
        let item = |(path, size)| Item {
            path: EntryPath::new(path).unwrap(),
            kind: EntryKind::File { size, executable: false },
            source: std::path::PathBuf::new(),
        };
        let mut items: Vec<Item> = files.into_iter().map(item).collect();
        sort(&mut items);
        items
    }

    #[test]
    fn bytecode_follows_its_source() {
        let names = ["p/b.py", "p/__pycache__/b.cpython-313.pyc", "p/a.py", "p/__pycache__/a.cpython-313.pyc", "p/c/x"];
        let sorted: Vec<_> = items(names.map(|n| (n.to_owned(), 1))).iter().map(|i| i.path.to_string()).collect();
        assert_eq!(
            sorted,
            ["p/__pycache__/a.cpython-313.pyc", "p/a.py", "p/__pycache__/b.cpython-313.pyc", "p/b.py", "p/c/x"]
        );
    }

    #[test]
    fn a_change_moves_only_the_cuts_near_it() {
        let files = |changed: u64| {
            (0..4000).map(move |n| (format!("d{}/f{n}.py", n / 100), if n == 500 { changed } else { 20_000 }))
        };
        let (before, after) = (items(files(20_000)), items(files(900_000)));
        let starts = |items: &[Item]| -> Vec<String> {
            cut(items, 1).iter().filter_map(|f| f.first()).map(|i| i.path.to_string()).collect()
        };
        let (before, after) = (starts(&before), starts(&after));
        assert!(before.len() > 10, "{before:?}");
        let moved = after.iter().filter(|start| !before.contains(start)).count();
        assert!(moved <= 4, "{moved} of {}", after.len());
    }

    #[test]
    fn every_item_is_in_one_frame_and_large_files_have_their_own() {
        let all = items([("a".to_owned(), 1), ("b".to_owned(), 50 << 20), ("c".to_owned(), 1), ("d".to_owned(), 1)]);
        let frames = cut(&all, 1);
        assert_eq!(frames.iter().map(|f| f.len()).collect::<Vec<_>>(), [1, 1, 2]);
        assert_eq!(cut(&items([("a".to_owned(), 9 << 20), ("b".to_owned(), 9 << 20)]), 4).len(), 1);
        assert!(cut(&[], 1).is_empty());
    }
}
