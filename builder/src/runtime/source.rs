//! Where a runtime comes from, and the one way from there to a prepared tree in the cache.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::copy::CopyPlan;
use super::detect::Installation;
use super::embeddable::Embeddable;
use super::interpreters::Interpreter;
use super::managed::{Build, OutOfReach};
use super::version::Wanted;
use super::{Runtime, StdlibSources, elf, host, interpreters, isolate, normalise, smoke_test, unpack};
use crate::context::Tools;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::download;
use crate::host::files;
use crate::host::network;
use crate::platform::{Glibc, Platform, PythonVersion, Target};
use crate::report::Report;
use crate::report::failure::{Failure, Help};
use crate::report::text;
use crate::runtime::bytecode::{Compiler, SourcePolicy};

/// Changes whenever the same source is prepared in another way.
const RECIPE: &str = "5";

/// Something a runtime can be made from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Which kind, and what is needed to lay it out.
    pub(super) origin: Origin,
    /// Names its content.
    identity: String,
    /// Its version, as far as it is known before it is laid out.
    version: Option<PythonVersion>,
}

/// The kinds of source.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// python-build-standalone through uv.
    Managed(Build),
    /// The embeddable package of the package index.
    Embeddable(&'static Embeddable),
    /// An interpreter of this host.
    Host { plan: CopyPlan },
    /// A directory that the user named.
    Directory { plan: CopyPlan },
    /// An archive that the user named.
    Archive { path: PathBuf, name: String },
}

/// python-build-standalone can't be downloaded. Another source may do.
#[derive(Debug, thiserror::Error)]
#[error("could not download CPython {version}")]
pub(super) struct DownloadFailed {
    version: PythonVersion,
    source: OutOfReach,
}

impl Source {
    pub(super) fn managed(build: Build) -> Self {
        let identity = digest::of_facts(["managed", &build.key, &build.url]);
        Self { identity, version: Some(build.version), origin: Origin::Managed(build) }
    }

    pub(super) fn embeddable(package: &'static Embeddable) -> Self {
        let identity = digest::of_facts(["embeddable", package.member_sha256]);
        Self { identity, version: Some(package.version), origin: Origin::Embeddable(package) }
    }

    pub(super) fn host(interpreter: Interpreter, platform: &'static dyn Platform) -> anyhow::Result<Self> {
        let plan = host::plan(&interpreter, platform)?;
        let identity = digest::of_facts(["host", &plan.digest()?]);
        Ok(Self { identity, version: Some(interpreter.version), origin: Origin::Host { plan } })
    }

    pub(super) fn directory(path: &Path, target: Target, cache: &Cache, report: &Report) -> anyhow::Result<Self> {
        let name = format!("`{}`", path.display());
        let root = files::real_path(path).or_fail(
            format!("could not read the runtime directory {name}"),
            "give the directory of a CPython installation for the target",
        )?;
        let installation = Installation::find(&root, target, &name)?;
        // Such a prefix also holds other software.
        let shared = ["/usr", "/usr/local"].iter().any(|prefix| installation.root == Path::new(prefix));
        let interpreter = Interpreter::ask(&installation.interpreter, cache);
        let plan = match interpreter {
            Some(interpreter) if shared => host::plan(&interpreter, installation.platform)?,
            Some(interpreter) => {
                let mut plan = CopyPlan::from_installation(&installation)?;
                host::add_tcl(&mut plan, &interpreter)?;
                plan
            }
            None => CopyPlan::from_installation(&installation)?,
        };
        for link in plan.outward() {
            report.notice(format!(
                "`{}` is a link that leads out of the runtime directory: what it leads to goes in",
                text::path(link)
            ));
        }
        let identity = digest::of_facts(["directory", &plan.digest()?]);
        Ok(Self { identity, version: None, origin: Origin::Directory { plan } })
    }

    pub(super) fn archive(
        location: &str,
        sha256: Option<&str>,
        cache: &Cache,
        report: &Report,
    ) -> anyhow::Result<Self> {
        let (path, name, found) = if let Some(url) = network::web_url(location) {
            let download = download::fetch(&url, sha256, cache, report)?;
            if sha256.is_none() {
                let shown = network::without_credentials(&url);
                return Err(Failure::new(format!("the archive `{shown}` has no SHA-256 to check it against"))
                    .help(format!("it is {} today: check that, and set runtime-sha256 = \"{0}\"", download.sha256))
                    .into());
            }
            (download.path, network::file_name(&url).to_owned(), download.sha256)
        } else {
            let path = PathBuf::from(location);
            let found = digest::of_file(&path).or_fail(
                format!("could not read the archive `{location}`"),
                "give the path or the URL of an archive, or the directory of a CPython installation",
            )?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (path, name, found)
        };
        if let Some(expected) = sha256.filter(|expected| !expected.eq_ignore_ascii_case(&found)) {
            return Err(digest::mismatch(location, expected, &found).into());
        }
        let identity = digest::of_facts(["archive", &found]);
        Ok(Self { identity, version: None, origin: Origin::Archive { path, name } })
    }

