//! The new bundle takes the old one's place.
//!
//! 1. The new version is tried ([`trial`]).
//! 2. It is copied beside the old bundle, read back and compared: a rename can then put it in place whole.
//! 3. The old bundle is kept in the install root, for a rollback.
//! 4. One rename. Where a running program can't be replaced (Windows), it is renamed aside first, and back if the second rename fails.
//!
//! Killed before the fourth step, the old bundle is in place. On Windows, a computer that loses power between the two renames of
//! the fourth step has the old bundle as `<name>.<digits>.old` beside its place: somebody has to rename it back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bundle::digest::Digest;
use launcher::install::make::own_copy;
use launcher::sys::new_file;

use crate::call::Call;
use crate::check::Offer;
use crate::client::Client;
use crate::error::UpdateError;
use crate::state::Previous;
use crate::{json, trial};

/// Installs, tries, and swaps.
///
/// # Errors
/// When the new version does not work, or something can't be written. The old bundle is in place then.
pub fn run(client: &mut Client, offer: &Offer, file: PathBuf) -> Result<(), UpdateError> {
    if let Err(error) = trial::run(client, &offer.version, &file) {
        remember_bad(client, offer.file.digest)?;
        let _ = fs::remove_file(&file);
        return Err(error);
    }
    place(client, &file, offer.file.sha256)?;
    client.state.bad.retain(|digest| *digest != offer.file.digest);
    client.remember()?;
    let _ = fs::remove_file(&file);
    Ok(())
}

/// Puts a verified bundle in the old one's place, and keeps the old one.
///
/// # Errors
/// When something can't be written. The old bundle is in place then.
pub fn place(client: &mut Client, file: &Path, sha256: Digest) -> Result<(), UpdateError> {
    let path = client.path.clone();
    let new = Beside::copy(file, &path, sha256)?;
    let kept = client.installed.update_previous();
    keep(client, &kept)?;
    let aside = beside(&path, "old");
    own_copy::replace(&new.0, &path, &aside).map_err(UpdateError::disk("replace", &path))?;
    // It may still run (Windows): then the next update removes it.
    let _ = fs::remove_file(&aside);
    Ok(())
}

/// A payload that is not tried again.
fn remember_bad(client: &mut Client, digest: Digest) -> Result<(), UpdateError> {
    if !client.state.bad.contains(&digest) {
        client.state.bad.push(digest);
    }
    client.remember()
}

/// A copy in the directory of the bundle; gone when it is dropped, unless it was renamed.
struct Beside(PathBuf);

impl Beside {
    fn copy(from: &Path, path: &Path, sha256: Digest) -> Result<Self, UpdateError> {
        let to = Self(beside(path, "new"));
        let written = || -> io::Result<bool> {
            let mut file = new_file::create_new_program(&to.0)?;
            io::copy(&mut File::open(from)?, &mut file)?;
            file.sync_all()?;
            drop(file);
            Ok(digest_of(&to.0)? == sha256)
        };
        match written().map_err(UpdateError::disk("write", &to.0))? {
            true => Ok(to),
            false => Err(UpdateError::File("what was written is not what is read back".to_owned())),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Keeps the bundle that is about to be replaced.
fn keep(client: &mut Client, kept: &Path) -> Result<(), UpdateError> {
    let unwritable = || UpdateError::disk("write", kept);
    let new = beside(kept, "new");
    fs::hard_link(&client.path, &new)
        .or_else(|_| {
            let mut file = new_file::create_new_program(&new)?;
            io::copy(&mut File::open(&client.path)?, &mut file).map(drop)
        })
        .and_then(|()| fs::rename(&new, kept))
        .inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })
        .map_err(unwritable())?;
    let sha256 = digest_of(kept).map_err(UpdateError::disk("read", kept))?;
    client.state.previous = Some(Previous { version: client.bundle.record().app.version.clone(), sha256 });
    client.remember()
}

/// A name beside a file that nobody can know beforehand.
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{:016x}.{what}", new_file::unguessable()));
    path.with_file_name(name)
}

/// The SHA-256 of a file.
pub fn digest_of(path: &Path) -> io::Result<Digest> {
    Digest::of_reader(File::open(path)?)
}

/// What is said when it is done.
pub fn told(client: &Client, call: &Call, offer: &Offer) -> String {
    let record = client.bundle.record();
    if call.json {
        let members = [
            ("app", json::string(record.app.id.as_str())),
            ("updated", json::string(&offer.version)),
            ("from", json::string(&record.app.version)),
        ];
        return json::object(&members) + "\n";
    }
    format!("{} is now {}; it was {}\n", record.app.name, offer.version, record.app.version)
}
