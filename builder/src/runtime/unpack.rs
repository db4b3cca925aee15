//! Unpacks archives of every kind in which CPython comes: tar with gzip, tar with zstd, zip.
//!
//! # Security
//! An archive can come from anywhere. Both crates refuse entries that would land outside of the directory, by
//! `..`, by an absolute path or through a symbolic link that the archive itself made. Owners, set-user-id bits
//! and times are not taken over.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use crate::failure::{Failure, Help};

/// Unpacks an archive into a directory. What it is, its first bytes say, not its name.
///
/// # Errors
/// When it is none of the known kinds, or damaged. The directory then holds a part of it.
pub(super) fn unpack(archive: &Path, into: &Path) -> anyhow::Result<()> {
    let name = archive.display();
    let file = File::open(archive).with_context(|| format!("could not open `{name}`"))?;
    match Kind::of(&file)? {
        Some(Kind::TarGzip) => tar(MultiGzDecoder::new(BufReader::new(file)), into),
        Some(Kind::TarZstd) => tar(zstd::Decoder::new(file)?, into),
        Some(Kind::Zip) => zip(BufReader::new(file), into),
        None => {
            return Err(Failure::new(format!("`{name}` is no archive that ekiben can unpack"))
                .help("give a .tar.gz, a .tar.zst or a .zip that holds a CPython installation")
                .into());
        }
    }
    .or_fail(format!("could not unpack `{name}`"), "the archive may be incomplete: delete it and get it again")
}

/// Unpacks a zip archive.
///
/// # Errors
/// When it is damaged. The directory then holds a part of it.
pub(super) fn zip(archive: impl Read + Seek, into: &Path) -> anyhow::Result<()> {
    zip::ZipArchive::new(archive)?.extract(into)?;
    Ok(())
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

fn tar(reader: impl Read, into: &Path) -> anyhow::Result<()> {
    let mut archive = tar::Archive::new(reader);
    archive.set_preserve_mtime(false);
    archive.unpack(into)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::failure;

    #[test]
    fn nothing_lands_outside_of_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..9].copy_from_slice(b"../escape");
        header.set_size(1);
        header.set_mode(0o644);
        header.set_cksum();
        let mut builder = tar::Builder::new(Vec::new());
        builder.append(&header, &b"x"[..]).unwrap();
        let archive = dir.path().join("a.tar.zst");
        fs::write(&archive, zstd::encode_all(&*builder.into_inner().unwrap(), 1).unwrap()).unwrap();
        let into = dir.path().join("in");
        fs::create_dir(&into).unwrap();
        let _ = unpack(&archive, &into);

        let mut zip = zip::ZipWriter::new(File::create(dir.path().join("a.zip")).unwrap());
        zip.start_file("../escape", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"x").unwrap();
        zip.finish().unwrap();
        let _ = unpack(&dir.path().join("a.zip"), &into);
        assert!(!dir.path().join("escape").exists());
    }

    #[test]
    fn what_is_no_archive_is_refused_with_the_kinds_that_are() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("python.tar.gz");
        fs::write(&file, "<html>not found</html>").unwrap();
        let text = failure::render(&unpack(&file, dir.path()).unwrap_err());
        assert!(text.contains("is no archive") && text.contains(".tar.zst"), "{text}");
    }
}
