//! Asks a project's build system what the project is, by building its wheel, and a package index what a package is, by
//! installing it.

use std::cell::{OnceCell, RefCell};
use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

use anyhow::Context as _;

use super::installer::{self, Installer, SourceBuilds};
use super::{dist_info, poetry, programs, wheel, wheel_metadata};
use crate::config::{Describe, Described, KeptSources, Metadata, Package, Wanted};
use crate::context::Tools;
use crate::host::cache::Cache;
use crate::host::scratch::Scratch;
use crate::host::uv::Uv;
use crate::platform::{PREFIX, Target};
use crate::report::Report;
use crate::report::failure::Failure;
use crate::runtime::{self, Runtime, RuntimeLocation, RuntimeRequest, StdlibSources};

/// Builds wheels to read their metadata. The wheels are gone when it is dropped.
#[derive(Debug)]
pub struct Describer<'a> {
    cache: &'a Cache,
    report: &'a Report,
    uv: OnceCell<Uv>,
    /// The one that was prepared, and for what.
    runtime: OnceCell<(RuntimeRequest, Runtime)>,
    /// What was built.
    scratch: RefCell<Vec<Scratch>>,
}

impl<'a> Describer<'a> {
    /// One that has built nothing yet, and looked for no uv.
    pub fn new(cache: &'a Cache, report: &'a Report) -> Self {
        Self { cache, report, uv: OnceCell::new(), runtime: OnceCell::new(), scratch: RefCell::default() }
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

    fn tools(&self) -> anyhow::Result<Tools<'_>> {
        Ok(Tools { cache: self.cache, uv: self.uv()?, report: self.report })
    }

    /// The runtime, which is prepared and reported once.
    ///
    /// # Errors
    /// When it is not available.
    pub fn runtime(&self, request: &RuntimeRequest) -> anyhow::Result<Runtime> {
        if let Some((_, runtime)) = self.runtime.get().filter(|(known, _)| known == request) {
            return Ok(runtime.clone());
        }
        let runtime = runtime::prepare(request, self.tools()?)?;
        // An earlier one may be for another request. The newest is remembered.
        drop(self.runtime.set((request.clone(), runtime.clone())));
        Ok(runtime)
    }
}

fn could_not(package: &Package, target: Target) -> String {
    let requirement = &package.requirement;
    if package.from_index && !requirement.contains(['=', '<', '>', '[', ' ']) {
        // It may have been meant as a path.
        format!("there is no file `{requirement}`, and no such package could be installed for {target}")
    } else {
        format!("could not install `{requirement}` for {target}")
    }
}

/// The metadata of the one package in an installed tree, which has a directory of commands.
fn read_installed(tree: &Path, commands: &str) -> anyhow::Result<Metadata> {
    let text = |file: &Path| match fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(e).with_context(|| format!("could not read `{}`", file.display())),
    };
    let directory = dist_info::directories(tree)?.into_iter().next().context("nothing was installed")?;
    let mut metadata =
        wheel_metadata::read(&text(&directory.join("METADATA"))?, &text(&directory.join("entry_points.txt"))?);
    let entry_points: Vec<_> = metadata.scripts.keys().chain(metadata.gui_scripts.keys()).collect();
    metadata.programs = programs::installed(&tree.join(PREFIX).join(commands), &entry_points)?;
    Ok(metadata)
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
        let mut metadata = wheel_metadata::read(&metadata, &entry_points);
        metadata.programs = wheel::programs(&built)?;
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

    fn package(&self, wanted: Wanted<'_>) -> anyhow::Result<Metadata> {
        let target = wanted.target.map_or_else(Target::host, Ok)?;
        let request = RuntimeRequest {
            target,
            python: wanted.python.map(str::to_owned),
            requires_python: None,
            location: RuntimeLocation::from_setting(wanted.runtime),
            stdlib_sources: StdlibSources::from_setting(KeptSources::default()),
        };
        let runtime = self.runtime(&request)?;
        let requirement = &wanted.package.requirement;
        let _step = self.report.step(format!("looking for {requirement}"));
        let scratch = self.cache.scratch()?;
        let installer = Installer::new(self.tools()?, scratch.path(), target, &runtime);
        let tree = scratch.path().join("tree");
        let sources = if wanted.package.from_index { installer.sources() } else { SourceBuilds::Built };
        let arguments = ["--no-deps", "--", requirement].map(OsString::from);
        installer.install_into(&tree, &arguments, sources).with_context(|| could_not(wanted.package, target))?;
        read_installed(&tree, target.platform().commands())
    }
}
