//! A release folder: its metadata, read and written whole. One publisher at a time has it.
//!
//! What is not yet signed by enough keys lies in `pending/` under the same names, so that clients never see it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use launcher::sys::new_file;
use release::place::{self, ChannelName};
use release::{Channel, Root};

use crate::report::failure::{Failure, Help as _};

/// Held by a publisher.
const LOCK: &str = "ekiben.lock";
/// Holds what lacks signatures.
const PENDING: &str = "pending";

/// An opened release folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked until it is dropped, if this is a publisher.
    _lock: Option<File>,
}

/// A file of metadata with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The file.
    pub bytes: Vec<u8>,
    /// The `.minisig` beside it; empty, if there is none.
    pub signatures: Vec<u8>,
}

impl Folder {
    /// Opens it to change it; makes the directory, if it is missing.
    ///
    /// # Errors
    /// When it can't be made, or another publisher has it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let unwritable = || format!("could not write in the release folder `{}`", path.display());
        fs::create_dir_all(path).with_context(unwritable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))
            .with_context(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(format!("another ekiben is publishing in `{}`", path.display()))
                    .help("wait until it has ended, and run this again")
                    .into());
            }
            // A share without locks: the publisher has to see to it.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { path: path.to_owned(), _lock: Some(lock) })
    }

    /// Opens it to look at it.
    ///
    /// # Errors
    /// When it is no directory.
    pub fn open_to_read(path: &Path) -> anyhow::Result<Self> {
        if !path.is_dir() {
            return Err(Failure::new(format!("`{}` is not a release folder", path.display()))
                .help("name the directory that `ekiben release` was given")
                .into());
        }
        Ok(Self { path: path.to_owned(), _lock: None })
    }

    /// Where a file of it is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The newest root that follows from root 1, and all before it. Empty: there is none yet.
    ///
    /// # Errors
    /// When one can't be read, or is not signed by the one before it.
    pub fn roots(&self) -> anyhow::Result<Vec<Root>> {
        let Some(first) = self.read(&place::root(1))? else { return Ok(Vec::new()) };
        let mut roots = vec![Root::parse(&place::root(1), &first.bytes)?];
        while let Some(last) = roots.last()
            && let Some(signed) = self.read(&place::root(last.number.saturating_add(1)))?
        {
            let next = last.next(&signed.bytes, &signed.signatures)?;
            roots.push(next);
        }
        Ok(roots)
    }

    /// A channel, its signatures checked.
    ///
    /// # Errors
    /// When it can't be read, or the keys of `root` have not signed it.
    pub fn channel(&self, name: &ChannelName, roots: &[Root]) -> anyhow::Result<Option<Channel>> {
        let file = place::channel(name);
        let Some(signed) = self.read(&file)? else { return Ok(None) };
        let number = Channel::root_it_names(&file, &signed.bytes)?;
        // Right after a rotation, the channel is still signed by the keys before it.
        let root = roots.iter().find(|root| root.number == number);
        let root = root.with_context(|| format!("`{file}` is signed with root {number}, which is not there"))?;
        root.require(&file, &signed.bytes, &signed.signatures)?;
        Ok(Some(Channel::parse(&file, &signed.bytes)?))
    }

    /// The channels that are published here, by name.
    ///
    /// # Errors
    /// When the directory can't be read.
    pub fn channels(&self) -> anyhow::Result<Vec<ChannelName>> {
        let entries = fs::read_dir(&self.path).with_context(|| format!("could not list `{}`", self.path.display()))?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let channel = name.to_str().and_then(|name| name.strip_suffix(".json")).map(ChannelName::new);
            names.extend(channel.and_then(Result::ok));
        }
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(names)
    }

    /// Reads a file of metadata and its signatures.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn read(&self, name: &str) -> anyhow::Result<Option<Signed>> {
        read(&self.path, name)
    }

    /// What lies in `pending/` under a name.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn pending(&self, name: &str) -> anyhow::Result<Option<Signed>> {
        read(&self.path.join(PENDING), name)
    }

    /// The names of all that is pending, roots first: channels are signed with their keys.
    ///
    /// # Errors
    /// When the directory can't be read.
    pub fn all_pending(&self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for (directory, prefix) in [(self.path.join(PENDING).join("root"), "root/"), (self.path.join(PENDING), "")] {
            let mut names: Vec<_> = match fs::read_dir(&directory) {
                Ok(entries) => entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| format!("could not list `{}`", directory.display())),
            };
            names.retain(|name| name.ends_with(".json"));
            names.sort();
            found.extend(names.into_iter().map(|name| format!("{prefix}{name}")));
        }
        Ok(found)
    }

    /// Puts a file where clients see it. Its signatures come first: a client that reads between the two sees a file whose
    /// signatures are not right, and asks again.
    ///
    /// # Errors
    /// When it can't be written. What was there before is there then, or is put there again by the same command.
    pub fn publish(&self, name: &str, signed: &Signed) -> anyhow::Result<()> {
        self.write(&self.path, name, signed)?;
        self.forget_pending(name)
    }

    /// Puts a file where it waits for further signatures.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn keep_pending(&self, name: &str, signed: &Signed) -> anyhow::Result<()> {
        self.write(&self.path.join(PENDING), name, signed)
    }

    /// Removes what is pending under this name.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn forget_pending(&self, name: &str) -> anyhow::Result<()> {
        for name in [name.to_owned(), place::signatures(name)] {
            let path = self.path.join(PENDING).join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("could not remove `{}`", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write(&self, directory: &Path, name: &str, signed: &Signed) -> anyhow::Result<()> {
        for (name, bytes) in [(place::signatures(name), &signed.signatures), (name.to_owned(), &signed.bytes)] {
            let path = directory.join(name);
            let unwritable = || format!("could not write `{}`", path.display());
            fs::create_dir_all(path.parent().unwrap_or(directory)).with_context(unwritable)?;
            new_file::replace(&path, bytes)
                .or_fail(unwritable(), "make room there, or get the right to write, and run the same command again")?;
        }
        Ok(())
    }
}

/// Writes a bundle's bytes under a name that does not end in a bundle's, checks them, and renames.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let unwritable = || format!("could not write `{}`", to.display());
    let directory = to.parent().context("a file without a directory")?;
    fs::create_dir_all(directory).with_context(unwritable)?;
    let mut new = tempfile::Builder::new().prefix(".ekiben-new-").tempfile_in(directory).with_context(unwritable)?;
    let mut source = File::open(from).with_context(|| format!("could not read `{}`", from.display()))?;
    io::copy(&mut source, &mut new).with_context(unwritable)?;
    crate::host::system::make_executable(new.as_file()).with_context(unwritable)?;
    new.flush().and_then(|()| new.as_file().sync_all()).with_context(unwritable)?;
    new.persist(to).with_context(unwritable)?;
    Ok(())
}

fn read(directory: &Path, name: &str) -> anyhow::Result<Option<Signed>> {
    let get = |name: &str| match fs::read(directory.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("could not read `{}`", directory.join(name).display())),
    };
    let Some(bytes) = get(name)? else { return Ok(None) };
    Ok(Some(Signed { bytes, signatures: get(&place::signatures(name))?.unwrap_or_default() }))
}
