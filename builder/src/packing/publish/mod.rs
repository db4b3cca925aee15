//! Publish: a new bundle replaces the one that people use, most often on a share.
//!
//! 1. The bundle is opened, once, and verified where it is. What is at the destination is checked: only another version of the same
//!    app is replaced without `--force`.
//! 2. The new one is copied beside the destination, written through to the disk, read back and compared.
//! 3. The copy is renamed into place ([`swap`]), so nobody ever reads half a file.
//! 4. Files that earlier publishes could not remove, because somebody was running them, are removed if they are free now.
//!
//! A publish that is killed before the third step leaves the old file in place. The next publish removes the copy ([`aside`]).

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bundle::{Bundle, Digest, LaunchRecord};
use launcher::install::places::private;
use sha2::{Digest as _, Sha256};
use tempfile::TempPath;

use crate::host::files;
use crate::host::system;
use crate::packing::check;
use crate::report::Report;
use crate::report::failure::{Failure, Help as _};

mod aside;
mod swap;

use aside::Names;

/// What a publish has done.
#[derive(Debug)]
pub struct Published {
    /// The file that is in place now.
    pub path: PathBuf,
    /// What it starts.
    pub record: LaunchRecord,
    /// What names its payload.
    pub digest: Digest,
    /// Whether the very same file was in place before.
    pub unchanged: bool,
    /// The version that was in place before, if it was another bundle.
    pub replaced: Option<String>,
    /// Files of earlier versions that are still in use.
    pub left: Vec<PathBuf>,
}

/// Puts the bundle `file` at `destination`: a file, or a directory that gets a file of the same name.
///
/// # Errors
/// When it is not a bundle or a damaged one, the destination holds something else (unless `force`), or can't be written. What
/// was in place before stays in place.
pub fn publish(file: &Path, destination: &Path, force: bool, report: &Report) -> anyhow::Result<Published> {
    const NO_BUNDLE: &str = "give it a file that `ekiben build` made";
    let bundle = Bundle::open(file).or_fail(format!("could not open the bundle `{}`", file.display()), NO_BUNDLE)?;
    check::verify(&bundle, report).or_fail(format!("the bundle `{}` is damaged", file.display()), NO_BUNDLE)?;
    let (record, digest) = (bundle.record().clone(), bundle.digest());

    let path = place(file, destination)?;
    let names = Names::of(&path)?;
    names.restore().with_context(|| format!("could not put the earlier `{}` back", path.display()))?;
    let present = Present::at(&path)?;
    let unchanged = present.is_same(&bundle, report)?;
    let (mut left, mut replaced) = (Vec::new(), None);
    if !unchanged {
        if !force {
            present.gives_way_to(&record, &path)?;
        }
        let unwritable = || (format!("could not publish `{}`", path.display()), "what was in place is still in place");
        let copy = copied(&bundle, &names, report).or_fail(unwritable().0, unwritable().1)?;
        replaced = present.version();
        // Windows can't replace a file that is open.
        drop(present);
        swap::swap(&copy, &path, || names.create_old(), &mut swap::rename).or_fail(unwritable().0, unwritable().1)?;
        drop(copy.keep());
    }
    left.extend(names.clean().with_context(|| format!("could not look for leftovers of `{}`", path.display()))?);
    Ok(Published { path, record, digest, unchanged, replaced, left })
}

/// The file that the destination means. A link is followed.
fn place(file: &Path, destination: &Path) -> anyhow::Result<PathBuf> {
    let is_directory = destination.is_dir();
    let last = destination.as_os_str().as_encoded_bytes().last();
    let means_directory = last.is_some_and(|last| std::path::is_separator(char::from(*last)));
    let path = match file.file_name() {
        Some(name) if is_directory => destination.join(name),
        _ => destination.to_owned(),
    };
    let path = if path.is_symlink() { files::real_path(&path)? } else { std::path::absolute(&path)? };
    if path.is_dir() {
        return Err(Failure::new(format!("`{}` is a directory", path.display()))
            .help("name another file, or move that directory away")
            .into());
    }
    let directory = if means_directory && !is_directory { Some(path.as_path()) } else { path.parent() };
    match directory {
        Some(directory) if directory.is_dir() => Ok(path),
        directory => {
            let missing = directory.unwrap_or(&path).display();
            Err(Failure::new(format!("there is no directory `{missing}`"))
                .help("make it first, or name a file in a directory that is there")
                .into())
        }
    }
}

