//! What to build: a directory, a `pyproject.toml` or a script becomes a resolved [`Project`], once.
//!
//! 1. [`document`] reads TOML and knows the line of everything in it.
//! 2. [`found`] finds the files and [`files`] reads them; [`settings`] takes `[tool.ekiben]`, [`metadata`] takes `[project]`, [`script`] takes both
//!    out of a `.py` file.
//! 3. [`choose_entry`] and [`resolve`] put them together with what the command line says and fill in the defaults.
//!
//! The rest of the builder sees only the result. `docs/CONFIG.md` says the same to users.

use std::path::{Path, PathBuf};

use crate::platform::{Glibc, Target};
use bundle::Compression;

mod added_data;
mod choose_entry;
mod commands;
mod dependencies;
mod describe;
mod document;
mod entry_point;
mod files;
mod found;
mod lazy_imports;
mod metadata;
mod names;
mod package;
mod pipfile;
mod plain;
mod python;
pub(crate) mod requirement;
mod requires_dist;
mod resolve;
mod schema;
mod script;
mod service;
mod settings;
mod sign;
mod stdlib_parts;
mod update;
mod variables;
mod wanted_commands;
mod windows;

pub use added_data::AddedData;
pub use commands::{Command, CommandChoice};
pub use describe::{Describe, Described, Wanted};
pub use entry_point::EntryPoint;
pub use found::{has_nothing_to_build, where_settings_are};
pub use lazy_imports::{LazyImports, LazyPackages};
pub(crate) use metadata::normalised;
pub use metadata::{Metadata, Program};
pub use package::Package;
pub(crate) use pipfile::requirements as pipfile_requirements;
pub use python::PythonRequirement;
pub use schema::SCHEMA;
pub use sign::SignCommand;
pub use stdlib_parts::StdlibPart;
pub use update::UpdateSettings;
pub use windows::Windows;

/// A project with everything decided that can be decided before something is built.
#[derive(Debug, Clone)]
pub struct Project {
    /// The directory that holds it; every path below is absolute or relative to here as its field says.
    pub root: PathBuf,
    /// Where its settings are or could be, for messages: `[tool.ekiben]` or `ekiben.toml`.
    pub settings_place: &'static str,
    /// The name that directories get: lower-case letters, digits and single hyphens (PEP 503).
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The version; `None` when only the built wheel knows it (`dynamic = ["version"]`).
    pub version: Option<String>,
    /// What a start of the bundle runs.
    pub entry: EntryPoint,
    /// The arguments that the entry point gets before those that a start is given.
    pub arguments: Vec<String>,
    /// Further commands of the bundle, each started by its own name; with several, the entry point may be one of them.
    pub commands: Vec<Command>,
    /// What chooses one of them.
    pub command_choice: CommandChoice,
    /// Whether it has windows of its own and wants no console (`[project.gui-scripts]`, `gui = true`).
    pub windowed: bool,
    /// The picture that stands for the app: an existing `.ico`, `.png` or `.svg`, absolute.
    pub icon: Option<PathBuf>,
    /// What a bundle for Windows says about itself, beyond the project's metadata.
    pub windows: Windows,
    /// What the app is as a service: options of `self service install`.
    pub service: Vec<String>,
    /// Where the app's updates come from.
    pub update: Option<UpdateSettings>,
    /// The command that signs a bundle for Windows.
    pub sign: Option<SignCommand>,
    /// The Python asked for: `3.13` or `3.13.2`.
    pub python: Option<String>,
    /// The Pythons that the project allows: `>=3.11`. [`Requirement`] compares.
    pub requires_python: Option<String>,
    /// A CPython of the user's own choice.
    pub runtime: Option<RuntimeSetting>,
    /// The target asked for; `None` means this machine's.
    pub target: Option<Target>,
    /// Where the third-party packages are listed.
    pub dependencies: Dependencies,
    /// How exactly a `uv.lock` has to fit the project.
    pub lock: LockPolicy,
    /// Files of this machine that go in beside the app's modules.
    pub added_data: Vec<AddedData>,
    /// The extras of `[project.optional-dependencies]` that go in.
    pub extras: Vec<String>,
    /// The groups of `[dependency-groups]` that go in.
    pub groups: Vec<String>,
    /// Whether the tests of third-party packages go in.
    pub dependency_tests: bool,
    /// The oldest glibc that packages have to run with, if the project says.
    pub glibc: Option<Glibc>,
    /// Where the code of the app itself is.
    pub sources: AppSource,
    /// What `[project]` says, or the project's wheel.
    pub metadata: Option<Metadata>,
    /// The project's wheel, where it had to be built to know what is above and runs with any Python on any system.
    pub wheel: Option<PathBuf>,
    /// Options for the interpreter, before the entry point: `-X utf8`.
    pub python_flags: Vec<String>,
    /// Variables of Python's that the app obeys.
    pub environment: Vec<String>,
    /// In which layers the `.py` files stay beside their bytecode.
    pub kept_sources: KeptSources,
    /// Parts of the standard library that go in although nothing names them.
    pub stdlib_keep: Vec<StdlibPart>,
    /// Whether only what can be reached from the entry point goes in.
    pub minimal: bool,
    /// Modules that go in nevertheless, with all that is below them.
    pub minimal_keep: Vec<String>,
    /// Arguments with which the app is started while building, one list for each start, so that what it imports then is kept.
    pub minimal_trial: Vec<Vec<String>>,
    /// Which import statements are lazy.
    pub lazy_imports: LazyImports,
    /// How small the bundle is made.
    pub compression: Compression,
    /// The file or directory to write the bundle to, absolute.
    pub output: Option<PathBuf>,
    /// What the user should know of it before it is built.
    pub note: Option<String>,
    /// Whether what stands under the bundle's name is replaced even if it is not a bundle.
    pub force: bool,
    /// Whether the entry point is imported with the staged interpreter, when the target runs on this machine.
    pub check: bool,
    /// Whose app it is, if `publisher` says so; see [`Project::publisher`].
    pub publisher: Option<String>,
    /// The first argument that asks for the launcher itself, if there is such a word.
    pub self_word: Option<String>,
    /// How many versions a clean-up leaves on a user's disk, the current one included.
    pub keep: u32,
}

