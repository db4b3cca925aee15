//! A trial: the entry point is imported from exactly what stays.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use bundle::index::EntryKind;

use crate::context::BuildContext;
use crate::host::system;
use crate::packing::check;
use crate::packing::stage::{Parts, StagedLayer};

/// Lays out the layers' files as a version dir, by hard links where possible, and imports the entry point there.
/// The directory is removed afterwards.
///
/// # Errors
/// When it can't be imported, with the key that keeps what is missing.
pub fn trial(layers: &[StagedLayer], context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<()> {
    let scratch = context.cache.scratch()?;
    let tree = scratch.path();
    lay_out(layers, tree).context("could not lay out what `minimal` keeps")?;
    check::reduced_entry_points(context.project, &parts.runtime, parts.application.modules, tree)
}

fn lay_out(layers: &[StagedLayer], tree: &Path) -> anyhow::Result<()> {
    for item in layers.iter().flat_map(|layer| &layer.items) {
        let to = tree.join(item.path.as_str());
        let above = to.parent().unwrap_or(tree);
        fs::create_dir_all(above)?;
        match &item.kind {
            EntryKind::Directory => fs::create_dir_all(&to)?,
            EntryKind::Symlink { target } => system::symlink(target, &to)?,
            EntryKind::File { .. } => {
                if fs::hard_link(&item.source, &to).is_err() {
                    fs::copy(&item.source, &to)?;
                }
            }
        }
    }
    Ok(())
}
