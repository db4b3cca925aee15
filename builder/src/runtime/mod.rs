//! The runtime: from a request to a prepared CPython tree, for any target, on any host.
//!
//! 1. Where it comes from: python-build-standalone through uv (`managed`); without a network this host's own
//!    interpreter (`host`) or, for Windows, the embeddable package of the package index (`embeddable`); or
//!    what the user names: an archive or a directory.
//! 2. It is laid out in a scratch directory and recognised (`detect`).
//! 3. It is brought into one shape (`normalise`): trimmed, relocatable, isolated from the machine.
//! 4. Its bytecode is compiled ([`crate::runtime::bytecode`]), and it is started once, if this machine can (`check`).
//! 5. It appears in the cache, under a name made from where it came from and how it was prepared.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{KeptSources, RuntimeSetting};
use crate::context::Tools;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::platform::{Glibc, NEWEST_TESTED, OLDEST, PythonVersion, Target};
use crate::report::Report;
use crate::report::failure::{Failure, Help};

pub mod bytecode;
mod copy;
mod detect;
pub(crate) mod elf;
mod embeddable;
mod host;
pub(crate) mod interpreters;
mod isolate;
mod managed;
mod normalise;
mod relocate;
mod smoke_test;
mod source;
mod sysconfig;
pub(crate) mod tcl;
mod trim;
mod unpack;
mod venv;
mod version;

#[cfg(test)]
mod tests;

use bytecode::Compiler;
use source::{DownloadFailed, Preparation, Source};
use version::Wanted;

/// Where a runtime comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuntimeLocation {
    /// From wherever ekiben can get it, python-build-standalone first.
    Managed,
    /// A CPython installation on this machine. It is copied, not changed.
    Directory(PathBuf),
    /// An archive of a CPython installation.
    Archive {
        /// A path, or an `http(s)` URL.
        location: String,
        /// Its SHA-256: needed for a URL, checked for a path too.
        sha256: Option<String>,
    },
}

