//! What no file of a project says: its build system has to be asked, or the package index.

use std::path::{Path, PathBuf};

use super::Metadata;

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
}

/// What a wheel says about itself.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// Name, version, `Requires-Dist` and entry points.
    pub metadata: Metadata,
    /// The wheel, if it runs with any Python on any system: it need not be built again.
    pub wheel: Option<PathBuf>,
}
