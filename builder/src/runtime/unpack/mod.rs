//! Unpacks archives of every kind in which CPython comes: tar with gzip, tar with zstd, zip.
//!
//! Here is what the kinds have of their own. What may become of an entry, [`tree`] decides for all of them.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use crate::report::failure::{Failure, Help};

#[cfg(test)]
mod tests;
mod tree;

use tree::{Limits, Names, Refused, Tree};

/// More than any name of a file has.
const LONGEST_NAME: u64 = 4096;
/// How much of a tar may lie between two files: headers, long names, attributes.
const LONGEST_HEADERS: u64 = 1 << 20;

/// Unpacks an archive into a directory of this account's own. What it is, its first bytes say, not its name.
///
/// # Errors
/// When it is none of the known kinds, damaged, or holds what it may not: see [`tree`]. The directory then holds a part of it,
/// and nothing is anywhere else.
pub(super) fn unpack(archive: &Path, into: &Path) -> anyhow::Result<()> {
    let name = archive.display();
    let file = File::open(archive).with_context(|| format!("could not open `{name}`"))?;
    let mut tree = Tree::new(into, Names::HERE, Limits::of(file.metadata()?.len()));
    let unpacked = match Kind::of(&file)? {
        Some(Kind::TarGzip) => tar(MultiGzDecoder::new(BufReader::new(file)), &mut tree),
        Some(Kind::TarZstd) => tar(zstd::Decoder::new(file)?, &mut tree),
        Some(Kind::Zip) => zip_into(BufReader::new(file), &mut tree),
        None => {
            return Err(Failure::new(format!("`{name}` is not an archive that ekiben can unpack"))
                .help("give a .tar.gz, a .tar.zst or a .zip that holds a CPython installation")
                .into());
        }
    };
    let help = match &unpacked {
        Err(error) if error.is::<Refused>() => {
            "get the archive from a place that you trust; one of your own needs files in the place of such entries \
             (`tar --dereference --hard-dereference`)"
        }
        _ => "the archive may be incomplete: delete it and get it again",
    };
    unpacked.and_then(|()| tree.finish()).or_fail(format!("could not unpack `{name}`"), help)
}

/// Unpacks a zip archive.
///
/// # Errors
/// As [`unpack`].
pub(super) fn zip(mut archive: impl Read + Seek, into: &Path) -> anyhow::Result<()> {
    let len = archive.seek(io::SeekFrom::End(0))?;
    archive.rewind()?;
    let mut tree = Tree::new(into, Names::HERE, Limits::of(len));
    zip_into(archive, &mut tree)?;
    tree.finish()
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    TarGzip,
    TarZstd,
    Zip,
}

impl Kind {
    fn of(mut file: &File) -> io::Result<Option<Self>> {
        let mut start = Vec::new();
        file.take(4).read_to_end(&mut start)?;
        file.rewind()?;
        Ok(match start.as_slice() {
            [0x1f, 0x8b, ..] => Some(Self::TarGzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Self::TarZstd),
            [b'P', b'K', 3, 4] => Some(Self::Zip),
            _ => None,
        })
    }
}

fn zip_into(archive: impl Read + Seek, tree: &mut Tree<'_>) -> anyhow::Result<()> {
    let mut archive = zip::ZipArchive::new(archive)?;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        let name = PathBuf::from(&*entry.name()?);
        if entry.is_symlink() {
            let mut target = String::new();
            (&mut entry).take(LONGEST_NAME).read_to_string(&mut target)?;
            tree.link(&name, Path::new(&target))?;
        } else if entry.is_dir() {
            tree.directory(&name)?;
        } else {
            let is_executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            tree.file(&name, is_executable, &mut entry)?;
        }
    }
    Ok(())
}

fn tar(reader: impl Read, tree: &mut Tree<'_>) -> anyhow::Result<()> {
    let allowed = Allowance::default();
    let mut archive = tar::Archive::new(Metered { reader, allowed: allowed.clone() });
    let mut entries = archive.entries()?;
    loop {
        // The crate reads names of any length into memory.
        allowed.set(LONGEST_HEADERS);
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry?;
        // What fills the last block of a file belongs to it.
        allowed.set(tree.room().saturating_add(1 << 10));
        let name = entry.path()?.into_owned();
        let is_executable = entry.header().mode()? & 0o111 != 0;
        let target = entry.link_name()?.map(std::borrow::Cow::into_owned).unwrap_or_default();
        match entry.header().entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous => tree.file(&name, is_executable, &mut entry)?,
            tar::EntryType::Directory => tree.directory(&name)?,
            tar::EntryType::Symlink => tree.link(&name, &target)?,
            tar::EntryType::Link => tree.hard_link(&name, &target, is_executable)?,
            // What `git archive` writes in front.
            tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Char | tar::EntryType::Block => return Err(Refused::new(&name, "is a device").into()),
            tar::EntryType::Fifo => return Err(Refused::new(&name, "is a pipe").into()),
            tar::EntryType::GNUSparse => return Err(Refused::new(&name, "is a sparse file").into()),
            _ => return Err(Refused::new(&name, "is of a kind that ekiben does not know").into()),
        }
    }
}

/// How many bytes may still be read.
#[derive(Debug, Clone, Default)]
struct Allowance(Rc<Cell<u64>>);

impl Allowance {
    fn set(&self, bytes: u64) {
        self.0.set(bytes);
    }
}

/// A reader that stops where a small archive would become a large one.
struct Metered<R> {
    reader: R,
    allowed: Allowance,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.allowed.0.get();
        let most = buffer.len().min(usize::try_from(allowed).unwrap_or(usize::MAX));
        if most == 0 && !buffer.is_empty() {
            // Whether there is more at all.
            return if self.reader.read(&mut [0])? == 0 { Ok(0) } else { Err(tree::too_large()) };
        }
        let read = self.reader.read(&mut buffer[..most])?;
        self.allowed.set(allowed - read as u64);
        Ok(read)
    }
}
