//! The new bundle takes the old one's place.
//!
//! 1. The new version is tried ([`trial`]). From now on it is on probation ([`launcher::probation`]).
//! 2. It is copied beside the old bundle, read back and compared: a rename can then put it in place whole.
//! 3. The old bundle is kept in the install root, for a rollback.
//! 4. One rename. Where a running program can't be replaced (Windows), it is renamed aside first, and back if the second rename fails.
//!
//! Killed before the fourth step, the old bundle is in place. On Windows, a computer that loses power between the two renames of
//! the fourth step has the old bundle as `<name>.<digits>.old.exe` beside its place: when somebody starts that, it returns to
//! its place.
//!
//! What the names of files beside the bundle will be is remembered before they are made, so that the next updater can remove what a
//! killed one has left.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bundle::digest::Digest;
use launcher::install::layout;
use launcher::install::make::own_copy;
use launcher::probation;
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
    trial::run(client, &offer.version, &file).or_else(|error| {
        if matches!(error, UpdateError::Trial { .. }) {
            remember_bad(client, offer.file.digest)?;
            let _ = fs::remove_file(&file);
        }
        Err(error)
    })?;
    let version_dir = client.installed.version_dir(&offer.version, offer.file.digest);
    probation::begin(&client.installed, &version_dir).map_err(UpdateError::disk("write", &version_dir))?;
    place(client, &file, offer.file.sha256, Keep::First).inspect_err(|_| probation::end(&version_dir))?;
    client.state.bad.retain(|digest| *digest != offer.file.digest);
    client.remember()?;
    let _ = fs::remove_file(&file);
    Ok(())
}

/// When the replaced bundle becomes the one that a rollback goes back to. Whatever is killed in between, the version that it was
/// about is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Of an update: before the rename.
    First,
    /// Of a rollback, which needs the one that was kept until now: after it.
    Last,
}

/// Puts a verified bundle in the old one's place, and keeps the old one.
///
/// # Errors
/// When something can't be written. The old bundle is in place then.
pub fn place(client: &mut Client, file: &Path, sha256: Digest, keep: Keep) -> Result<(), UpdateError> {
    let path = client.path.clone();
    let number = new_file::unguessable();
    let [new, aside] = ["new", "old"].map(|what| layout::aside(&path, number, what));
    let own = || client.installed.update_replaced(new_file::unguessable());
    let (replaced, old) = (own(), Old { link: own(), before: own() });
    let names = [&new, &aside, &replaced, &old.link, &old.before].map(Clone::clone);
    client.state.leftovers.extend(names);
    client.remember()?;
    let placed = copy(file, &new, sha256).and_then(|()| {
        old.create(&path)?;
        if keep == Keep::First {
            old.keep(client)?;
        }
        own_copy::replace(&new, &path, &aside).map_err(UpdateError::disk("replace", &path))
    });
    if placed.is_ok() && keep == Keep::Last {
        old.keep(client)?;
    }
    if placed.is_ok() && fs::remove_file(&aside).is_err() {
        // It is still running (Windows), so it can only be renamed: it goes where users don't see it.
        let _ = fs::rename(&aside, &replaced);
    }
    client.state.remove_leftovers();
    let remembered = client.remember();
    placed.and(remembered)
}

/// A payload that is not tried again.
pub fn remember_bad(client: &mut Client, digest: Digest) -> Result<(), UpdateError> {
    if !client.state.bad.contains(&digest) {
        client.state.bad.push(digest);
    }
    client.remember()
}

/// Copies the new bundle beside the old one, and compares what is read back.
fn copy(from: &Path, to: &Path, sha256: Digest) -> Result<(), UpdateError> {
    let written = || -> io::Result<bool> {
        let mut file = new_file::create_new_program(to)?;
        io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()?;
        drop(file);
        Ok(digest_of(to)? == sha256)
    };
    match written().map_err(UpdateError::disk("write", to))? {
        true => Ok(()),
        false => Err(UpdateError::File("what was written is not what is read back".to_owned())),
    }
}

/// The bundle that is replaced.
struct Old {
    /// Another name for it.
    link: PathBuf,
    /// For the one that was kept before, which may still run (Windows).
    before: PathBuf,
}

impl Old {
    /// Gives it the other name, or makes a copy.
    fn create(&self, path: &Path) -> Result<(), UpdateError> {
        let copy = |_| {
            let mut file = new_file::create_new_program(&self.link)?;
            io::copy(&mut File::open(path)?, &mut file)?;
            file.sync_all()
        };
        fs::hard_link(path, &self.link).or_else(copy).map_err(UpdateError::disk("write", &self.link))
    }

    /// A rollback goes back to it from now on.
    fn keep(&self, client: &mut Client) -> Result<(), UpdateError> {
        let kept = client.installed.update_previous();
        own_copy::replace(&self.link, &kept, &self.before).map_err(UpdateError::disk("write", &kept))?;
        let sha256 = digest_of(&kept).map_err(UpdateError::disk("read", &kept))?;
        client.state.previous = Some(Previous { version: client.bundle.record().app.version.clone(), sha256 });
        client.remember()
    }
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
