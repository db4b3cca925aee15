//! uv with everything that decides which packages fit: the target, the Python, and where uv reads its settings.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::prefix::Layout;
use crate::config::Project;
use crate::context::{BuildContext, Tools};
use crate::host::files;
use crate::host::uv::{self, ErrorKind, Uv};
use crate::platform::{Glibc, Target};
use crate::runtime::Runtime;
use crate::runtime::interpreters::Interpreter;

/// What may be done with a package that has no wheel for the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceBuilds {
    /// Nothing.
    Refused,
    /// It is built, if it has no wheels for any system: the result then runs on all systems most of the time. uv checks that.
    BuiltIfPure,
    /// It is built.
    Built,
}

/// uv for one target and one Python.
#[derive(Debug, Clone, Copy)]
pub(super) struct Installer<'a> {
    tools: Tools<'a>,
    /// Where uv runs: `[tool.uv]` there counts, and relative paths begin there.
    directory: &'a Path,
    target: Target,
    runtime: &'a Runtime,
    /// The oldest glibc that packages have to run with, on a Linux that has one.
    glibc: Option<Glibc>,
}

impl<'a> Installer<'a> {
    /// One that runs in `directory`.
    pub(super) fn new(tools: Tools<'a>, directory: &'a Path, target: Target, runtime: &'a Runtime) -> Self {
        let glibc = runtime.glibc.map(|glibc| glibc.max(Glibc::USUAL));
        Self { tools, directory, target, runtime, glibc }
    }

    /// One that runs in the project's directory.
    pub(super) fn for_project(context: BuildContext<'a>, runtime: &'a Runtime) -> Self {
        let project = context.project;
        // A package has no settings for uv, and those of a project in the current directory are not meant for it.
        let directory = if project.is_package() { context.cache.root() } else { &project.root };
        let usual = Self::new(context.tools(), directory, context.target, runtime);
        Self { glibc: project.glibc.or(usual.glibc), ..usual }
    }

    /// The bundle's Python, if this machine can start it. With it, and when the target is this machine's, packages without a
    /// wheel are built.
    fn interpreter(&self) -> Option<PathBuf> {
        self.runtime.runs_here.then(|| self.runtime.tree.join(&self.runtime.interpreter))
    }

    /// A Python of this machine: of the bundle's minor version, else any.
    fn other_interpreter(&self) -> Option<PathBuf> {
        let all = Interpreter::all(self.tools.cache);
        let same = all.iter().find(|found| found.version.same_minor(&self.runtime.version));
        same.or(all.first()).map(|found| found.program.clone())
    }

    /// A uv command with these words, that builds a wheel. Where uv itself looks for a Python, it may meet a shim of pyenv that
    /// starts none, and fails. (A lock is compared with the Python that uv chooses, so it chooses one then.)
    pub(super) fn build_command(&self, words: &[&str]) -> Command {
        let mut command = command(self.tools.uv, self.directory, words);
        if let Some(interpreter) = self.interpreter().or_else(|| self.other_interpreter()) {
            command.arg("--python").arg(interpreter);
        }
        command
    }

    /// A uv command with these words.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = command(self.tools.uv, self.directory, words);
        if let Some(interpreter) = self.interpreter() {
            command.arg("--python").arg(interpreter);
        }
        command
    }

    /// `uv pip install` into this tree, for the target, from exactly what `arguments` name.
    pub(super) fn install_into(
        &self,
        directory: &Path,
        arguments: &[OsString],
        sources: SourceBuilds,
    ) -> anyhow::Result<()> {
        let prefix = directory.join("ekiben-installed");
        let make = || {
            let mut command = self.command(&["pip", "install", "--link-mode", "copy"]);
            command.arg("--prefix").arg(&prefix).args(self.platform()).args(arguments);
            command
        };
        self.run(make, sources)?;
        let layout = Layout::new(self.target.platform(), &self.runtime.version);
        layout.lay_out(&prefix, directory).with_context(|| format!("could not lay out `{}`", directory.display()))?;
        // What is left are headers and empty directories. uv makes none where nothing is to be installed.
        Ok(files::remove_directory_if_exists(&prefix)?)
    }

    /// Runs a command that installs or resolves, and that may build from sources as far as `sources` allows. Returns its output.
    pub(super) fn run(&self, make: impl Fn() -> Command, sources: SourceBuilds) -> anyhow::Result<String> {
        let mut built: Vec<String> = Vec::new();
        loop {
            let mut command = make();
            if sources != SourceBuilds::Built {
                command.args(["--only-binary", ":all:"]);
                for package in &built {
                    command.args(["--no-binary", package]);
                }
            }
            let failed = match uv::attempt(command, self.tools.report) {
                Ok(said) => return Ok(said),
                Err(failed) => failed,
            };
            match &failed.kind {
                ErrorKind::NoWheel(requirement) if sources == SourceBuilds::BuiltIfPure => {
                    let name = requirement.split('=').next().unwrap_or(requirement).to_owned();
                    if built.contains(&name) || self.has_wheels_elsewhere(requirement) {
                        return Err(failed.error);
                    }
                    self.tools
                        .report
                        .detail(format!("{name} has no wheels at all: it is built here, if that makes a pure one"));
                    built.push(name);
                }
                _ => return Err(failed.error),
            }
        }
    }

    /// Whether there are wheels of this requirement for any system. Then it has compiled code, which can't be built for another
    /// system.
    fn has_wheels_elsewhere(&self, requirement: &str) -> bool {
        let mut command =
            self.command(&["pip", "compile", "--universal", "--no-deps", "--only-binary", ":all:", "--quiet"]);
        command.args(["--python-version", &self.runtime.version.to_string(), "--no-header", "-"]).stdin(Stdio::piped());
        let answer = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                writeln!(stdin, "{requirement}")?;
            }
            child.wait()
        });
        answer.is_ok_and(|status| status.success())
    }

    /// How packages without a wheel are treated: one that was built here need not run on the target.
    pub(super) fn sources(&self) -> SourceBuilds {
        let runs = self.runtime.runs_here && self.target.runs_here();
        if runs { SourceBuilds::Built } else { SourceBuilds::BuiltIfPure }
    }

    /// The options that make uv choose for the target instead of this machine.
    pub(super) fn platform(&self) -> [String; 4] {
        let (platform, version) = (self.target.wheels_for(self.glibc), self.runtime.version.to_string());
        ["--python-platform".to_owned(), platform, "--python-version".to_owned(), version]
    }
}

/// A uv command that runs in `directory`, so that `[tool.uv]` and relative paths there mean what they say.
pub(super) fn command(uv: &Uv, directory: &Path, words: &[&str]) -> Command {
    let mut command = uv.command();
    command.current_dir(directory).args(words);
    // uv must not download a CPython: the runtime decides about that.
    command.env("UV_PYTHON_DOWNLOADS", "never");
    // Wheels are built with the same clock everywhere: the first day that a zip file can hold.
    if std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
        command.env("SOURCE_DATE_EPOCH", "315532800");
    }
    command
}

/// Asks for the extras and groups of the project. `prefix` names the groups' file, where uv needs that.
pub(super) fn select(command: &mut Command, project: &Project, prefix: &str) {
    for extra in &project.extras {
        command.args(["--extra", extra]);
    }
    for group in &project.groups {
        command.arg("--group").arg(format!("{prefix}{group}"));
    }
}