impl RuntimeLocation {
    /// What a project says; nothing means that ekiben gets it.
    pub fn from_setting(setting: Option<&RuntimeSetting>) -> Self {
        let Some(setting) = setting else { return Self::Managed };
        let path = PathBuf::from(&setting.location);
        if path.is_dir() {
            Self::Directory(path)
        } else {
            Self::Archive { location: setting.location.clone(), sha256: setting.sha256.clone() }
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeRequest {
    /// What it must run on.
    pub target: Target,
    /// The version the user named: `3.13` or `3.13.2`.
    pub python: Option<String>,
    /// What the project requires, as a PEP 440 specifier: `>=3.11`.
    pub requires_python: Option<String>,
    /// Where it comes from.
    pub location: RuntimeLocation,
    /// Whether the standard library's sources stay beside their bytecode.
    pub stdlib_sources: StdlibSources,
}

/// What happens to the standard library's sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdlibSources {
    /// They stay beside their bytecode.
    Kept,
    /// Their bytecode takes their place.
    Dropped,
}

impl StdlibSources {
    /// As a project says it.
    pub fn from_setting(kept: KeptSources) -> Self {
        if kept.runtime { Self::Kept } else { Self::Dropped }
    }
}

/// A prepared CPython tree in the cache: exactly what the `runtime` layer packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// The directory. Its content becomes the top of a version dir.
    pub tree: PathBuf,
    /// Names its content, for caches: where it came from, and how it was prepared. Not for the bundle, as a copy
    /// of this host's interpreter has another on each machine.
    pub key: String,
    /// Its version. The patch is unknown for foreign Unix archives without headers.
    pub version: PythonVersion,
    /// For people, without paths of this machine: `python-build-standalone 3.13.2`.
    pub description: String,
    /// The interpreter, relative to `tree`: `python` or `python.exe`.
    pub interpreter: String,
    /// Where packages go, relative to `tree` and with `/`: `lib/python3.13/site-packages`.
    pub site_packages: String,
    /// Whether this machine can start it.
    pub runs_here: bool,
    /// The glibc that it needs anyway, on a Linux that has one: packages may need it too.
    pub glibc: Option<Glibc>,
}

impl Runtime {
    /// What compiles its bytecode. Without one, says so in a notice: the application works, and starts slower.
    pub fn compiler(&self, cache: &Cache, report: &Report) -> Option<Compiler> {
        let own = self.runs_here.then(|| self.tree.join(&self.interpreter));
        let compiler = Compiler::new(own, &self.version, cache);
        if compiler.is_none() {
            report.notice(format!(
                "no CPython {} on this machine: the bytecode is left to be compiled at each start",
                self.version.minor()
            ));
        }
        compiler
    }
}

/// Finds or prepares the runtime for a request.
///
/// # Errors
/// When nothing fits the request, or it can't be fetched or prepared. The cache then holds at most what was
/// downloaded, for the next attempt.
pub fn prepare(request: &RuntimeRequest, tools: Tools<'_>) -> anyhow::Result<Runtime> {
    let Tools { cache, report, .. } = tools;
    let wanted = Wanted::new(request.python.as_deref(), request.requires_python.as_deref())?;
    let preparation = Preparation { target: request.target, stdlib_sources: request.stdlib_sources, tools };
    let runtime = match &request.location {
        RuntimeLocation::Managed => managed(&preparation, &wanted)?,
        RuntimeLocation::Directory(path) => {
            preparation.prepare(&Source::directory(path, request.target, cache, report)?)?
        }
        RuntimeLocation::Archive { location, sha256 } => {
            preparation.prepare(&Source::archive(location, sha256.as_deref(), cache, report)?)?
        }
    };
    if !wanted.allows(&runtime.version) {
        return Err(Failure::new(format!("the runtime is CPython {}, wanted is {wanted}", runtime.version))
            .help("choose another archive or directory, or change `python` or requires-python")
            .into());
    }
    if runtime.version.is_of_a_later_minor_than(&NEWEST_TESTED) {
        report.notice(format!(
            "CPython {} is newer than those that this ekiben was tested with, {OLDEST} to {NEWEST_TESTED}",
            runtime.version.minor()
        ));
    }
    report.detail(format!("runtime: {}", runtime.description));
    Ok(runtime)
}

/// python-build-standalone, or a substitute when it is not available.
fn managed(preparation: &Preparation<'_>, wanted: &Wanted) -> anyhow::Result<Runtime> {
    let refusal = match managed::Build::newest(preparation.target, wanted, preparation.tools.uv) {
        Ok(Some(build)) => {
            let lately = build.failed_lately(preparation.tools.cache);
            let source = Source::managed(build);
            if !lately || preparation.is_prepared(&source) {
                match preparation.prepare(&source) {
                    Ok(runtime) => return Ok(runtime),
                    Err(e) if e.is::<DownloadFailed>() => e,
                    Err(e) => {
                        return Err(e).or_fail(
                            refused(preparation, wanted),
                            "it was within reach, so nothing else is used in its place; `--runtime` takes an archive \
                             or a directory of your own",
                        );
                    }
                }
            } else if let Some(stand_in) = stand_in(preparation, wanted)? {
                return use_stand_in(preparation, &stand_in, "its site did not answer some minutes ago");
            } else {
                return preparation.prepare(&source).or_fail(refused(preparation, wanted), help(preparation.target));
            }
        }
        Ok(None) => Failure::new(format!("uv knows no build of {wanted} for {}", preparation.target)).into(),
        Err(e) if e.is::<managed::OutOfReach>() => e,
        Err(e) => return Err(e).or_fail(refused(preparation, wanted), help(preparation.target)),
    };
    match stand_in(preparation, wanted)? {
        Some(stand_in) => use_stand_in(preparation, &stand_in, &refusal.root_cause().to_string()),
        None => Err(refusal).or_fail(refused(preparation, wanted), help(preparation.target)),
    }
}

fn refused(preparation: &Preparation<'_>, wanted: &Wanted) -> String {
    format!("could not get {wanted} for {}", preparation.target)
}

fn help(target: Target) -> String {
    let local = if target.runs_here() { "install that CPython on this machine, " } else { "" };
    format!(
        "check the network (UV_PYTHON_INSTALL_MIRROR names a mirror), {local}or give a CPython for the target as \
         an archive or a directory"
    )
}

/// The source that replaces python-build-standalone when its site can't be reached.
fn stand_in(preparation: &Preparation<'_>, wanted: &Wanted) -> anyhow::Result<Option<Source>> {
    if preparation.target.runs_here()
        && let Some(interpreter) = host::find(wanted, preparation.tools.cache)
    {
        return Source::host(interpreter, preparation.target.platform()).map(Some);
    }
    Ok(embeddable::find(preparation.target, wanted).map(Source::embeddable))
}

fn use_stand_in(preparation: &Preparation<'_>, stand_in: &Source, reason: &str) -> anyhow::Result<Runtime> {
    let runtime = preparation.prepare(stand_in).or_fail(
        format!("could not get a CPython for {}, neither python-build-standalone ({reason})", preparation.target),
        help(preparation.target),
    )?;
    let is_of_host = matches!(stand_in.origin, source::Origin::Host { .. });
    let limit = if is_of_host { preparation.target.platform().limit_of_a_host_copy() } else { "" };
    let used = &runtime.description;
    let Tools { cache, report, .. } = preparation.tools;
    let note = format!("python-build-standalone is not available ({reason}); using the {used} instead{limit}");
    // The summary of each build says what it used.
    if is_news(cache, used) {
        report.notice(note)
    } else {
        report.detail(note)
    }
    Ok(runtime)
}

/// Whether a build of the last day has not noted it yet.
fn is_news(cache: &Cache, what: &str) -> bool {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let (kind, key) = ("unreachable", format!("noted-{}", digest::of_bytes(what.as_bytes())));
    let noted = fs::metadata(cache.entry(kind, &key)).and_then(|found| found.modified());
    let is_news = noted.map_or(true, |time| time.elapsed().is_ok_and(|age| age > DAY));
    if is_news {
        // What can't be remembered is noted again.
        let _ = cache.write(kind, &key, &[]);
    }
    is_news
}
