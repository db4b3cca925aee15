//! uv with everything that decides which packages fit: the target, the Python, and where uv reads its settings.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::host::uv::{self, Uv};
use crate::platform::Target;
use crate::report::Report;

/// What may be done with a package that has no wheel for the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sources {
    /// Nothing.
    Refused,
    /// It is built, if it has no wheels for any system: what comes out then most often runs on all. uv checks that.
    BuiltIfPure,
    /// It is built.
    Built,
}

/// uv for one target and one Python.
#[derive(Debug, Clone, Copy)]
pub(super) struct Installer<'a> {
    pub(super) uv: &'a Uv,
    /// Where uv runs: `[tool.uv]` there counts, and relative paths begin there.
    pub(super) directory: &'a Path,
    pub(super) target: Target,
    /// The exact Python of the bundle: `3.13.2`.
    pub(super) python_version: &'a str,
    /// A Python of the same minor version that runs on this machine, if there is one.
    pub(super) interpreter: Option<&'a Path>,
    pub(super) report: &'a Report,
}

impl Installer<'_> {
    /// A uv command with these words.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = command(self.uv, self.directory, words);
        if let Some(interpreter) = self.interpreter {
            command.arg("--python").arg(interpreter);
        }
        command
    }

    /// `uv pip install` into this directory, for the target, from exactly what `arguments` name.
    pub(super) fn install_into(
        &self,
        directory: &Path,
        arguments: &[OsString],
        sources: Sources,
    ) -> anyhow::Result<()> {
        let make = || {
            let mut command = self.command(&["pip", "install", "--link-mode", "copy"]);
            command.arg("--target").arg(directory).args(self.platform()).args(arguments);
            command
        };
        self.run(make, sources).map(drop)
    }

    /// Runs a command that installs or resolves, with as much leave to build from sources as `sources` gives; what it said.
    pub(super) fn run(&self, make: impl Fn() -> Command, sources: Sources) -> anyhow::Result<String> {
        let mut built: Vec<String> = Vec::new();
        loop {
            let mut command = make();
            if sources != Sources::Built {
                command.args(["--only-binary", ":all:"]);
                for package in &built {
                    command.args(["--no-binary", package]);
                }
            }
            let refusal = match uv::attempt(command, self.report) {
                Ok(said) => return Ok(said),
                Err(refusal) => refusal,
            };
            match refusal.without_wheel {
                Some(package) if sources == Sources::BuiltIfPure => {
                    let name = package.split('=').next().unwrap_or(&package).to_owned();
                    if built.contains(&name) || self.has_wheels_elsewhere(&package) {
                        return Err(refusal.error);
                    }
                    self.report
                        .detail(format!("{name} has no wheels at all: it is built here, if that makes a pure one"));
                    built.push(name);
                }
                _ => return Err(refusal.error),
            }
        }
    }

    /// Whether there are wheels of this requirement for any system: then it has compiled code, and its sources are no help.
    fn has_wheels_elsewhere(&self, requirement: &str) -> bool {
        let mut command =
            self.command(&["pip", "compile", "--universal", "--no-deps", "--only-binary", ":all:", "--quiet"]);
        command.args(["--python-version", self.python_version, "--no-header", "-"]).stdin(Stdio::piped());
        let answer = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                writeln!(stdin, "{requirement}")?;
            }
            child.wait()
        });
        answer.is_ok_and(|status| status.success())
    }

    /// How packages without a wheel are treated: one that was built here need not run on the target.
    pub(super) fn sources(&self) -> Sources {
        let runs = self.interpreter.is_some() && self.target.runs_here();
        if runs { Sources::Built } else { Sources::BuiltIfPure }
    }

    /// The options that make uv think of the target instead of this machine.
    pub(super) fn platform(&self) -> [&str; 4] {
        ["--python-platform", self.target.triple(), "--python-version", self.python_version]
    }
}

/// A uv command that runs in `directory`, so that `[tool.uv]` and relative paths there mean what they say.
pub(super) fn command(uv: &Uv, directory: &Path, words: &[&str]) -> Command {
    let mut command = uv.command();
    command.current_dir(directory).args(words);
    // A download of CPython behind the user's back is the runtime's business, and never uv's.
    command.env("UV_PYTHON_DOWNLOADS", "never");
    // Wheels are built with the same clock everywhere: the first day that a zip file can hold.
    if std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
        command.env("SOURCE_DATE_EPOCH", "315532800");
    }
    command
}
