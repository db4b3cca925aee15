//! A copy of the bundle in its install root, for a shortcut to lead to: the file that was downloaded may go.
//!
//! It is written to a staging dir, read back, and put in its place by a rename. Windows lets no file be replaced that runs,
//! but lets it be renamed: then the earlier copy goes to the staging dir first, and from there when it has ended. On failure
//! it is back.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::staging::Staging;
use crate::install::layout::InstallRoot;
use crate::install::lock::Lock;
use crate::install::version::listed::Owner;
use crate::install::{InstallError, system};
use bundle::Bundle;
use bundle::source::Source;

/// A copy that is in its place. What was there before comes back when this is dropped, unless it is [kept](Self::keep).
#[derive(Debug)]
pub struct OwnCopy {
    path: PathBuf,
    /// What it has replaced.
    before: Option<PathBuf>,
    /// It is not to be taken back.
    kept: bool,
    /// Where that is. Dropped last.
    _staging: Option<Staging>,
}

impl OwnCopy {
    /// Puts a copy of the bundle into the root, unless the very same is there.
    ///
    /// # Errors
    /// When it can't be written, or something else has its name. What was there is untouched then.
    pub fn put<S: Source>(bundle: &Bundle<S>, root: &InstallRoot) -> Result<Self, InstallError> {
        let path = root.executable();
        let source = bundle.source();
        let owner = Owner::of(bundle.record());
        let there = of(root, &owner).is_some();
        if there && Bundle::open(&path).is_ok_and(|old| is_same(source, old.source()).unwrap_or(false)) {
            return Ok(Self { path, before: None, kept: true, _staging: None });
        }
        if !there && fs::symlink_metadata(&path).is_ok() {
            let foreign = io::Error::new(io::ErrorKind::AlreadyExists, "it is not a bundle of this app");
            return Err(InstallError::io("replace", &path)(foreign));
        }
        let _lock = Lock::acquire(&root.lock_file(), || false, || true);
        let staging = Staging::create(root, &path, &owner)?;
        let [new, before] = ["new", "old"].map(|what| staging.path().join(what));
        write(source, &new).map_err(InstallError::io("write", &new))?;
        replace(&new, &path, &before).map_err(InstallError::io("replace", &path))?;
        Ok(Self { path, before: there.then_some(before), kept: false, _staging: Some(staging) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All went well. What it has replaced goes; if that still runs (Windows), the next first start removes it. Whether this
    /// is another program than before.
    pub fn keep(mut self) -> bool {
        !std::mem::replace(&mut self.kept, true)
    }
}

impl Drop for OwnCopy {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let _ = match &self.before {
            Some(before) => fs::rename(before, &self.path),
            None => fs::remove_file(&self.path),
        };
    }
}

/// The copy in a root, if there is one: a bundle of this very app. An app may keep a file of that name itself.
pub fn of(root: &InstallRoot, of: &Owner) -> Option<PathBuf> {
    (owner(root).as_ref() == Some(of)).then(|| root.executable())
}

/// Whose copy is in a root, if there is a bundle.
pub fn owner(root: &InstallRoot) -> Option<Owner> {
    Some(Owner::of(Bundle::open(&root.executable()).ok()?.record()))
}

/// What is read back is what was read; then it is on the disk before it gets its name.
fn write<S: Source>(source: &S, to: &Path) -> io::Result<()> {
    let mut file = system::create_new_program(to)?;
    each_part(source, |part, _| file.write_all(part).map(|()| true))?;
    file.sync_all()?;
    drop(file);
    match is_same(source, &fs::File::open(to)?)? {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "what was written there is not what was read")),
    }
}

fn is_same<S: Source, T: Source>(one: &S, other: &T) -> io::Result<bool> {
    let mut read = Vec::new();
    let same_size = one.size()? == other.size()?;
    Ok(same_size
        && each_part(one, |part, at| {
            read.resize(part.len(), 0);
            other.read_exact_at(&mut read, at)?;
            Ok(read == part)
        })?)
}

/// Hands on everything, in parts, until `use_it` wants no more; whether it has wanted all.
fn each_part<S: Source>(source: &S, mut use_it: impl FnMut(&[u8], u64) -> io::Result<bool>) -> io::Result<bool> {
    let mut buffer = vec![0; 1 << 16];
    let (mut at, end) = (0, source.size()?);
    while at < end {
        let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..length).unwrap_or_default();
        source.read_exact_at(part, at)?;
        if !use_it(part, at)? {
            return Ok(false);
        }
        at += length as u64;
    }
    Ok(true)
}

/// Gives `new` the name, and what had it the name `before`.
fn replace(new: &Path, path: &Path, before: &Path) -> io::Result<()> {
    // With a second name for what was there, the name is never without a file.
    let _ = fs::hard_link(path, before);
    let Err(error) = fs::rename(new, path) else { return Ok(()) };
    let _ = fs::remove_file(before);
    // It runs.
    fs::rename(path, before).map_err(|_| error)?;
    fs::rename(new, path).inspect_err(|_| {
        let _ = fs::rename(before, path);
    })
}
