//! uv with everything that decides which packages fit: the target, the Python, and where uv reads its settings.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::report::Report;
use crate::target::Target;
use crate::uv::{self, Uv};

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
    pub(super) fn install_into(&self, directory: &Path, arguments: &[OsString], may_build: bool) -> anyhow::Result<()> {
        let mut command = self.command(&["pip", "install", "--link-mode", "copy"]);
        command.arg("--target").arg(directory).args(self.platform());
        if !may_build {
            command.args(["--only-binary", ":all:"]);
        }
        command.args(arguments);
        uv::run(command, self.report).map(drop)
    }

    /// The options that make uv think of the target instead of this machine.
    pub(super) fn platform(&self) -> [&str; 4] {
        ["--python-platform", self.target.triple(), "--python-version", self.python_version]
    }

    /// Whether a package may be built from source: what comes out must run on the target.
    pub(super) fn may_build(&self) -> bool {
        self.interpreter.is_some() && self.target.runs_here()
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
