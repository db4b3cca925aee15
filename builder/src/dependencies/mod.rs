//! Installs what a bundle runs: the third-party packages and the app itself, each into a tree of its own, for the
//! target, from any host.
//!
//! 1. [`resolve()`] turns the project's list into pinned, hashed requirements.
//! 2. uv installs them as wheels for the target; [`application`] does it for the app's own code.
//! 3. [`tidy`] takes out whatever depends on this machine, so that the same inputs give the same bytes, and [`commands`]
//!    makes the commands of packages start the bundle's Python.
//!
//! A tree is a `site-packages`: its files belong there, except for those in [`crate::platform::PREFIX`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::normalised;
use crate::context::BuildContext;
use crate::host::digest;
use crate::runtime::Runtime;

use commands::Starters;
use installer::Installer;
use prefix::Layout;

mod added_data;
mod application;
mod commands;
mod completeness;
mod describe;
mod dist_info;
pub(crate) mod imports;
mod installer;
mod other_locks;
mod own_directory;
mod package_tests;
mod poetry;
mod prefix;
mod programs;
mod record_hash;
mod resolve;
mod resolved;
mod source_tree;
mod tidy;
mod uv_lock;
mod wheel;
mod wheel_metadata;
mod wheel_tag;

pub use application::{Installed, OwnWheel, application, own_wheel};
pub use completeness::check as check_completeness;
pub use describe::Describer;
pub use dist_info::Distribution;
pub(crate) use dist_info::{joined, path_in_record};
pub use own_directory::NAME as OWN_DIRECTORY;
pub use resolved::Resolved;
pub use tidy::record_bytecode;

/// Changes when the same inputs are to give another tree.
const RECIPE: u32 = 4;

/// The kind of cache entry that says which tests were left out of a tree.
const LEFT_OUT_TESTS: &str = "left-out-tests";

/// An installed tree.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The directory whose content goes into `site-packages`. It belongs to the cache: read only.
    pub site_packages: PathBuf,
    /// A digest: of what the tree was made from (dependencies) or of its content (application).
    pub key: String,
    /// What is in it, by name.
    pub distributions: Vec<Distribution>,
    /// The directory in it that the app's modules are in, if it is not the top: then they come before all others.
    pub modules: &'static str,
}

impl Tree {
    /// Where the app's modules are.
    pub fn modules(&self) -> PathBuf {
        self.site_packages.join(self.modules)
    }

    /// The version of the distribution with this name, however it is spelled, if it is here.
    pub fn version_of(&self, name: &str) -> Option<&str> {
        let name = normalised(name);
        self.distributions.iter().find(|d| d.name == name).map(|d| d.version.as_str())
    }
}

/// Finds out what is to be installed: once for both trees.
///
/// # Errors
/// When the list can't be resolved.
pub fn resolve(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Resolved> {
    let _step = context.report.step("resolving dependencies");
    resolve::resolve(context, runtime)
        .with_context(|| format!("could not resolve the dependencies for {}", context.target))
}

/// Installs the third-party packages.
///
/// # Errors
/// When one has no wheel for the target, or the index serves something else than was listed. Nothing is left in the
/// cache then.
pub fn install(context: BuildContext<'_>, runtime: &Runtime, resolved: &Resolved) -> anyhow::Result<Tree> {
    let tests = context.project.dependency_tests;
    let starters = Starters::for_target(context);
    let platform = Installer::for_project(context, runtime).platform().join(" ");
    let (list, has_starters) = (resolved.identity(), starters.is_some());
    let recipe = format!("{RECIPE}\n{platform}\n{list}\n{tests}\n{has_starters}");
    let key = digest::of_bytes(recipe.as_bytes());
    let site_packages = context.cache.directory("dependencies", &key, |directory| {
        let _step = context.report.step("installing dependencies");
        resolved
            .install(context, runtime, directory)
            .with_context(|| format!("could not install the dependencies for {}", context.target))?;
        finish(context, runtime, starters.as_ref(), directory)?;
        if tests {
            return Ok(());
        }
        let left_out = tidy::drop_tests(directory, context.report)?;
        context.cache.write(LEFT_OUT_TESTS, &key, &serde_json::to_vec(&left_out)?)?;
        Ok(())
    })?;
    let distributions = dist_info::distributions(&site_packages)?;
    Ok(Tree { site_packages, key, distributions, modules: "" })
}

/// Of which packages in the tree the tests were left out, and how many files that were.
pub fn left_out_tests(context: BuildContext<'_>, dependencies: &Tree) -> BTreeMap<String, usize> {
    // Nothing but a line of the summary depends on it.
    let noted = fs::read(context.cache.entry(LEFT_OUT_TESTS, &dependencies.key)).unwrap_or_default();
    serde_json::from_slice(&noted).unwrap_or_default()
}

/// After uv: takes out what depends on this machine, and refuses what does not run on the target.
fn finish(
    context: BuildContext<'_>,
    runtime: &Runtime,
    starters: Option<&Starters>,
    directory: &Path,
) -> anyhow::Result<()> {
    let could_not = || format!("could not tidy up `{}`", directory.display());
    tidy::tidy(directory).with_context(could_not)?;
    let layout = Layout::new(context.target.platform(), &runtime.version);
    commands::relocate(directory, context.target.platform(), layout, starters).with_context(could_not)?;
    wheel_tag::check(directory, context.target, &runtime.version.to_string(), context.report)
}

#[cfg(test)]
mod tests;
