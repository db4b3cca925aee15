//! Runs uv, which resolves and installs packages and downloads CPython builds.
//!
//! The user's own uv is preferred, so that the user's settings and cache apply. If there is none, a pinned release is
//! downloaded once from the package index, as a wheel.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::host::cache::Cache;
use crate::host::network;
use crate::host::package_index;
use crate::host::system;
use crate::report::Report;
use crate::report::failure::{Failure, Help};

mod explain;
mod messages;
#[cfg(test)]
mod tests;

pub use messages::{ErrorKind, LockChange, lock_changes};

/// The release that is downloaded if the machine has no uv.
const VERSION: &str = "0.13.9";
/// The oldest uv of a machine that is used: its `uv export` is the first that includes the indexes.
const MINIMUM: (u32, u32) = (0, 12);

/// The wheels of [`VERSION`]: the platform as `std::env::consts` has it, the tag, the SHA-256.
const WHEELS: &[Wheel] = &[
    Wheel {
        os: "linux",
        arch: "x86_64",
        tag: "manylinux_2_17_x86_64.manylinux2014_x86_64",
        sha256: "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    },
    Wheel {
        os: "linux",
        arch: "aarch64",
        tag: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        sha256: "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    },
    Wheel {
        os: "windows",
        arch: "x86_64",
        tag: "win_amd64",
        sha256: "6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b",
    },
    Wheel {
        os: "macos",
        arch: "x86_64",
        tag: "macosx_10_12_x86_64",
        sha256: "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    },
    Wheel {
        os: "macos",
        arch: "aarch64",
        tag: "macosx_11_0_arm64",
        sha256: "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    },
];

/// The name under which the cache stores the uv that was found.
const FOUND: (&str, &str) = ("tools", "uv-found");
/// How long the stored one is used without checking.
const LATELY: Duration = Duration::from_secs(60 * 60);

const HOW_TO_INSTALL: &str = "install uv where ekiben finds it, for example with `pipx install uv` \
                              or `python3 -m pip install uv`, and try again";

struct Wheel {
    os: &'static str,
    arch: &'static str,
    tag: &'static str,
    sha256: &'static str,
}

/// A uv that works.
#[derive(Debug, Clone)]
pub struct Uv {
    program: PathBuf,
}

impl Uv {
    /// The uv on `PATH`, else the one in the machine's Python, else the pinned one, which is downloaded once.
    ///
    /// # Errors
    /// When there is none and none can be fetched; the text says how to install one.
    pub fn find(cache: &Cache, report: &Report) -> anyhow::Result<Self> {
        if let Some(uv) = Self::working(Path::new("uv"), report).or_else(|| Self::remembered(cache)) {
            return Ok(uv);
        }
        let modules = ["python3", "python"].into_iter().filter_map(program_of_the_module);
        let uv = match modules.into_iter().find_map(|program| Self::working(&program, report)) {
            Some(uv) => uv,
            None => {
                Self::fetched(cache, report).or_fail("there is no uv, and none could be fetched", HOW_TO_INSTALL)?
            }
        };
        // Asking every Python takes longer than the rest of a small build.
        let note = format!("{}\n{}", uv.program.display(), search_path());
        cache.write(FOUND.0, FOUND.1, note.as_bytes())?;
        Ok(uv)
    }

    /// The one that was found recently, if it still exists and `PATH` has not changed.
    fn remembered(cache: &Cache) -> Option<Self> {
        let note = cache.entry(FOUND.0, FOUND.1);
        let age = fs::metadata(&note).ok()?.modified().ok()?.elapsed().ok()?;
        let text = fs::read_to_string(note).ok()?;
        let (program, path) = text.split_once('\n')?;
        let same = age < LATELY && path == search_path() && Path::new(program).is_file();
        same.then(|| Self::at(program))
    }

    /// The uv at this path, without asking whether it works.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// A command that starts it, without arguments.
    ///
    /// It does not inherit an active virtual environment or Python path.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for variable in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PYTHON", "UV_PROJECT"] {
            command.env_remove(variable);
        }
        if network::is_offline() {
            command.env(network::VARIABLE, "1");
        }
        command.env("UV_NO_PROGRESS", "1").env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Runs it with these arguments, and returns its standard output.
    ///
    /// # Errors
    /// When it can't be started, and when it fails: then the error has uv's essential line and a next step.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A], report: &Report) -> anyhow::Result<String> {
        let mut command = self.command();
        command.args(arguments);
        run(command, report)
    }

    fn working(program: &Path, report: &Report) -> Option<Self> {
        // A shim of pyenv exists and starts, but may fail. Only a version shows that it works.
        let uv = Self::at(program);
        let answer = uv.command().arg("--version").stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(answer.stdout).ok().filter(|_| answer.status.success())?;
        let version = text.trim().strip_prefix("uv ")?;
        if release(version)? < MINIMUM {
            report.notice(format!("uv {version} is too old for ekiben and left aside"));
            return None;
        }
        report.detail(format!("uv {version} at {}", program.display()));
        Some(uv)
    }

    fn fetched(cache: &Cache, report: &Report) -> anyhow::Result<Self> {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let wheel = WHEELS
            .iter()
            .find(|w| w.os == os && w.arch == arch)
            .ok_or_else(|| Failure::new(format!("ekiben knows no uv for {os} on {arch}")))?;
        let key = format!("uv-{VERSION}-{}", &wheel.sha256[..12]);
        let directory = cache.directory("tools", &key, |directory| {
            let filename = format!("uv-{VERSION}-py3-none-{}.whl", wheel.tag);
            let file = package_index::fetch("uv", &filename, wheel.sha256, cache, report)?;
            unpack_program(&file, directory).with_context(|| format!("could not unpack `{}`", file.display()))
        })?;
        Ok(Self::at(directory.join(PROGRAM)))
    }
}

/// Runs a command made by [`Uv::command`], and returns its standard output.
///
/// # Errors
/// As [`Uv::run`].
pub fn run(command: Command, report: &Report) -> anyhow::Result<String> {
    Ok(attempt(command, report)?)
}

/// Runs a command likewise, and returns its standard error.
///
/// # Errors
/// As [`Uv::run`].
pub fn talk(command: Command, report: &Report) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&completed(command, report)?.stderr).into_owned())
}

