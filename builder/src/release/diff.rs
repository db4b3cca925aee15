//! What changes between two bundles: files, distributions, Python; and what an update from one to the other transfers.

use std::collections::{BTreeMap, BTreeSet};

use bundle::digest::Digest;
use bundle::frame;
use bundle::index::{EntryKind, Frame, Index};
use bundle::source::Source as _;
use bundle::{Bundle, LaunchRecord};
use release::channel::BLOCK;

use super::file;

/// What has changed.
#[derive(Debug, Default)]
pub struct Diff {
    /// Files that are new, gone, or have another content.
    pub added: Vec<String>,
    /// Gone.
    pub removed: Vec<String>,
    /// With another content.
    pub changed: Vec<String>,
    /// Distributions by name, with the version before and after.
    pub distributions: BTreeMap<String, (Option<String>, Option<String>)>,
    /// What an update transfers, in bytes: metadata apart.
    pub transfer: u64,
    /// Of how many bytes.
    pub len: u64,
}

/// Compares two bundles.
///
/// # Errors
/// When one of them can't be read.
pub fn diff(old: &Bundle, new: &Bundle) -> anyhow::Result<Diff> {
    let (old_index, new_index) = (old.index()?, new.index()?);
    let (before, after) = (contents(old, &old_index, &new_index)?, contents(new, &new_index, &old_index)?);
    let mut diff =
        Diff { len: new.file_len()?, transfer: transfer(old, new, &old_index, &new_index)?, ..Diff::default() };
    for (path, content) in &after {
        match before.get(path) {
            None => diff.added.push(path.clone()),
            Some(other) if other != content => diff.changed.push(path.clone()),
            Some(_) => {}
        }
    }
    diff.removed.extend(before.keys().filter(|path| !after.contains_key(*path)).cloned());
    let (before, after) = (distributions(&old_index), distributions(&new_index));
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (before.get(name).cloned(), after.get(name).cloned());
        if old != new {
            diff.distributions.insert(name.clone(), (old, new));
        }
    }
    Ok(diff)
}

/// Whether an update leads from one to the other.
pub fn is_update(old: &LaunchRecord, new: &LaunchRecord) -> bool {
    old.app.id == new.app.id && old.target == new.target
}

/// What each file is. Files in frames that both bundles have are the same, and are not looked at.
fn contents(bundle: &Bundle, index: &Index, other: &Index) -> anyhow::Result<BTreeMap<String, String>> {
    let shared: BTreeSet<Digest> = other.frames().flatten().map(|placed| placed.frame.sha256).collect();
    let mut found = BTreeMap::new();
    let mut stored = Vec::new();
    for placed in index.frames().flatten() {
        if shared.contains(&placed.frame.sha256) {
            let frame = placed.frame;
            found.extend(frame.entries.iter().map(|entry| (entry.path.to_string(), format!("in {}", frame.sha256))));
            continue;
        }
        bundle.frame(placed, &mut stored)?;
        frame::unpack(&stored, placed.frame, |entry, content| {
            let what = match &entry.kind {
                EntryKind::File { executable, .. } => format!("{} {executable}", Digest::of_reader(content)?),
                other => format!("{other:?}"),
            };
            found.insert(entry.path.to_string(), what);
            Ok(())
        })?;
    }
    Ok(found)
}

/// By the directories that installers leave: `numpy-2.1.0.dist-info`.
fn distributions(index: &Index) -> BTreeMap<String, String> {
    let named = |path: &str| {
        let directory = path.split('/').find_map(|part| part.strip_suffix(".dist-info"))?;
        let (name, version) = directory.rsplit_once('-')?;
        Some((name.to_owned(), version.to_owned()))
    };
    index.entries().filter_map(|entry| named(entry.path.as_str())).collect()
}

/// Blocks of the launcher, frames and the tail, as an updater fetches them.
fn transfer(old: &Bundle, new: &Bundle, old_index: &Index, new_index: &Index) -> anyhow::Result<u64> {
    let described = file::describe(new, new_index)?;
    let mut bytes = described.len - described.tail;
    let (mut start, mut at) = (0, 0);
    while start < described.payload {
        let mut block = vec![0; BLOCK.min(described.payload - start) as usize];
        if old.source().read_exact_at(&mut block, start).is_err() || !described.is_block(at, &block) {
            bytes += block.len() as u64;
        }
        start += block.len() as u64;
        at += 1;
    }
    let known: BTreeSet<Digest> = old_index.frames().flatten().map(|placed| placed.frame.sha256).collect();
    let is_fetched =
        |frame: &Frame, offset: u64| !known.contains(&frame.sha256) && described.payload + offset < described.tail;
    let frames = new_index.frames().flatten().filter(|placed| is_fetched(placed.frame, placed.offset));
    Ok(bytes + frames.map(|placed| placed.frame.len).sum::<u64>())
}