impl Project {
    /// Whether it is a package that is built, and no directory of the user's.
    pub fn is_package(&self) -> bool {
        self.sources == AppSource::Package
    }

    /// Reads the project at `path`: a directory, its `pyproject.toml` or `ekiben.toml`, or a script; where there is none of
    /// these, `path` is a package by its requirement. `describe` is asked for what no file of the project says.
    ///
    /// # Errors
    /// When there is no project, or it says something that can't be meant; the text names the line.
    pub fn load(path: &Path, choice: &Overrides, describe: &dyn Describe) -> anyhow::Result<Self> {
        resolve::load(path, choice, describe)
    }

    /// The file with its settings.
    pub fn settings_file(&self) -> PathBuf {
        match &self.sources {
            AppSource::Script(script) => script.clone(),
            _ => [self.root.join("ekiben.toml"), self.root.join("pyproject.toml")]
                .into_iter()
                .find(|file| file.is_file())
                .unwrap_or_else(|| self.root.clone()),
        }
    }

    /// A project of which everything stands in files.
    #[cfg(test)]
    pub(crate) fn of_files(path: &Path, choice: &Overrides) -> anyhow::Result<Self> {
        struct Nobody;
        impl Describe for Nobody {
            fn project(&self, root: &Path) -> anyhow::Result<Described> {
                anyhow::bail!("`{}` has to be built", root.display())
            }
            fn poetry(&self, root: &Path) -> anyhow::Result<Metadata> {
                anyhow::bail!("Poetry has to be asked about `{}`", root.display())
            }
            fn package(&self, wanted: Wanted<'_>) -> anyhow::Result<Metadata> {
                anyhow::bail!("`{}` has to be installed", wanted.package.requirement)
            }
        }
        resolve::load(path, choice, &Nobody)
    }

    /// The entry point with its arguments, for people.
    pub fn command(&self) -> String {
        let quoted = |word: &String| shlex::try_quote(word).map_or_else(|_| word.clone(), Into::into);
        std::iter::once(self.entry.to_string()).chain(self.arguments.iter().map(quoted)).collect::<Vec<_>>().join(" ")
    }

    /// All that a start may run: the entry point, and the commands.
    pub fn entries(&self) -> impl Iterator<Item = &EntryPoint> {
        let others = self.commands.iter().map(|command| &command.entry).filter(|entry| **entry != self.entry);
        std::iter::once(&self.entry).chain(others)
    }

    /// Whether everything that a start may run has windows of its own.
    pub fn is_windowed_alone(&self) -> bool {
        self.windowed && self.commands.iter().all(|command| command.windowed)
    }

    /// The program that a package brings and the bundle starts: it stays when others go.
    pub fn program(&self) -> Option<&str> {
        match &self.entry {
            EntryPoint::Script(path) | EntryPoint::Program(path) => Some(path),
            EntryPoint::Function { .. } | EntryPoint::Module(_) => None,
        }
    }