/// What stands at the destination.
enum Present {
    Nothing,
    Bundle(Box<Bundle>),
    Something,
}

impl Present {
    fn at(path: &Path) -> anyhow::Result<Self> {
        // Opening a pipe would wait for a writer.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Ok(Self::Something);
        }
        match File::open(path) {
            Ok(opened) => Ok(match Bundle::new(opened) {
                Ok(bundle) => Self::Bundle(Box::new(bundle)),
                Err(_) => Self::Something,
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::Nothing),
            Err(e) => Err(e).with_context(|| format!("could not open `{}`", path.display())),
        }
    }

    /// Whether it holds the very bytes of this one.
    fn is_same(&self, bundle: &Bundle, report: &Report) -> io::Result<bool> {
        match self {
            // Another account that may write to it could change it right after the comparison.
            Self::Bundle(present) if present.digest() == bundle.digest() && private::is_only_ours(present.source()) => {
                same(bundle.source(), present.source(), report)
            }
            _ => Ok(false),
        }
    }

    fn version(&self) -> Option<String> {
        match self {
            Self::Bundle(present) => Some(present.record().app.version.clone()),
            Self::Nothing | Self::Something => None,
        }
    }

    fn gives_way_to(&self, record: &LaunchRecord, path: &Path) -> Result<(), Failure> {
        let present = match self {
            Self::Nothing => return Ok(()),
            Self::Something => None,
            Self::Bundle(present) => Some(present.record()),
        };
        let what = match present {
            None => "is not a bundle".to_owned(),
            Some(present) if present.app.id != record.app.id => format!("is another app, `{}`", present.app.name),
            Some(present) if present.target != record.target => {
                format!("is for {}, and the new bundle for {}", present.target, record.target)
            }
            Some(_) => return Ok(()),
        };
        Err(Failure::new(format!("`{}` {what}", path.display()))
            .help("choose another destination, or replace it all the same with --force"))
    }
}

/// A copy of an opened bundle beside the destination, which is on the disk and was read back. Gone when dropped. What is read
/// is the file that was verified, whatever its name means by now; and the copy is verified, as that file may have changed.
fn copied(bundle: &Bundle, names: &Names, report: &Report) -> anyhow::Result<TempPath> {
    let mut source = bundle.source();
    source.rewind()?;
    let copy = names.create_new()?;
    // The lock tells other publishes that this one is alive. Not every file system has locks.
    drop(copy.as_file().try_lock());
    let bar = report.bytes("copying", source.metadata()?.len());
    let mut target = copy.as_file();
    let sent = passed(&mut source, |bytes| {
        bar.advance(bytes.len() as u64);
        target.write_all(bytes)
    })?;
    system::make_executable(target)?;
    target.sync_all()?;
    target.seek(SeekFrom::Start(0))?;
    let arrived = passed(&mut target, |_| Ok(()))?;
    anyhow::ensure!(sent == arrived, "what was written is not what is read back");
    let written = Bundle::new(target.try_clone()?)?;
    anyhow::ensure!(written.digest() == bundle.digest(), "the bundle was changed while it was copied");
    check::digests(&written, report).context("the bundle was changed while it was copied")?;
    drop(written);
    // A file that is open for writing can't be started, so it is closed before it gets its name.
    Ok(copy.into_temp_path())
}

/// Whether two files hold the same bytes.
fn same(mut one: &File, mut other: &File, report: &Report) -> io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let bar = report.bytes("comparing", one.metadata()?.len());
    one.rewind()?;
    other.rewind()?;
    let first = passed(&mut one, |_| Ok(()))?;
    let second = passed(&mut other, |bytes| {
        bar.advance(bytes.len() as u64);
        Ok(())
    })?;
    Ok(first == second)
}

/// Reads to the end, passes the bytes on, and returns their SHA-256.
fn passed(from: &mut impl Read, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(digest.finalize().into());
        }
        digest.update(&buffer[..read]);
        to(&buffer[..read])?;
    }
}
