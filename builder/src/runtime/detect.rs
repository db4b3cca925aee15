//! Recognises CPython installations as they come out of archives and directories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use object::Object as _;

use super::version::PythonVersion;
use crate::platform::{Family, Target};
use crate::report::failure::Failure;

/// A CPython installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    /// Its directory: what `sys.prefix` would say.
    pub(super) root: PathBuf,
    /// How it is laid out.
    pub(super) family: Family,
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
        let (family, version) = unix(root)
            .map(|version| (Family::Unix, version))
            .or_else(|| windows(root).map(|version| (Family::Windows, version)))?;
        Some(Self { root: root.to_owned(), family, version })
    }

    /// The interpreter, as the installation came.
    pub(super) fn interpreter(&self) -> PathBuf {
        match self.family {
            Family::Unix => self.root.join(format!("bin/python{}", self.version.minor())),
            Family::Windows => self.root.join("python.exe"),
        }
    }

    fn check(&self, target: Target, name: &str) -> anyhow::Result<()> {
        let architecture = fs::read(self.interpreter())
            .ok()
            .and_then(|bytes| object::File::parse(bytes.as_slice()).ok().map(|file| file.architecture()));
        let fits = architecture.is_none_or(|architecture| architecture == target.machine());
        if self.family != target.family() || !fits {
            let system = match self.family {
                Family::Unix => "Unix",
                Family::Windows => "Windows",
            };
            let machine = architecture.map_or_else(String::new, |a| format!(" on {a:?}"));
            return Err(Failure::new(format!("{name} holds a CPython for {system}{machine}, the target is {target}"))
                .help("choose an archive or directory for the target, or another --target")
                .into());
        }
        super::version::refuse_old(&self.version)?;
        Ok(())
    }
}

/// `bin/python3.13` with `lib/python3.13/os.py`, or its bytecode alone: the newest, if there are several.
fn unix(root: &Path) -> Option<PythonVersion> {
    let entries = fs::read_dir(root.join("bin")).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let versions = names.filter_map(|name| name.strip_prefix("python")?.parse::<PythonVersion>().ok());
    let mut version = versions
        .filter(|v| v.patch.is_none())
        .filter(|v| ["py", "pyc"].iter().any(|os| root.join(format!("lib/python{}/os.{os}", v.minor())).is_file()))
        .max()?;
    let header = root.join(format!("include/python{}/patchlevel.h", version.minor()));
    version.patch = patch_in_header(&header);
    Some(version)
}

/// `python.exe` with `python313.dll` beside it, and the standard library as `Lib` or `python313.zip`.
fn windows(root: &Path) -> Option<PythonVersion> {
    let entries = fs::read_dir(root).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let versions = names.filter_map(|name| {
        let digits = name.to_ascii_lowercase();
        let minor = digits.strip_prefix("python3")?.strip_suffix(".dll")?.parse().ok()?;
        Some(PythonVersion { major: 3, minor, patch: None })
    });
    let mut version = versions.max()?;
    let library = ["Lib/os.py", "Lib/os.pyc", &format!("python{}.zip", version.nodot())];
    if !library.iter().any(|file| root.join(file).is_file()) || !root.join("python.exe").is_file() {
        return None;
    }
    let dll = root.join(format!("python{}.dll", version.nodot()));
    version.patch = patch_in_header(&root.join("include/patchlevel.h")).or_else(|| patch_in_dll(&dll));
    Some(version)
}

/// `#define PY_MICRO_VERSION 2`
fn patch_in_header(header: &Path) -> Option<u8> {
    let text = fs::read_to_string(header).ok()?;
    let mut lines = text.lines().map(str::split_whitespace);
    lines
        .find_map(|mut words| {
            (words.next() == Some("#define") && words.next() == Some("PY_MICRO_VERSION")).then(|| words.next())?
        })?
        .parse()
        .ok()
}

/// The file version in the DLL's resources is 3.13.2150.1013: the patch, then release level and serial.
fn patch_in_dll(dll: &Path) -> Option<u8> {
    /// How a `VS_FIXEDFILEINFO` begins. Eight bytes after it: the version's upper half.
    const SIGNATURE: [u8; 8] = [0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0];
    let bytes = fs::read(dll).ok()?;
    let start = bytes.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?;
    let field = bytes.get(start + 14..start + 16)?;
    u8::try_from(u16::from_le_bytes([field[0], field[1]]) / 1000).ok()
}
