//! What every step of a build gets: its input and its tools.

use crate::config::Project;
use crate::host::cache::Cache;
use crate::host::uv::Uv;
use crate::platform::Target;
use crate::report::Report;

/// The tools of steps that know no project.
#[derive(Debug, Clone, Copy)]
pub struct Tools<'a> {
    /// Files that can be made again.
    pub cache: &'a Cache,
    /// The uv that resolves and installs.
    pub uv: &'a Uv,
    /// Tells people what is done.
    pub report: &'a Report,
}

/// One build.
#[derive(Debug, Clone, Copy)]
pub struct BuildContext<'a> {
    /// What is built.
    pub project: &'a Project,
    /// What the bundle is for.
    pub target: Target,
    /// As in [`Tools`].
    pub cache: &'a Cache,
    /// As in [`Tools`].
    pub uv: &'a Uv,
    /// As in [`Tools`].
    pub report: &'a Report,
}

impl<'a> BuildContext<'a> {
    /// Its tools.
    pub fn tools(&self) -> Tools<'a> {
        Tools { cache: self.cache, uv: self.uv, report: self.report }
    }
}
