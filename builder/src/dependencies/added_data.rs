//! Files that the command line adds to the app.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use walkdir::WalkDir;

use crate::config::AddedData;

/// Copies a file, or the contents of a directory, into the tree. Links are followed.
pub(super) fn copy(data: &AddedData, tree: &Path) -> anyhow::Result<()> {
    let could_not = || format!("could not copy `{}`", data.from.display());
    let to = tree.join(&data.to);
    if data.from.is_file() {
        fs::create_dir_all(&to).with_context(could_not)?;
        fs::copy(&data.from, to.join(data.from.file_name().unwrap_or_default())).with_context(could_not)?;
        return Ok(());
    }
    for entry in WalkDir::new(&data.from).follow_links(true) {
        let entry = entry.with_context(could_not)?;
        let place = to.join(entry.path().strip_prefix(&data.from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(place).with_context(could_not)?;
        } else {
            fs::copy(entry.path(), place).with_context(could_not)?;
        }
    }
    Ok(())
}
