//! What differs between a version dir and its bundle, byte for byte.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::install::make::frames;
use crate::install::{InstallError, Watcher, layout};
use crate::sys::files;
use bundle::Bundle;
use bundle::index::{Entry, EntryKind, Index};
use bundle::source::Source;

/// Something that is not as in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Below the version dir.
    pub path: PathBuf,
    /// How it differs.
    pub kind: Kind,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Only the bundle has it.
    Missing,
    /// Its content, kind or permission differs.
    Changed,
    /// Only the version dir has it.
    Extra,
}

/// Compares everything, both ways, except what Python caches (`__pycache__`) and ekiben's own files.
///
/// # Errors
/// When the bundle is damaged, or something in the version dir exists and can't be read.
pub fn compare<S: Source>(
    bundle: &Bundle<S>,
    index: &Index,
    version_dir: &Path,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Difference>, InstallError> {
    let found = Mutex::new(Vec::new());
    frames::on_all_cores(&frames::frames_with(index, &|_| true)?, watcher, &|placed, scratch| {
        frames::decode(bundle, placed, scratch, &mut |entry, content| {
            if let Some(kind) = difference(entry, content, version_dir)? {
                let path = entry.path.below(Path::new(""));
                found.lock().unwrap_or_else(PoisonError::into_inner).push(Difference { path, kind });
            }
            Ok(())
        })
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.extend(extra(index, version_dir)?);
    found.sort_unstable();
    Ok(found)
}

/// Checks the digest of every frame, and that it decodes to what the index says.
///
/// # Errors
/// When the bundle is damaged.
pub fn check<S: Source>(bundle: &Bundle<S>, index: &Index, watcher: &mut dyn Watcher) -> Result<(), InstallError> {
    frames::on_all_cores(&frames::frames_with(index, &|_| true)?, watcher, &|placed, scratch| {
        frames::decode(bundle, placed, scratch, &mut |_, _| Ok(()))
    })
}

fn difference(entry: &Entry, content: &mut dyn BufRead, version_dir: &Path) -> Result<Option<Kind>, InstallError> {
    let path = entry.path.below(version_dir);
    let failed = |action| InstallError::io(action, &path);
    let there = match fs::symlink_metadata(&path) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Some(Kind::Missing));
        }
        there => there.map_err(failed("look at"))?,
    };
    let same = match &entry.kind {
        EntryKind::Directory => there.is_dir(),
        EntryKind::Symlink { target } => {
            there.is_symlink() && fs::read_link(&path).is_ok_and(|found| found == Path::new(target))
        }
        EntryKind::File { size, executable } => {
            there.is_file()
                && there.len() == *size
                && files::is_executable(&there).is_none_or(|found| found == *executable)
                && match File::open(&path) {
                    // The bundle has no file that its owner may not read.
                    Err(e) if e.kind() == io::ErrorKind::PermissionDenied => false,
                    file => {
                        is_same(content, &mut BufReader::new(file.map_err(failed("open"))?)).map_err(failed("read"))?
                    }
                }
        }
    };
    Ok((!same).then_some(Kind::Changed))
}

fn is_same(one: &mut dyn BufRead, other: &mut dyn BufRead) -> io::Result<bool> {
    loop {
        let (a, b) = (one.fill_buf()?, other.fill_buf()?);
        let common = a.len().min(b.len());
        if common == 0 || a[..common] != b[..common] {
            return Ok(a.is_empty() && b.is_empty());
        }
        one.consume(common);
        other.consume(common);
    }
}

/// What the index does not list. A directory counts if nothing in it is listed.
fn extra(index: &Index, version_dir: &Path) -> Result<Vec<Difference>, InstallError> {
    let known: BTreeSet<PathBuf> = index
        .entries()
        .map(|entry| entry.path.below(Path::new("")))
        .flat_map(|path| path.ancestors().map(Path::to_path_buf).collect::<Vec<_>>())
        .collect();
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(directory) = open.pop() {
        let at = version_dir.join(&directory);
        for entry in fs::read_dir(&at).map_err(InstallError::io("list", &at))? {
            let entry = entry.map_err(InstallError::io("list", &at))?;
            let path = directory.join(entry.file_name());
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if known.contains(&path) {
                if is_dir {
                    open.push(path);
                }
            } else if path != Path::new(layout::OWN) && entry.file_name() != "__pycache__" && !is_cached(&path) {
                found.push(Difference { path, kind: Kind::Extra });
            }
        }
    }
    Ok(found)
}

/// Bytecode that Python has written into a `__pycache__` of the bundle's.
fn is_cached(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "pyc") && path.parent().is_some_and(|p| p.ends_with("__pycache__"))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Extra => "extra",
        })
    }
}
