//! A directory that is filled with what an archive holds, entry by entry.
//!
//! # Security
//! An archive can come from anywhere. Whatever is in it, nothing outside of the directory is read or written:
//! - A name is relative and has no `..`. Every name is there once, but for directories.
//! - Symbolic links are made when everything else is there. As long as files are written, there is none in the directory,
//!   so none is followed.
//! - A link names something inside: first as many `..` as stay in the tree, then names. Nothing lies below a link, so its
//!   `..` count from where they seem to count from.
//! - A hard link becomes a copy of a file that came before it in the archive.
//! - Devices, pipes and sparse files are refused. Owners, times, and all of a file's mode but whether it may be executed
//!   are left where they are.
//! - There are limits for the number of entries and for all bytes together.
//!
//! The directory has to be this account's alone: somebody else who may write there could put a link in at any moment.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::report::text;
use anyhow::Context as _;
use bundle::entry_path::{EntryPath, fold_case};

use crate::host::system;

/// What an archive may hold at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In all files together.
    pub(super) bytes: u64,
    /// Files, directories and links.
    pub(super) entries: usize,
}

impl Limits {
    /// Those of an archive of this length. CPython compresses to a quarter or a tenth; what claims to grow forty times beyond
    /// the first GiB is made to fill disks.
    pub(super) fn of(archive_len: u64) -> Self {
        const FREE: u64 = 1 << 30;
        const RATIO: u64 = 40;
        Self { bytes: archive_len.saturating_mul(RATIO).max(FREE), entries: 500_000 }
    }
}

/// How this system takes names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// As they are.
    AsTheyAre,
    /// Names that differ in case alone are one.
    WithoutCase,
    /// That, and some are devices, drives or streams.
    OfWindows,
}

impl Names {
    /// How the system that this runs on takes them.
    pub(super) const HERE: Self = if cfg!(windows) {
        Self::OfWindows
    } else if cfg!(target_vendor = "apple") {
        Self::WithoutCase
    } else {
        Self::AsTheyAre
    };
}

/// An entry that an archive may not have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {why}", text::shown(name))]
pub(super) struct Refused {
    name: String,
    why: String,
}

impl Refused {
    pub(super) fn new(name: &Path, why: impl Into<String>) -> Self {
        Self { name: name.display().to_string(), why: why.into() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Link,
}

/// The directory, and what has been put there.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    root: &'a Path,
    names: Names,
    limits: Limits,
    /// By path, as the system compares it.
    known: HashMap<PathBuf, Kind>,
    /// Below the root, and where they lead.
    links: Vec<(PathBuf, String)>,
}

impl<'a> Tree<'a> {
    /// Nothing yet, in a directory that is there.
    pub(super) fn new(root: &'a Path, names: Names, limits: Limits) -> Self {
        Self { root, names, limits, known: HashMap::new(), links: Vec::new() }
    }

    /// How many bytes files may still hold.
    pub(super) fn room(&self) -> u64 {
        self.limits.bytes
    }

    /// A directory with all above it.
    ///
    /// # Errors
    /// When the archive may not have it, and those of the file system.
    pub(super) fn directory(&mut self, name: &Path) -> anyhow::Result<()> {
        let parts = self.parts(name)?;
        self.directories(name, &parts)?;
        Ok(())
    }

    /// A file.
    ///
    /// # Errors
    /// When the archive may not have it, and those of the file system and of `content`. A part of it may be there then.
    pub(super) fn file(&mut self, name: &Path, is_executable: bool, content: &mut dyn Read) -> anyhow::Result<()> {
        let place = self.place(name, Kind::File)?;
        let mut file = create_new(&self.root.join(place))?;
        let written = io::copy(&mut content.take(self.limits.bytes.saturating_add(1)), &mut file)?;
        if written > self.limits.bytes {
            return Err(too_large().into());
        }
        self.limits.bytes -= written;
        if is_executable {
            system::make_executable(&file)?;
        }
        Ok(())
    }

    /// A symbolic link, which is made by [`Self::finish`].
    ///
    /// # Errors
    /// When the archive may not have it.
    pub(super) fn link(&mut self, name: &Path, target: &Path) -> anyhow::Result<()> {
        let outside = || {
            let target = target.display().to_string();
            Refused::new(name, format!("is a link that leads out of the archive, to `{}`", text::shown(&target)))
        };
        let place = self.place(name, Kind::Link)?;
        let depth = place.components().count() - 1;
        let mut climbs = 0;
        let mut down = false;
        for part in target.components() {
            match part {
                Component::ParentDir if !down && climbs < depth => climbs += 1,
                Component::Normal(_) => down = true,
                Component::CurDir => {}
                _ => return Err(outside().into()),
            }
        }
        let written = target.to_str().filter(|target| !target.is_empty() && !target.contains('\0'));
        let written = written.ok_or_else(|| Refused::new(name, "is a link to a name that is not text"))?;
        self.links.push((place, written.to_owned()));
        Ok(())
    }

