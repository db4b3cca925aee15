//! A copy of the bundle in its install root, for shortcuts to start: the downloaded file may be deleted.
//!
//! It is written to a staging dir, read back, and renamed into place. On Windows a running file can't be replaced but can be
//! renamed: then the earlier copy is renamed into the staging dir first, and deleted after it has ended. On failure, the earlier
//! copy is restored.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::publish;
use super::staging::Staging;
use crate::install::InstallError;
use crate::install::layout::InstallRoot;
use crate::install::lock::Lock;
use crate::install::version::file_list::Owner;
use crate::sys::files;
use bundle::Bundle;
use bundle::source::Source;

/// A copy that is in place. Dropping this restores what was there before, unless the copy is [kept](Self::keep).
#[derive(Debug)]
pub struct OwnCopy {
    path: PathBuf,
    /// The file that it has replaced.
    before: Option<PathBuf>,
    /// Whether it stays.
    kept: bool,
    /// Where the replaced file is. Dropped last.
    _staging: Option<Staging>,
}

impl OwnCopy {
    /// Puts a copy of the bundle into the root, unless an identical one is there.
    ///
    /// # Errors
    /// When it can't be written, or something else has its name. What was there is unchanged then.
    pub fn put<S: Source>(bundle: &Bundle<S>, root: &InstallRoot) -> Result<Self, InstallError> {
        let path = root.executable();
        let source = bundle.source();
        let owner = Owner::from_record(bundle.record());
        let there = find(root, &owner).is_some();
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

    /// Keeps the copy, and deletes what it has replaced; if that still runs (Windows), the next first start deletes it. Whether
    /// the copy differs from what was there before.
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
pub fn find(root: &InstallRoot, of: &Owner) -> Option<PathBuf> {
    (owner(root).as_ref() == Some(of)).then(|| root.executable())
}

/// Whose copy is in a root, if there is a bundle.
pub fn owner(root: &InstallRoot) -> Option<Owner> {
    Some(Owner::from_record(Bundle::open(&root.executable()).ok()?.record()))
}

/// Reads it back to compare, and syncs it to disk before it is renamed into place.
fn write<S: Source>(source: &S, to: &Path) -> io::Result<()> {
    let mut file = files::create_new_program(to)?;
    each_part(source, |part, _| file.write_all(part).map(|()| true))?;
    file.sync_all()?;
    drop(file);
    match is_same(source, &fs::File::open(to)?)? {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "read back other bytes than were written")),
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

/// Calls `use_it` for each part, until it returns `false`. Whether it has used all of them.
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

/// Renames `new` to `path`, and what was there to `before`, in the same directory.
///
/// # Errors
/// When it can't be renamed. What was there is there then.
pub fn replace(new: &Path, path: &Path, before: &Path) -> io::Result<()> {
    if !files::is_running(path) {
        // With a hard link to the earlier file, there is a file at `path` at every moment.
        let _ = fs::hard_link(path, before);
        let Err(error) = publish::replace(new, path) else { return Ok(()) };
        match fs::remove_file(before) {
            Err(left) if left.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // A file that runs can be renamed, and nothing else.
    publish::replace(path, before)?;
    publish::replace(new, path).inspect_err(|_| {
        let _ = fs::rename(before, path);
    })
}
