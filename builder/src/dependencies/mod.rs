//! Installs what a bundle runs: the third-party packages and the app itself, each into a tree of its own, for the
//! target, from any host.
//!
//! 1. [`resolve()`] turns the project's list into pinned, hashed requirements.
//! 2. uv installs them with `--target`, as wheels for the target; [`application`] does it for the app's own code.
//! 3. [`tidy`] takes out whatever depends on this machine, so that the same inputs give the same bytes.
//!
//! A tree is a `site-packages`: its files belong there and nowhere else.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::{Project, Sources, normalised};
use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::uv::Uv;
use crate::platform::Target;
use crate::report::Report;

mod added_data;
mod application;
mod completeness;
mod describe;
mod dist_info;
mod installer;
mod other_locks;
mod package_tests;
mod poetry;
mod programs;
mod record_hash;
mod resolve;
mod source_tree;
mod tidy;
mod uv_lock;
mod wheel;
mod wheel_metadata;
mod wheel_tag;

pub use application::{OwnWheel, application, own_wheel};
pub use completeness::check as check_completeness;
pub use describe::Describer;
pub use dist_info::Distribution;
pub(crate) use dist_info::path_in_record;
pub use resolve::Resolved;
pub use tidy::record_bytecode;

use installer::Installer;

/// Changes when the same inputs are to give another tree.
const RECIPE: u32 = 2;

/// An installed tree.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The directory whose content goes into `site-packages`. It belongs to the cache: read only.
    pub site_packages: PathBuf,
    /// A digest: of what the tree was made from (dependencies) or of its content (application).
    pub key: String,
    /// What is in it, by name.
    pub distributions: Vec<Distribution>,
}

impl Tree {
    /// The version of the distribution with this name, however it is spelled, if it is here.
    pub fn version_of(&self, name: &str) -> Option<&str> {
        let name = normalised(name);
        self.distributions.iter().find(|d| d.name == name).map(|d| d.version.as_str())
    }
}

/// What an installation is made from and made with.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The project.
    pub project: &'a Project,
    /// What the bundle is for.
    pub target: Target,
    /// The exact Python of the bundle: `3.13.2`.
    pub python_version: &'a str,
    /// A Python of the same minor version that runs on this machine, if there is one. With it, and when the target
    /// is this machine's, packages without a wheel are built.
    pub interpreter: Option<&'a Path>,
    /// The uv that does it.
    pub uv: &'a Uv,
    /// Where trees are kept.
    pub cache: &'a Cache,
    /// Where to talk to.
    pub report: &'a Report,
}

/// Finds out what is to be installed: once for both trees.
///
/// # Errors
/// When the list can't be resolved.
pub fn resolve(inputs: Inputs<'_>) -> anyhow::Result<Resolved> {
    let _step = inputs.report.step("resolving dependencies");
    resolve::resolve(inputs).with_context(|| format!("could not resolve the dependencies for {}", inputs.target))
}

/// Installs the third-party packages.
///
/// # Errors
/// When one has no wheel for the target, or the index serves something else than was listed. Nothing is left in the
/// cache then.
pub fn install(inputs: Inputs<'_>, resolved: &Resolved) -> anyhow::Result<Tree> {
    let tests = inputs.project.dependency_tests;
    let (version, program) = (inputs.python_version, inputs.project.program().unwrap_or_default());
    let recipe = format!("{RECIPE}\n{}\n{version}\n{}\n{tests}\n{program}", inputs.target, resolved.identity());
    let key = digest::of_bytes(recipe.as_bytes());
    let site_packages = inputs.cache.directory("dependencies", &key, |directory| {
        let _step = inputs.report.step("installing dependencies");
        resolved
            .install(inputs, directory)
            .with_context(|| format!("could not install the dependencies for {}", inputs.target))?;
        finish(inputs, directory)?;
        if tests { Ok(()) } else { tidy::drop_tests(directory, inputs.report) }
    })?;
    let distributions = dist_info::distributions(&site_packages)?;
    Ok(Tree { site_packages, key, distributions })
}

/// After uv: takes out what depends on this machine, and refuses what does not run on the target.
fn finish(inputs: Inputs<'_>, directory: &Path) -> anyhow::Result<()> {
    tidy::tidy(directory, inputs.project.program())
        .with_context(|| format!("could not tidy up `{}`", directory.display()))?;
    wheel_tag::check(directory, inputs.target, inputs.python_version, inputs.report)
}

impl<'a> Inputs<'a> {
    /// Whether a package is built, and no project.
    fn is_package(&self) -> bool {
        self.project.sources == Sources::Package
    }

    /// uv in the project's directory, for the target.
    fn installer(&self) -> Installer<'a> {
        Installer {
            uv: self.uv,
            // A package has no settings of uv's: those of a project that happens to be here are not about it.
            directory: if self.is_package() { self.cache.root() } else { &self.project.root },
            target: self.target,
            python_version: self.python_version,
            interpreter: self.interpreter,
            report: self.report,
        }
    }
}

#[cfg(test)]
mod tests;