    /// The name of the program in the directory of commands, if the entry point is one: a wheel brings it.
    pub fn installed_command(&self) -> Option<&str> {
        let installs = matches!(self.sources, AppSource::Wheel | AppSource::Package);
        let name = self.program()?.strip_prefix("bin/")?;
        (installs && !name.contains('/')).then_some(name)
    }

    /// Who made the app, for people.
    pub fn company(&self) -> Option<String> {
        self.windows.company.clone().or_else(|| self.publisher.clone()).or_else(|| self.first_author())
    }

    /// Whose app it is: apps with the same id and other publishers leave its versions alone on a user's disk.
    pub fn publisher(&self) -> Option<String> {
        self.publisher.clone().or_else(|| self.company())
    }

    fn first_author(&self) -> Option<String> {
        self.metadata.as_ref()?.authors.first().cloned()
    }
}

/// A CPython of the user's own choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeSetting {
    /// A URL, an absolute path if there is such a file or directory, else the word as it was written.
    pub location: String,
    /// What the file must hash to, lower-case hex.
    pub sha256: Option<String>,
}

/// Where the third-party packages are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependencies {
    /// There are none.
    None,
    /// `uv.lock`, the project's or its workspace's; for a script `<script>.py.lock`.
    UvLock,
    /// This `pylock.toml`.
    PyLock(PathBuf),
    /// This requirements file.
    Requirements(PathBuf),
    /// This `Pipfile.lock`.
    Pipfile(PathBuf),
    /// Nowhere but in the project itself: to be resolved when building.
    Listed(Vec<String>),
    /// In no file: a wheel says so. To be resolved when building too.
    Required(Vec<String>),
}

/// How exactly a lock has to fit the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LockPolicy {
    /// Only versions of the project itself may differ.
    #[default]
    Checked,
    /// There has to be a lock, and nothing may differ.
    Locked,
    /// It is taken as it is.
    Frozen,
}

/// Where the code of the app itself is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppSource {
    /// The project has a build system: its wheel is the app.
    Wheel,
    /// The modules and packages in `src/` or the root, as the globs choose.
    Tree {
        /// What goes in; empty means every importable module and package.
        include: Vec<String>,
        /// What stays out, beyond what never goes in.
        exclude: Vec<String>,
    },
    /// This one file.
    Script(PathBuf),
    /// Nowhere: the app is a package that is installed like any other.
    Package,
}

/// In which layers the `.py` files stay beside their bytecode. Elsewhere the bytecode takes their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSources {
    /// Those of the standard library.
    pub runtime: bool,
    /// Those of third-party packages.
    pub dependencies: bool,
    /// The app's own.
    pub application: bool,
}

impl Default for KeptSources {
    /// What an app's tracebacks show and what `inspect` finds stays; the standard library's sources are a sixth of a
    /// small bundle, and nearly nothing reads them.
    fn default() -> Self {
        Self { runtime: false, dependencies: true, application: true }
    }
}

/// What the command line says; it wins over the files. Paths are relative to the current directory.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--entry`: a script's name, `pkg.mod:func`, `-m pkg` or `script.py`.
    pub entry: Option<String>,
    /// `--name`.
    pub name: Option<String>,
    /// `--python`.
    pub python: Option<String>,
    /// `--runtime`.
    pub runtime: Option<String>,
    /// `--runtime-sha256`.
    pub runtime_sha256: Option<String>,
    /// `--target`.
    pub target: Option<Target>,
    /// `--output`.
    pub output: Option<PathBuf>,
    /// `--force`.
    pub force: bool,
    /// `--minimal`.
    pub minimal: Option<bool>,
    /// `--compression`.
    pub compression: Option<Compression>,
    /// `--check` / `--no-check`.
    pub check: Option<bool>,
    /// `--locked` or `--frozen`.
    pub lock: LockPolicy,
    /// `--add-data`.
    pub add_data: Vec<String>,
    /// `--icon`.
    pub icon: Option<PathBuf>,
    /// `--windowed`.
    pub windowed: Option<bool>,
    /// `--from`: the package that has the command which is named in the project's place.
    pub from: Option<String>,
    /// `--with`: packages beside the one that is built.
    pub with: Vec<String>,
    /// `--extra`, beside those of the files.
    pub extras: Vec<String>,
    /// `--group`, likewise.
    pub groups: Vec<String>,
    /// Not `--no-sign`: whether `[tool.ekiben.sign]` counts.
    pub sign: Option<bool>,
}

#[cfg(test)]
mod tests;
