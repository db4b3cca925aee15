//! Recognises CPython installations as they come out of archives and directories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use object::Object as _;

use super::version::NO_FREE_THREADED;
use crate::platform::{self, InstalledPython, Platform, PythonVersion, Target};
use crate::report::failure::Failure;

/// A CPython installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    /// Its directory: what `sys.prefix` would say.
    pub(super) root: PathBuf,
    /// The system that it is for.
    pub(super) platform: &'static dyn Platform,
    /// Its interpreter, as the installation came.
    pub(super) interpreter: PathBuf,
    /// Its version, with the patch if some file tells it.
    pub(super) version: PythonVersion,
}

impl Installation {
    /// Looks for an installation at `directory` or one directory further down, as python-build-standalone
    /// has it in `python/`.
    ///
    /// # Errors
    /// When there is none, when it is for another system than the target, or too old.
    pub(super) fn find(directory: &Path, target: Target, name: &str) -> anyhow::Result<Self> {
        let mut below: Vec<PathBuf> =
            fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
        below.sort();
        let places: Vec<_> =
            std::iter::once(directory.to_owned()).chain(below.into_iter().filter(|path| path.is_dir())).collect();
        let Some(found) = places.iter().find_map(|place| Self::at(place)) else {
            if let Some(program) = places.iter().find_map(|place| free_threaded(place)) {
                return Err(Failure::new(format!("{name} holds a free-threaded CPython (`{program}`)"))
                    .help(NO_FREE_THREADED)
                    .into());
            }
            return Err(Failure::new(format!("{name} holds no CPython installation"))
                .help(
                    "what works: python-build-standalone's `install_only` archives, python.org's embeddable zip, \
                     and the directory of an installed CPython",
                )
                .into());
        };
        found.check(target, name)?;
        Ok(found)
    }

    /// The installation whose directory this is.
    pub(super) fn at(root: &Path) -> Option<Self> {
        platform::all().find_map(|platform| {
            let InstalledPython { version, interpreter } = platform.installed(root)?;
            Some(Self { root: root.to_owned(), platform, interpreter, version })
        })
    }

    fn check(&self, target: Target, name: &str) -> anyhow::Result<()> {
        let architecture = fs::read(&self.interpreter)
            .ok()
            .and_then(|bytes| object::File::parse(bytes.as_slice()).ok().map(|file| file.architecture()));
        let fits = architecture.is_none_or(|architecture| architecture == target.machine());
        if self.platform != target.platform() || !fits {
            let system = self.platform.name();
            let machine = architecture.map_or_else(String::new, |a| format!(" on {a:?}"));
            return Err(Failure::new(format!("{name} holds a CPython for {system}{machine}, the target is {target}"))
                .help("choose an archive or directory for the target, or another --target")
                .into());
        }
        super::version::refuse_old(&self.version)?;
        Ok(())
    }
}

/// The free-threaded interpreter of an installation that has no other: `python3.14t`, or `python314t.dll`.
fn free_threaded(root: &Path) -> Option<String> {
    let names = [root.join("bin"), root.to_owned()].into_iter().filter_map(|place| fs::read_dir(place).ok()).flatten();
    let mut names: Vec<_> = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names.into_iter().find(|name| {
        let version = name.strip_prefix("python3").and_then(|rest| rest.strip_suffix(".dll").or(Some(rest)));
        let minor = version.and_then(|version| version.trim_start_matches('.').strip_suffix('t'));
        minor.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