    fn describe(&self, version: &PythonVersion) -> String {
        match &self.origin {
            Origin::Managed(_) => format!("python-build-standalone {version}"),
            Origin::Embeddable(_) => format!("Windows embeddable {version}"),
            Origin::Host { .. } => format!("host interpreter {version}"),
            Origin::Directory { .. } => format!("directory with CPython {version}"),
            Origin::Archive { name, .. } => format!("archive {} with CPython {version}", text::shown(name)),
        }
    }
}

/// Prepares trees for one target.
#[derive(Clone, Copy)]
pub(super) struct Preparation<'a> {
    pub(super) target: Target,
    pub(super) stdlib_sources: StdlibSources,
    pub(super) tools: Tools<'a>,
}

/// Facts about a prepared tree, stored beside it in the cache.
#[derive(Debug, Serialize, Deserialize)]
struct Facts {
    version: PythonVersion,
}

impl Preparation<'_> {
    /// The prepared tree of a source: from the cache, or made now.
    ///
    /// # Errors
    /// [`DownloadFailed`] when python-build-standalone can't be reached, and all that can go wrong with a source.
    pub(super) fn prepare(&self, source: &Source) -> anyhow::Result<Runtime> {
        if let Some(version) = self.version(source) {
            let key = self.key(source, &version);
            if let Some(runtime) = self.prepared(source, &key) {
                return Ok(runtime);
            }
        }
        let scratch = self.tools.cache.scratch()?;
        let _step = self.tools.report.step(format!("prepare the {} runtime", self.target));
        self.lay_out(source, scratch.path())?;
        let name = match &source.origin {
            Origin::Archive { name, .. } => format!("the archive `{name}`"),
            _ => "what was fetched".to_owned(),
        };
        let mut installation = Installation::find(scratch.path(), self.target, &name)?;
        normalise::normalise(&installation, self.target, self.tools.report)?;
        if self.target.runs_here() {
            installation.version = smoke_test::run(&installation.root, self.target.platform().interpreter())?;
        } else if let Some(known) = source.version.filter(|known| known.same_minor(&installation.version)) {
            installation.version = known;
        }
        self.remember_version(source, &installation.version)?;
        self.finish(source, &installation)
    }

    /// Whether the source's tree is in the cache.
    pub(super) fn is_prepared(&self, source: &Source) -> bool {
        let key = self.version(source).map(|version| self.key(source, &version));
        key.is_some_and(|key| self.prepared(source, &key).is_some())
    }

    fn prepared(&self, source: &Source, key: &str) -> Option<Runtime> {
        let entry = self.tools.cache.entry("runtimes", key);
        let facts: Facts = serde_json::from_slice(&fs::read(entry.join("facts.json")).ok()?).ok()?;
        Cache::mark_as_used(&entry);
        Some(self.runtime(source, key, entry.join("tree"), &facts.version))
    }

    /// Puts the source's files into an empty directory.
    fn lay_out(&self, source: &Source, into: &Path) -> anyhow::Result<()> {
        match &source.origin {
            Origin::Managed(build) => {
                let result = build.lay_out(into, self.tools);
                result.map_err(|e| match e.downcast::<OutOfReach>() {
                    Ok(source) => DownloadFailed { version: build.version, source }.into(),
                    Err(e) => e.context(format!("could not install CPython {}", build.version)),
                })
            }
            Origin::Embeddable(package) => package.lay_out(into, self.tools.cache, self.tools.report),
            Origin::Host { plan } | Origin::Directory { plan } => plan.carry_out(into),
            Origin::Archive { path, .. } => unpack::unpack(path, into),
        }
    }

    /// Compiles the bytecode and gives the tree its place in the cache.
    fn finish(&self, source: &Source, installation: &Installation) -> anyhow::Result<Runtime> {
        if matches!(source.origin, Origin::Managed(_)) {
            self.fetch_compiler(&installation.version);
        }
        let key = self.key(source, &installation.version);
        let facts = serde_json::to_vec(&Facts { version: installation.version })?;
        let entry = self.tools.cache.directory("runtimes", &key, |entry| {
            let tree = entry.join("tree");
            fs::rename(&installation.root, &tree)?;
            // Without a compiler, the build reports it once, when it compiles the packages.
            if let Some(compiler) = self.compiler(&tree, &installation.version) {
                compiler
                    .compile(&tree, &self.sources(&installation.version), self.tools.report)
                    .context("could not compile the standard library")?;
            }
            Ok(fs::write(entry.join("facts.json"), facts)?)
        })?;
        Ok(self.runtime(source, &key, entry.join("tree"), &installation.version))
    }

    /// Where uv could get the runtime, it can also get this host's CPython of the same minor version, if there
    /// is none. It compiles the application's packages too. Without it the bundle only starts slower.
    fn fetch_compiler(&self, version: &PythonVersion) {
        if self.target.runs_here() || Compiler::new(None, version, self.tools.cache).is_some() {
            return;
        }
        let fetch = || -> anyhow::Result<()> {
            let wanted = Wanted::new(Some(&version.minor()), None)?;
            let build = Build::newest(Target::host()?, &wanted, self.tools.uv)?.context("uv knows no such build")?;
            let into = self.tools.cache.root().join(interpreters::OURS);
            fs::create_dir_all(&into)?;
            build.lay_out(&into, self.tools)
        };
        if let Err(e) = fetch() {
            self.tools.report.detail(format!("could not get a CPython {} for this host: {e:#}", version.minor()));
        }
    }

    fn compiler(&self, tree: &Path, version: &PythonVersion) -> Option<Compiler> {
        let itself = self.target.runs_here().then(|| tree.join(self.target.platform().interpreter()));
        Compiler::new(itself, version, self.tools.cache)
    }

    /// Names the source and how it is prepared. The compiler is part of it, so that a tree without bytecode is prepared again when
    /// there is one.
    fn key(&self, source: &Source, version: &PythonVersion) -> String {
        let compiler = if self.target.runs_here() {
            format!("itself {}", Compiler::recipe())
        } else {
            Compiler::new(None, version, self.tools.cache).map_or_else(|| "none".to_owned(), |c| c.identity())
        };
        let sources = self.sources(version).identity();
        digest::of_facts([RECIPE, self.target.triple(), &source.identity, &compiler, &sources, &isolate::recipe()])
    }

    /// Which sources of the standard library stay.
    fn sources(&self, version: &PythonVersion) -> SourcePolicy {
        if self.stdlib_sources == StdlibSources::Kept {
            return SourcePolicy::Keep;
        }
        let stdlib = self.target.platform().stdlib(version);
        let kept = [
            // Finds its fixers by listing `fix_*.py` (until 3.12).
            "lib2to3/fixes",
            // Without its source, `files()` mistakes itself for its caller (in 3.12 and 3.13.0,
            // <https://github.com/python/cpython/issues/123085>).
            "importlib/resources/_common.py",
        ];
        SourcePolicy::Drop { except: kept.map(|path| format!("{stdlib}/{path}")).into() }
    }

    fn runtime(&self, source: &Source, key: &str, tree: PathBuf, version: &PythonVersion) -> Runtime {
        let glibc = match source.origin {
            Origin::Host { .. } => Glibc::of_this_machine(),
            _ => elf::linkage(&tree.join(self.target.platform().interpreter())).ok().flatten().and_then(|l| l.glibc),
        };
        Runtime {
            tree,
            key: key.to_owned(),
            version: *version,
            description: source.describe(version),
            interpreter: self.target.platform().interpreter().to_owned(),
            site_packages: self.target.platform().site_packages(version),
            runs_here: self.target.runs_here(),
            glibc,
        }
    }

    /// The version of a source, told by itself or remembered from when it was laid out.
    fn version(&self, source: &Source) -> Option<PythonVersion> {
        let remembered = || {
            let text = fs::read_to_string(self.tools.cache.entry("runtime-versions", &source.identity)).ok()?;
            text.parse().ok()
        };
        source.version.or_else(remembered)
    }

    fn remember_version(&self, source: &Source, version: &PythonVersion) -> anyhow::Result<()> {
        if source.version.is_none() {
            self.tools.cache.write("runtime-versions", &source.identity, version.to_string().as_bytes())?;
        }
        Ok(())
    }
}