/// Why uv failed.
#[derive(Debug)]
pub struct UvError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The error and its innermost cause, in uv's words.
    pub summary: String,
    /// The message for people, with a next step.
    pub error: anyhow::Error,
}

impl UvError {
    /// From the standard error of a uv that failed.
    pub(crate) fn new(talk: &str) -> Self {
        let kind = messages::kind(talk);
        let error = explain::failure(&kind, talk).into();
        Self { kind, summary: messages::summary(talk), error }
    }
}

/// Runs a command likewise, for callers that handle some kinds of failure.
///
/// # Errors
/// As [`Uv::run`].
pub fn attempt(command: Command, report: &Report) -> Result<String, UvError> {
    let output = completed(command, report)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl From<UvError> for anyhow::Error {
    fn from(failed: UvError) -> Self {
        failed.error
    }
}

fn completed(mut command: Command, report: &Report) -> Result<Output, UvError> {
    report.detail(format!("  {}", shown(&command)));
    let started = command.output().or_fail(
        format!("could not start `{}`", Path::new(command.get_program()).display()),
        "check that this uv is still there and may be executed",
    );
    let not_started = |error: anyhow::Error| UvError { kind: ErrorKind::Other, summary: error.to_string(), error };
    let output = started.map_err(not_started)?;
    let talk = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        talk.lines().for_each(|line| report.detail(format!("  {line}")));
        return Ok(output);
    }
    report.detail(talk.trim_end());
    Err(UvError::new(&talk))
}

const PROGRAM: &str = if cfg!(windows) { "uv.exe" } else { "uv" };

fn search_path() -> String {
    std::env::var_os("PATH").unwrap_or_default().to_string_lossy().into_owned()
}

fn program_of_the_module(python: &str) -> Option<PathBuf> {
    let script = "import uv; print(uv.find_uv_bin())";
    let output = Command::new(python).args(["-I", "-c", script]).stderr(Stdio::null()).output().ok()?;
    let path = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(PathBuf::from(path.trim_end()))
}

/// `0.13.9 (…)` → (0, 13).
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', ' ']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn unpack_program(wheel: &Path, directory: &Path) -> anyhow::Result<()> {
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel)?)?;
    let mut entry = archive.by_name(&format!("uv-{VERSION}.data/scripts/{PROGRAM}"))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    let mut program = options.open(directory.join(PROGRAM))?;
    system::make_executable(&program)?;
    io::copy(&mut entry, &mut program)?;
    Ok(())
}

/// The command as people type it.
fn shown(command: &Command) -> String {
    let word = |w: &OsStr| {
        let w = w.to_string_lossy();
        if w.contains([' ', '"', '*']) || w.is_empty() { format!("{w:?}") } else { w.into_owned() }
    };
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(word).collect::<Vec<_>>().join(" ")
}
