//! Facts that no file of a project states: its build system or the package index has to be asked.

use std::path::{Path, PathBuf};

use super::{Metadata, Package, RuntimeSetting};
use crate::platform::Target;

/// Asks build systems and package indexes. The configuration is read without them wherever it can be.
pub trait Describe {
    /// Builds the wheel of the project in `root` and reads its metadata.
    ///
    /// # Errors
    /// When the wheel can't be built.
    fn project(&self, root: &Path) -> anyhow::Result<Described>;

    /// Asks Poetry about the project in `root`, of which no wheel can be built. A project without a name has an empty one.
    ///
    /// # Errors
    /// When Poetry does not accept it.
    fn poetry(&self, root: &Path) -> anyhow::Result<Metadata>;

    /// Installs a package alone, without what it requires, and reads its metadata.
    ///
    /// # Errors
    /// When there is no such package for the target and the Python.
    fn package(&self, wanted: Wanted<'_>) -> anyhow::Result<Metadata>;
}

/// A package, and what it is to run on: what decides which version is installed.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The package.
    pub package: &'a Package,
    /// The target; `None` means this machine's.
    pub target: Option<Target>,
    /// The Python asked for.
    pub python: Option<&'a str>,
    /// A CPython of the user's own choice.
    pub runtime: Option<&'a RuntimeSetting>,
}

/// What a wheel says about itself.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// Name, version, `Requires-Dist` and entry points.
    pub metadata: Metadata,
    /// The wheel, if it runs with any Python on any system: it need not be built again.
    pub wheel: Option<PathBuf>,
}
