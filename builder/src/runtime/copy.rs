//! Copies an installation that must stay as it is: which files, to which places, and what names them in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::Context;
use walkdir::WalkDir;

use super::detect::Installation;
use super::trim;
use crate::host::digest;
use crate::host::files;
use crate::platform::Platform;

/// Files to copy, without the ballast.
#[derive(Debug, Clone)]
pub(super) struct CopyPlan {
    platform: &'static dyn Platform,
    /// From where, and where to below the tree.
    files: Vec<(PathBuf, String)>,
    /// Links that lead out of the directory that they are in, below it.
    outward: Vec<PathBuf>,
}

impl CopyPlan {
    /// Nothing yet.
    pub(super) fn new(platform: &'static dyn Platform) -> Self {
        Self { platform, files: Vec::new(), outward: Vec::new() }
    }

    /// A whole installation.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn from_installation(installation: &Installation) -> anyhow::Result<Self> {
        let mut plan = Self::new(installation.platform);
        plan.directory(&installation.root, "")?;
        Ok(plan)
    }

    /// One more file.
    pub(super) fn file(&mut self, from: PathBuf, to: String) {
        self.files.push((from, to));
    }

    /// The links whose content is copied from outside of the installation.
    pub(super) fn outward(&self) -> &[PathBuf] {
        &self.outward
    }

    /// One more directory with all below it. Links are followed, as what they name may not be in the copy: the copy holds
    /// files and directories alone, so nothing is ever written through a link.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn directory(&mut self, from: &Path, to: &str) -> anyhow::Result<()> {
        let platform = self.platform;
        let place = |path: &Path| {
            let below = trim::relative(from, path)?;
            Some(if to.is_empty() { below } else { format!("{to}/{below}") })
        };
        let wanted = |path: &Path| path == from || place(path).is_some_and(|p| !trim::is_ballast(&p, platform));
        let walk = WalkDir::new(from).follow_links(true).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| wanted(entry.path())) {
            let entry = match entry {
                // A link to nowhere, or to a directory above it, is nothing that could be imported.
                Err(e) if e.loop_ancestor().is_some() || e.path().is_some_and(Path::is_symlink) => continue,
                result => result.with_context(|| format!("could not read `{}`", from.display()))?,
            };
            if entry.path_is_symlink() && leads_out(from, entry.path()) {
                self.outward.extend(entry.path().strip_prefix(from).ok().map(Path::to_owned));
            }
            if entry.file_type().is_file()
                && let Some(to) = place(entry.path())
            {
                self.files.push((entry.into_path(), to));
            }
        }
        Ok(())
    }

    /// Names the state of all these files, by path, size and time.
    ///
    /// # Errors
    /// When one of them has gone.
    pub(super) fn digest(&self) -> anyhow::Result<String> {
        let mut facts = Vec::new();
        for (from, to) in &self.files {
            let metadata = fs::metadata(from).with_context(|| format!("could not read `{}`", from.display()))?;
            let time = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            facts.push(format!("{}\0{to}\0{}\0{time}", from.display(), metadata.len()));
        }
        Ok(digest::of_facts(facts.iter().map(String::as_str)))
    }

    /// Copies everything below `tree`.
    ///
    /// # Errors
    /// Those of the file system; a part is there then.
    pub(super) fn carry_out(&self, tree: &Path) -> anyhow::Result<()> {
        for (from, to) in &self.files {
            let to = tree.join(to);
            let copy = || -> std::io::Result<u64> {
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::copy(from, &to)
            };
            copy().with_context(|| format!("could not copy `{}` to `{}`", from.display(), to.display()))?;
        }
        Ok(())
    }
}

/// Whether what is behind a link lies outside of a directory.
fn leads_out(directory: &Path, link: &Path) -> bool {
    match (files::real_path(directory), files::real_path(link)) {
        (Ok(directory), Ok(behind)) => !behind.starts_with(directory),
        _ => false,
    }
}
