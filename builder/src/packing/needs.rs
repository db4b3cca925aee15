//! What the programs and libraries of a bundle need of the system that they run on.

use std::collections::{BTreeMap, HashSet};
use std::fs;

use bundle::frame::Item;
use bundle::index::EntryKind;
use serde::{Deserialize, Serialize};

use super::stage::StagedLayer;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::platform::Glibc;
use crate::runtime::elf;

/// Changes when the same layer is described in another way.
const RECIPE: &str = "needs 1";

/// What a bundle needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// The oldest glibc that everything runs with, and a file that asks for it.
    pub glibc: Option<(Glibc, String)>,
    /// Libraries that are neither in the bundle nor part of every system, each with a file that asks for it.
    pub libraries: BTreeMap<String, String>,
}

/// What one file asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Asked {
    path: String,
    needed: Vec<String>,
    glibc: Option<Glibc>,
}

impl Needs {
    /// Of these layers.
    ///
    /// # Errors
    /// Those of reading their files.
    pub fn of(layers: &[StagedLayer], cache: &Cache) -> anyhow::Result<Self> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let here: HashSet<String> = layers.iter().flat_map(|l| &l.items).map(|item| name(item.path.as_str())).collect();
        let mut needs = Self::default();
        for layer in layers {
            for asked in asked_by(layer, cache)? {
                if let Some(glibc) = asked.glibc
                    && needs.glibc.as_ref().is_none_or(|(known, _)| *known < glibc)
                {
                    needs.glibc = Some((glibc, asked.path.clone()));
                }
                for library in asked.needed {
                    if !here.contains(&library) && !elf::is_on_every_system(&library) {
                        needs.libraries.entry(library).or_insert_with(|| asked.path.clone());
                    }
                }
            }
        }
        Ok(needs)
    }
}

/// What the files of a layer ask for. Kept in the cache: it may mean reading gigabytes.
fn asked_by(layer: &StagedLayer, cache: &Cache) -> anyhow::Result<Vec<Asked>> {
    let key = digest::of_facts([RECIPE, &layer.key]);
    if let Ok(known) = fs::read(cache.entry("needs", &key))
        && let Ok(asked) = serde_json::from_slice(&known)
    {
        return Ok(asked);
    }
    let mut all = Vec::new();
    for item in layer.items.iter().filter(|item| may_be_code(item)) {
        if let Some(linkage) = elf::linkage(&item.source)? {
            let path = item.path.as_str().to_owned();
            all.push(Asked { path, needed: linkage.needed, glibc: linkage.glibc });
        }
    }
    cache.write("needs", &key, &serde_json::to_vec(&all)?)?;
    Ok(all)
}

/// Whether it may be a program or a library. Other files are not opened to find out.
fn may_be_code(item: &Item) -> bool {
    let name = item.path.as_str().rsplit('/').next().unwrap_or_default();
    matches!(item.kind, EntryKind::File { executable, .. } if executable || name.ends_with(".so") || name.contains(".so."))
}
