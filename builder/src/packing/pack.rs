//! Pack: a layer becomes compressed frames, on all cores, once for each content.

use std::fs::{self, File};
use std::io::{BufReader, Read as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use bundle::Compression;
use bundle::digest::Digest;
use bundle::frame::{self, Item, PackedFrame, Position};
use bundle::index::Frame;
use bundle::layer::cut;
use bundle::writer::Writer;
use rayon::prelude::*;

use crate::host::cache::Cache;
use crate::host::digest;
use crate::packing::stage::StagedLayer;
use crate::report::Report;

/// To be raised whenever the same items would be packed to other bytes, so that no cached layer is used wrongly.
const RECIPE: &str = "2";

/// A packed layer in the cache.
#[derive(Debug)]
pub struct Packed {
    /// As in [`StagedLayer`].
    pub name: &'static str,
    directory: PathBuf,
    /// Rows of the index, in order.
    pub frames: Vec<Frame>,
}

/// What the cache calls packed layers.
const KIND: &str = "layers";
const ROWS: &str = "frames.json";
const BYTES: &str = "frames";

/// Packs a layer, or finds it packed. Deterministic: the same items with the same bytes give the same frames, whatever
/// the number of cores.
///
/// # Errors
/// When a file can't be read or changes meanwhile, or the cache can't be written.
pub fn pack(layer: &StagedLayer, how: Compression, cache: &Cache, report: &Report) -> anyhow::Result<Packed> {
    let directory = cache.directory(KIND, &key(layer, how), |directory| {
        let frames = compress(layer, how, report)?;
        let mut bytes = File::create(directory.join(BYTES))?;
        for packed in &frames {
            bytes.write_all(&packed.stored)?;
        }
        let rows: Vec<_> = frames.into_iter().map(|packed| packed.frame).collect();
        Ok(fs::write(directory.join(ROWS), serde_json::to_vec(&rows)?)?)
    })?;
    let rows = directory.join(ROWS);
    let frames = fs::read(&rows).map_err(anyhow::Error::from).and_then(|rows| Ok(serde_json::from_slice(&rows)?));
    let frames = frames.with_context(|| format!("could not read `{}` from the cache", rows.display()))?;
    Ok(Packed { name: layer.name, directory, frames })
}

/// Whether the layer is in the cache.
pub fn is_packed(layer: &StagedLayer, how: Compression, cache: &Cache) -> bool {
    cache.entry(KIND, &key(layer, how)).is_dir()
}

fn key(layer: &StagedLayer, how: Compression) -> String {
    digest::of_facts(["packed", RECIPE, &how.level().to_string(), &layer.key])
}

impl Packed {
    /// Writes the layer into a bundle. Each frame's digest is checked, so that a damaged cache makes no bundle.
    ///
    /// # Errors
    /// When the cache is damaged, or the bundle can't be written.
    pub fn write_to<W: std::io::Write>(&self, writer: &mut Writer<W>) -> anyhow::Result<()> {
        writer.layer(self.name);
        let path = self.directory.join(BYTES);
        let mut bytes = BufReader::new(File::open(&path)?);
        let mut stored = Vec::new();
        for row in &self.frames {
            stored.resize(usize::try_from(row.len)?, 0);
            bytes.read_exact(&mut stored)?;
            anyhow::ensure!(
                Digest::of(&stored) == row.sha256,
                "`{}` in the cache is damaged: delete it",
                path.display()
            );
            writer.stored_frame(row.clone(), &stored)?;
        }
        Ok(())
    }
}

fn compress(layer: &StagedLayer, how: Compression, report: &Report) -> anyhow::Result<Vec<PackedFrame>> {
    let groups = cut(&layer.items, how.scale());
    let total = layer.items.iter().map(|item| item.kind.size()).sum();
    let bar = report.bytes(format!("packing {}", layer.name), total);
    let pack = |(at, group): (usize, &&[Item])| -> anyhow::Result<PackedFrame> {
        let packed = frame::pack(group, Position::new(at, groups.len()), how.level())?;
        // Decoding is checked once for each content. Later, a digest tells that the cache still holds the same bytes.
        frame::unpack(&packed.stored, &packed.frame, |_, content| {
            std::io::copy(content, &mut std::io::sink()).map(drop)
        })?;
        bar.advance(group.iter().map(|item| item.kind.size()).sum());
        Ok(packed)
    };
    let packed = groups.par_iter().enumerate().map(pack).collect::<anyhow::Result<_>>();
    packed.with_context(|| format!("could not pack the {} layer", layer.name))
}
