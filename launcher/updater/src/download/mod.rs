//! The new bundle is put together in a file of our own, in the install root: from what the old one has and what is fetched
//! ([`parts`]), or as a whole ([`whole`]) where a server has no ranges. Byte by byte it is what was published, or it is removed.
//!
//! The file is kept when the connection breaks: the next attempt takes from it what is right, and fetches the rest.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use bundle::Bundle;
use bundle::digest::Digest;
use launcher::install::Watcher as _;
use launcher::notify::Progress;
use launcher::sys::new_file;

use crate::check::Offer;
use crate::client::Client;
use crate::error::UpdateError;
use crate::source::{Body, copy_exactly};

mod parts;
mod whole;

/// How often a broken connection is taken up again.
const ATTEMPTS: usize = 3;

/// A file that is being made.
struct Target<'a> {
    file: &'a File,
    path: &'a Path,
    offer: &'a Offer,
    progress: &'a mut Progress,
}

/// How one way of getting the file ended.
enum Got {
    /// All bytes are there; whether they are right is looked at next.
    All,
    /// The server has no ranges, or what they make is not what was published.
    NotThisWay,
}

/// Makes the new bundle; answers where it is.
///
/// # Errors
/// When it can't be got, or is not what was published.
pub fn run(client: &Client, offer: &Offer) -> Result<PathBuf, UpdateError> {
    let path = client.installed.update_download(offer.file.digest);
    let directory = client.installed.update_downloads();
    fs::create_dir_all(&directory).map_err(UpdateError::disk("make", &directory))?;
    remove_others(client, &path);
    let file = open(&path).map_err(UpdateError::disk("write", &path))?;
    let mut progress = Progress::for_update(&client.bundle.record().app.name);
    if !is_published(&file, offer)? {
        let mut target = Target { file: &file, path: &path, offer, progress: &mut progress };
        let parts = parts::get(client, &mut target)?;
        if matches!(parts, Got::NotThisWay) || !is_published(&file, offer)? {
            whole::get(&mut target)?;
        }
        if !is_published(&file, offer)? {
            let _ = fs::remove_file(&path);
            return Err(UpdateError::File("its SHA-256 is not the one that was published".to_owned()));
        }
    }
    file.sync_all().map_err(UpdateError::disk("write", &path))?;
    drop(file);
    if let Err(wrong) = is_right_bundle(client, offer, &path) {
        let _ = fs::remove_file(&path);
        return Err(wrong);
    }
    Ok(path)
}

/// Opens it to read and write, as a program of this account's own.
fn open(path: &Path) -> io::Result<File> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            drop(new_file::create_new_program(path)?);
            OpenOptions::new().read(true).write(true).open(path)
        }
        result => result,
    }
}

/// Removes what earlier updates have left.
pub fn remove_all(client: &Client) {
    remove_others(client, Path::new(""));
}

/// What an earlier update has left unfinished is of no use for another version.
fn remove_others(client: &Client, path: &Path) {
    for entry in fs::read_dir(client.installed.update_downloads()).into_iter().flatten().flatten() {
        if entry.path() != path {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether the file is, byte by byte, what was published.
fn is_published(file: &File, offer: &Offer) -> Result<bool, UpdateError> {
    let look = || -> io::Result<bool> {
        if file.metadata()?.len() != offer.file.len {
            return Ok(false);
        }
        let mut reader = file;
        io::Seek::seek(&mut reader, io::SeekFrom::Start(0))?;
        Ok(Digest::of_reader(reader)? == offer.file.sha256)
    };
    look().map_err(|source| UpdateError::File(format!("it can't be read back: {source}")))
}

/// A bundle of the same app and target, with the version that the metadata says.
fn is_right_bundle(client: &Client, offer: &Offer, path: &Path) -> Result<(), UpdateError> {
    let wrong = |what: String| Err(UpdateError::File(what));
    let new = match Bundle::open(path) {
        Ok(new) => new,
        Err(error) => return wrong(format!("it is not a bundle: {error}")),
    };
    let (old, record) = (client.bundle.record(), new.record());
    if record.app.id != old.app.id {
        return wrong(format!("it is another app, `{}`", record.app.id.as_str()));
    }
    if record.target != old.target {
        return wrong(format!("it is for {}, and this is {}", record.target, old.target));
    }
    if new.digest() != offer.file.digest || record.app.version != offer.version {
        return wrong(format!("it is version {}, and {} was published", record.app.version, offer.version));
    }
    // Unchanged since it was put together: the index too has the digest that the footer says.
    match new.index() {
        Ok(_) => Ok(()),
        Err(error) => wrong(format!("it is damaged: {error}")),
    }
}

impl Target<'_> {
    /// Writes what a server sends, up to `end`, and says how far it is: `done` bytes of all were there before. Answers where it
    /// has stopped, and why, if that was too early.
    ///
    /// # Errors
    /// When the file can't be written, or the user wants no more of it.
    fn take(&mut self, body: Body, end: u64, (done, all): (u64, u64)) -> Result<(u64, io::Result<()>), UpdateError> {
        let (start, mut at) = (body.start, body.start);
        let mut failed = None;
        let (_, result) = copy_exactly(body.bytes, end.saturating_sub(start), &mut |bytes| {
            let mut take = || {
                self.write_at(bytes, at).map_err(UpdateError::disk("write", self.path))?;
                at += bytes.len() as u64;
                self.reached(done + at - start, all)
            };
            take().map_err(|error| {
                failed = Some(error);
                io::ErrorKind::Other.into()
            })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok((at, result)),
        }
    }

    /// What is said when a connection has broken too often.
    fn broken(&self, at: u64, error: &io::Error) -> UpdateError {
        let why = format!("the connection broke again and again, at byte {at} of {}: {error}", self.offer.file.len);
        UpdateError::Fetch { place: self.offer.version.clone(), why }
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let mut file = self.file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(at))?;
        io::Write::write_all(&mut file, bytes)
    }

    /// Says how far it is.
    ///
    /// # Errors
    /// When the user wants no more of it.
    fn reached(&mut self, done: u64, total: u64) -> Result<(), UpdateError> {
        self.progress.extracted(done, total.max(1));
        if self.progress.is_cancelled() {
            return Err(UpdateError::Fetch { place: self.offer.version.clone(), why: "it was cancelled".to_owned() });
        }
        Ok(())
    }
}
