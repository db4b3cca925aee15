//! Recognises CPython installations as they come out of archives and directories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use object::Object as _;

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
        let places = std::iter::once(directory.to_owned()).chain(below.into_iter().filter(|path| path.is_dir()));
        let Some(found) = places.filter_map(|place| Self::at(&place)).next() else {
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
