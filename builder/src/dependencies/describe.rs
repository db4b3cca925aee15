//! Asks a project's build system what the project is, by building its wheel.

use std::cell::{OnceCell, RefCell};
use std::path::Path;

use super::{installer, poetry, wheel, wheel_metadata};
use crate::cache::Cache;
use crate::config::{Describe, Described, Metadata};
use crate::failure::Failure;
use crate::report::Report;
use crate::scratch::Scratch;
use crate::uv::Uv;

/// Builds wheels to read their metadata. The wheels are gone when it is dropped.
#[derive(Debug)]
pub struct Describer<'a> {
    cache: &'a Cache,
    report: &'a Report,
    uv: OnceCell<Uv>,
    /// What was built.
    scratch: RefCell<Vec<Scratch>>,
}

impl<'a> Describer<'a> {
    /// One that has built nothing yet, and looked for no uv.
    pub fn new(cache: &'a Cache, report: &'a Report) -> Self {
        Self { cache, report, uv: OnceCell::new(), scratch: RefCell::default() }
    }

    /// The uv, which is looked for once.
    ///
    /// # Errors
    /// When there is none.
    pub fn uv(&self) -> anyhow::Result<&Uv> {
        if let Some(uv) = self.uv.get() {
            return Ok(uv);
        }
        let found = Uv::find(self.cache, self.report)?;
        Ok(self.uv.get_or_init(|| found))
    }
}

impl Describe for Describer<'_> {
    fn project(&self, root: &Path) -> anyhow::Result<Described> {
        let uv = self.uv()?;
        let _step = self.report.step("building the app");
        let scratch = self.cache.scratch()?;
        let command = |words: &[&str]| installer::command(uv, root, words);
        let built = wheel::build(command, root, &scratch.path().join("app"), self.report)?;
        let metadata = wheel::information(&built, "METADATA")?.unwrap_or_default();
        let entry_points = wheel::information(&built, "entry_points.txt")?.unwrap_or_default();
        let metadata = wheel_metadata::read(&metadata, &entry_points);
        if metadata.name.is_empty() {
            return Err(Failure::new(format!("the build system of `{}` gives the project no name", root.display()))
                .help("name the project in pyproject.toml (`[project]`), setup.cfg or setup.py")
                .into());
        }
        self.scratch.borrow_mut().push(scratch);
        Ok(Described { metadata, wheel: wheel::is_universal(&built).then_some(built) })
    }

    fn poetry(&self, root: &Path) -> anyhow::Result<Metadata> {
        let uv = self.uv()?;
        let _step = self.report.step("reading [tool.poetry]");
        poetry::metadata(uv, root, self.report)
    }
}