    /// Another name of the file `of`: a copy of it.
    ///
    /// # Errors
    /// When the archive may not have it, and those of the file system.
    pub(super) fn hard_link(&mut self, name: &Path, of: &Path, is_executable: bool) -> anyhow::Result<()> {
        let original: PathBuf = self.parts(of)?.into_iter().collect();
        if self.known.get(&self.key(&original)) != Some(&Kind::File) {
            let of = of.display().to_string();
            let why = format!("is a hard link to `{}`, which is not a file before it in the archive", text::shown(&of));
            return Err(Refused::new(name, why).into());
        }
        let mut content = File::open(self.root.join(original))?;
        self.file(name, is_executable, &mut content)
    }

    /// Makes the links: the last thing that is made.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        for (place, target) in &self.links {
            let link = self.root.join(place);
            system::symlink(target, &link).with_context(|| format!("could not make the link `{}`", link.display()))?;
        }
        Ok(())
    }

    /// Where a new file or link comes to lie below the root; the directories above it are there then.
    fn place(&mut self, name: &Path, kind: Kind) -> anyhow::Result<PathBuf> {
        let parts = self.parts(name)?;
        let Some((last, above)) = parts.split_last() else { return Err(Refused::new(name, "has no name").into()) };
        let place = self.directories(name, above)?.join(last);
        self.add(name, &place, kind)?;
        Ok(place)
    }

    /// Makes the directories, where they are not there yet.
    fn directories(&mut self, name: &Path, parts: &[OsString]) -> anyhow::Result<PathBuf> {
        let mut below = PathBuf::new();
        for part in parts {
            below.push(part);
            match self.known.get(&self.key(&below)) {
                Some(Kind::Directory) => continue,
                Some(kind) => {
                    let what = if *kind == Kind::Link { "a link" } else { "a file" };
                    let below = below.display().to_string();
                    let why = format!("needs the directory `{}`, which is {what} in the archive", text::shown(&below));
                    return Err(Refused::new(name, why).into());
                }
                None => {}
            }
            self.add(name, &below, Kind::Directory)?;
            let directory = self.root.join(&below);
            match fs::create_dir(&directory) {
                // There before the archive; a link is none.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && is_directory(&directory) => {}
                result => result.with_context(|| format!("could not create `{}`", directory.display()))?,
            }
        }
        Ok(below)
    }

    fn add(&mut self, name: &Path, place: &Path, kind: Kind) -> anyhow::Result<()> {
        if self.known.len() >= self.limits.entries {
            anyhow::bail!("it holds more than {} files and directories", self.limits.entries);
        }
        match self.known.insert(self.key(place), kind) {
            None => Ok(()),
            Some(_) if self.names == Names::AsTheyAre => Err(Refused::new(name, "is there twice").into()),
            Some(_) => Err(Refused::new(name, "is there twice, upper and lower case being one here").into()),
        }
    }

    /// The names on the way to an entry, none of which leads elsewhere.
    fn parts(&self, name: &Path) -> Result<Vec<OsString>, Refused> {
        let mut parts = Vec::new();
        for part in name.components() {
            match part {
                Component::Normal(part) if part.as_encoded_bytes().contains(&0) => {
                    return Err(Refused::new(name, "has a NUL in its name"));
                }
                Component::Normal(part) => parts.push(part.to_owned()),
                Component::CurDir => {}
                Component::ParentDir => return Err(Refused::new(name, "leads out of the archive by `..`")),
                Component::RootDir | Component::Prefix(_) => return Err(Refused::new(name, "is an absolute path")),
            }
        }
        if self.names == Names::OfWindows {
            let text: Option<Vec<_>> = parts.iter().map(|part| part.to_str()).collect();
            let text = text.ok_or_else(|| Refused::new(name, "is not text"))?.join("/");
            if !text.is_empty() && EntryPath::new(text).is_err() {
                return Err(Refused::new(name, "has a name that Windows takes for something else"));
            }
        }
        Ok(parts)
    }

    fn key(&self, place: &Path) -> PathBuf {
        match self.names {
            Names::AsTheyAre => place.to_owned(),
            Names::WithoutCase | Names::OfWindows => fold_case(&place.to_string_lossy()).into(),
        }
    }
}

pub(super) fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "it unpacks to far more than an archive of its length with a CPython in it",
    )
}

fn create_new(path: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    opened.with_context(|| format!("could not create `{}`", path.display()))
}

/// Whether a real directory is there, and no link to one.
fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}
