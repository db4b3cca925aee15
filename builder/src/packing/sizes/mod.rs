//! What takes the space in a bundle: every file with its layer, its distribution, its kind, and its part of the bundle's
//! bytes.
//!
//! Files are compressed together, a frame at a time, so no file has a compressed size of its own. Each frame is therefore
//! compressed a second time, quickly, entry by entry with a look at how far the output has come after each; the frame's
//! stored bytes are shared out in these proportions. What a file shares with one before it in its frame (`x.py` with
//! `x.pyc`, one module's strings with the next one's) counts for the first of them; and machine
//! code counts a few per cent too much, as its filter is undone here. All parts together are the file's length, to the byte.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;

use anyhow::Context as _;
use bundle::index::{EntryKind, Index};
use bundle::{Bundle, frame};
use serde::Serialize;

mod kind;
pub(crate) mod owner;
mod page;
mod share;
mod table;

pub use kind::Kind;
pub use page::page;
pub use table::text;

/// Where all bytes of a bundle are.
#[derive(Debug, Serialize)]
pub struct Sizes {
    /// The whole file.
    pub total: u64,
    /// What is no layer: the launcher, the index, …
    pub parts: Vec<Part>,
    /// Every file and link of every layer, in the bundle's order.
    pub files: Vec<SizedFile>,
}

/// A part of a bundle that holds no files.
#[derive(Debug, Serialize)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Its bytes in the bundle.
    pub size: u64,
}

/// A file in a bundle.
#[derive(Debug, Serialize)]
pub struct SizedFile {
    /// Below the version dir.
    pub path: String,
    /// The layer it is in.
    pub layer: String,
    /// The distribution it came with (`rich 14.0.0`), or what else it belongs to (`standard library`).
    pub owner: String,
    /// What is in it.
    pub kind: Kind,
    /// Its part of the bundle's bytes.
    pub size: u64,
    /// Its length once it is extracted.
    pub uncompressed_size: u64,
}

/// A sum over some files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// What they have in common.
    pub name: String,
    /// Their part of the bundle's bytes.
    pub size: u64,
    /// Their lengths once they are extracted.
    pub uncompressed_size: u64,
    /// How many they are.
    pub files: u64,
}

/// Measures a bundle. Reads and decodes all of it.
///
/// # Errors
/// When the bundle is damaged.
pub fn measure(bundle: &Bundle<File>, index: &Index) -> anyhow::Result<Sizes> {
    let (mut files, mut record_files) = (Vec::new(), Vec::new());
    let layer_of = index.layers.iter().flat_map(|layer| layer.frames.iter().map(move |_| &layer.name));
    let (mut stored, mut content) = (Vec::new(), Vec::new());
    for (placed, layer) in index.frames().zip(layer_of) {
        let placed = placed.context("the index is nonsense")?;
        bundle.frame(placed, &mut stored)?;
        let mut output = share::Output::new()?;
        let (mut found, mut weights) = (Vec::new(), Vec::new());
        frame::unpack(&stored, placed.frame, |entry, reader| {
            content.clear();
            reader.read_to_end(&mut content)?;
            output.write_all(entry.path.as_str().as_bytes())?;
            output.write_all(&content)?;
            weights.push(output.grown()?);
            if owner::is_record(entry.path.as_str()) {
                record_files.push((entry.path.as_str().to_owned(), String::from_utf8_lossy(&content).into_owned()));
            }
            found.push(SizedFile {
                path: entry.path.as_str().to_owned(),
                layer: layer.clone(),
                owner: String::new(),
                kind: match entry.kind {
                    EntryKind::Symlink { .. } => Kind::Link,
                    EntryKind::Directory => Kind::Directory,
                    EntryKind::File { .. } => Kind::of(entry.path.as_str(), &content),
                },
                size: 0,
                uncompressed_size: content.len() as u64,
            });
            Ok(())
        })?;
        for (file, size) in found.iter_mut().zip(share::out(placed.frame.len, &weights)) {
            file.size = size;
        }
        files.append(&mut found);
    }
    let owners = owner::Owners::new(&record_files, &bundle.record().app.name);
    for file in &mut files {
        file.owner = owners.of(&file.layer, &file.path);
    }
    let (total, footer) = (bundle.file_len()?, bundle.footer());
    let parts = vec![
        Part { name: "launcher", size: bundle.payload_start() },
        Part { name: "index", size: footer.index_len },
        Part { name: "launch record and footer", size: footer.payload_len - footer.index_offset - footer.index_len },
        Part { name: "signature", size: total - bundle.payload_start() - footer.payload_len },
    ];
    Ok(Sizes { total, parts: parts.into_iter().filter(|part| part.size > 0).collect(), files })
}

impl Sizes {
    /// Sums over files that have `name` in common, the largest first.
    pub fn by(&self, name: impl Fn(&SizedFile) -> &str) -> Vec<Sum> {
        let mut sums = BTreeMap::<String, Sum>::new();
        for file in &self.files {
            let name = name(file).to_owned();
            let sum = sums.entry(name.clone()).or_insert_with(|| Sum { name, ..Sum::default() });
            sum.size += file.size;
            sum.uncompressed_size += file.uncompressed_size;
            sum.files += u64::from(file.kind != Kind::Directory);
        }
        let mut sums: Vec<Sum> = sums.into_values().collect();
        sums.sort_by_key(|sum| std::cmp::Reverse(sum.size));
        sums
    }

    /// The largest files, the largest first.
    pub fn largest(&self, many: usize) -> Vec<&SizedFile> {
        let mut files: Vec<&SizedFile> = self.files.iter().collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.size));
        files.truncate(many);
        files
    }
}
