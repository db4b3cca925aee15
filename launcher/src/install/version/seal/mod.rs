//! The seal of a version dir: one small file, opened at every start, that answers three questions at once.
//!
//! - **Is the version there?** It is written last into a staging dir, and appears under `versions/` with it.
//! - **Is it in use?** Every start holds it open, shared, for as long as the app runs: the interpreter inherits it. A
//!   clean-up claims it exclusively before it touches the version. On Unix that is a lock (fcntl(2)) on the open file,
//!   on Windows the file's sharing mode. Where locks do not work, a version always counts as in use.
//! - **Has the disk got all of it?** Files that were written shortly before a power cut can be empty afterwards. A new
//!   seal names the boot of the machine that wrote it. The first start after a reboot sees another one, compares every
//!   file with the bundle ([`crate::install::care::restore`]), and then writes a *settled* seal, which is shorter: its length alone,
//!   which a start learns anyway, says that there is nothing to do. So no file is ever flushed in the way of a start.
//!
//! What a repair writes can be lost like that too. So it empties the seal first, and then writes one of this boot.
//!
//! Where a file system can be flushed as a whole (Linux), a start that comes a minute later has that done beside it, when
//! the system has long written everything of itself, and the seal is settled then ([`crate::install::care::prune`]).
//!
//! Where the system does not say which boot this is, no two are the same: the next start compares, and has the disk write all
//! of it before the version is settled.
//!
//! # Security
//! Where an app is installed for one account, the seal is for this account alone (mode 0600). An admin's can be read by all
//! who run the version, and held by them, but only somebody who may write it can claim it.
//!
//! A seal that is itself lost, torn or empty reads as one that is not settled, of another boot.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::install::{fault, layout};
use bundle::source::Source as _;

use crate::sys::in_use as system;

/// What a settled seal holds.
const SETTLED: &[u8] = b"settled\n";
/// No seal is longer.
const LONGEST: usize = 128;
/// Linux writes what is half a minute old (`vm.dirty_expire_centisecs`); flushing then is next to nothing.
const WRITTEN_BY_THEN: Duration = Duration::from_secs(60);
/// Cleaners of temporary files take what nobody has used for ten days (systemd-tmpfiles), or three.
const LOOK_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A version dir's seal, held open. The version counts as in use until this and all that was inherited from it is closed.
#[derive(Debug)]
pub struct Seal {
    /// The version dir, open: what was checked is what is used.
    directory: File,
    path: PathBuf,
    settled: bool,
    written: Option<SystemTime>,
    /// `None` where another account keeps this one from holding it.
    held: Option<File>,
}

/// The right to remove a version dir.
#[derive(Debug)]
pub(in crate::install) struct Claim {
    held: Option<File>,
}

impl Seal {
    /// Writes the seal of a staging dir whose files are all there. The staging dir itself is never made: when it is gone,
    /// someone took it for a leftover, and a sealed tree of nothing must not come of it.
    pub(in crate::install) fn write(staging: &Path) -> io::Result<()> {
        let path = layout::seal(staging);
        if let Some(directory) = path.parent() {
            fault::point("seal's directory")?;
            match crate::install::system::create_directory(directory) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                result => result?,
            }
        }
        fault::point("seal")?;
        let mut file = system::create(&path)?;
        fault::point("seal made")?;
        file.write_all(unsettled(system::boot()).as_bytes())?;
        fault::point("sealed")
    }

    /// Writes an empty seal where there is none: each start repairs the version until it is [`renewed`](Self::renew).
    pub(in crate::install) fn write_doubt(version_dir: &Path) -> io::Result<()> {
        match crate::install::system::create_directory(&version_dir.join(layout::OWN)) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
            _ => system::create(&layout::seal(version_dir)).map(drop),
        }
    }

    /// Looks for the seal of a version dir in an install root of ours, and holds it. `None` when there is none, when somebody
    /// is removing the version, or when another account may have written it.
    pub fn hold(version_dir: &Path) -> Option<Self> {
        Self::hold_in(system::open_directory(version_dir).ok()?, version_dir)
    }

    /// The same, in a version dir that is open.
    pub(in crate::install) fn hold_in(directory: File, version_dir: &Path) -> Option<Self> {
        let path = layout::seal(version_dir);
        let (held, metadata) = system::hold(&directory, &path).ok()??;
        if !system::is_trusted(&metadata) {
            return None;
        }
        let settled = metadata.len() == SETTLED.len() as u64;
        Some(Self { directory, path, settled, written: metadata.modified().ok(), held })
    }

    /// Whether the disk has all of the version, or the machine has not been restarted since it was written.
    pub fn is_sound(&self) -> bool {
        self.settled || self.is_sound_now()
    }

    /// The same, asked again: others may have doubted or repaired it since it was opened.
    pub(in crate::install) fn is_sound_now(&self) -> bool {
        let mut found = [0; LONGEST];
        let read = self.held.as_ref().and_then(|held| held.read_at(&mut found, 0).ok()).unwrap_or(0);
        let found = found.get(..read).unwrap_or_default();
        found == SETTLED || str::from_utf8(found).is_ok_and(|text| is_of_boot(text, system::boot().as_deref()))
    }

    /// Whether the disk is known to have all of the version.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether it is time to [`flush`](Self::flush): not settled, not new any more, and on a system that can.
    pub fn is_to_be_flushed(&self) -> bool {
        let age = self.written.and_then(|written| written.elapsed().ok());
        system::CAN_FLUSH && !self.settled && age.is_some_and(|age| age > WRITTEN_BY_THEN)
    }

    /// Has the disk write all that it has not, and settles the version. To be called with the lock held.
    pub(in crate::install) fn flush(&self) -> io::Result<()> {
        if !self.is_sound_now() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        system::flush(&self.directory)?;
        self.settle()
    }

    /// Settles the version: every file was just compared, and was written before this boot. Where that is not known, what was
    /// read may be in memory alone, and the disk has to write it first.
    pub(in crate::install) fn settle_compared(&self) -> io::Result<()> {
        if system::boot().is_none() {
            system::flush(&self.directory)?;
        }
        self.settle()
    }

    /// Writes down that the disk has all of the version.
    fn settle(&self) -> io::Result<()> {
        self.rewrite(SETTLED)?.sync_all()
    }

    /// Writes down that something is wrong with the version: until it is [`renewed`](Self::renew), each start repairs it.
    pub(in crate::install) fn doubt(&self) -> io::Result<()> {
        self.rewrite(&[]).map(drop)
    }

    /// Writes down that all of the version was there in this boot.
    pub(in crate::install) fn renew(&self) -> io::Result<()> {
        self.rewrite(unsettled(system::boot()).as_bytes()).map(drop)
    }

    /// Whether more than a day has passed since somebody [looked](Self::looked_over) whether all files are there, as far as
    /// the clock can tell.
    pub(in crate::install) fn is_to_be_looked_over(&self) -> bool {
        let age = self.written.and_then(|written| written.elapsed().ok());
        age.is_none_or(|age| age > LOOK_AGAIN)
    }

    /// Notes that all files are there now.
    pub(in crate::install) fn looked_over(&self) -> io::Result<()> {
        system::open_to_rewrite(&self.directory, &self.path)?.set_modified(SystemTime::now())
    }

    /// In place, because others hold this very file. Empty in between: whoever is killed here leaves a doubt.
    fn rewrite(&self, text: &[u8]) -> io::Result<File> {
        fault::point("seal anew")?;
        let mut file = system::open_to_rewrite(&self.directory, &self.path)?;
        file.set_len(0)?;
        fault::point("seal emptied")?;
        file.write_all(text)?;
        fault::point("seal written")?;
        Ok(file)
    }
}

impl Claim {
    /// `None` when the version is in use, or that can't be told.
    pub(in crate::install) fn of(version_dir: &Path) -> Option<Self> {
        match system::claim(&layout::seal(version_dir)) {
            Ok(held) => Some(Self { held: Some(held) }),
            // No start ever holds what has no seal.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Some(Self { held: None }),
            Err(_) => None,
        }
    }

    /// What of it has to be held while the version dir is renamed.
    pub(in crate::install) fn for_the_rename(self) -> Option<File> {
        self.held.and_then(system::for_the_rename)
    }
}

fn unsettled(boot: Option<String>) -> String {
    format!("boot {}\n", boot.as_deref().unwrap_or("not known"))
}

/// Whether a seal was written in this boot. Of one that is not known nobody can tell.
fn is_of_boot(seal: &str, boot: Option<&str>) -> bool {
    let other = seal.strip_prefix("boot ").and_then(|rest| rest.strip_suffix('\n'));
    boot.zip(other).is_some_and(|(boot, other)| system::is_same(other, boot))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sealed() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        Seal::write(dir.path()).unwrap();
        dir
    }

    #[test]
    fn a_held_version_can_not_be_claimed_and_a_claimed_one_not_held() {
        let dir = sealed();
        let (one, two) = (Seal::hold(dir.path()).unwrap(), Seal::hold(dir.path()).unwrap());
        drop(one);
        assert!(Claim::of(dir.path()).is_none());
        drop(two);
        let claim = Claim::of(dir.path()).unwrap();
        assert!(cfg!(windows) || Seal::hold(dir.path()).is_none());
        drop(claim);
        assert!(Seal::hold(dir.path()).is_some());
    }

    #[test]
    fn a_directory_without_a_seal_is_no_version_and_may_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Seal::hold(dir.path()).is_none());
        assert!(Claim::of(dir.path()).is_some());
    }

    #[test]
    fn a_seal_is_sound_until_the_next_boot_and_for_ever_once_settled() {
        let dir = sealed();
        let path = layout::seal(dir.path());
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && !seal.is_settled());
        for lost in ["boot 1-of-another-life\n", "", "\0\0\0", "settled", "settled\n-9\n"] {
            fs::write(&path, lost).unwrap();
            assert!(!Seal::hold(dir.path()).unwrap().is_sound(), "{lost:?}");
        }
        fs::write(&path, unsettled(system::boot())).unwrap();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
        assert!(!seal.is_to_be_flushed());
        let seal = Seal::hold(dir.path()).unwrap();
        assert_eq!(seal.is_to_be_flushed(), system::CAN_FLUSH);
        if system::CAN_FLUSH { seal.flush() } else { seal.settle() }.unwrap();
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && seal.is_settled() && seal.is_sound_now());
        seal.doubt().unwrap();
        assert!(!Seal::hold(dir.path()).unwrap().is_sound() && !seal.is_sound_now());
        seal.renew().unwrap();
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && !seal.is_settled());
    }

    #[test]
    fn a_boot_that_is_not_known_is_no_boot_that_was() {
        for seal in [unsettled(None), unsettled(Some("7".to_owned())), "boot \n".to_owned()] {
            assert!(!is_of_boot(&seal, None), "{seal}");
        }
        assert!(!is_of_boot(&unsettled(None), Some("7")));
        assert!(is_of_boot(&unsettled(Some("7".to_owned())), Some("7")));
    }

    #[test]
    fn a_staging_dir_that_was_taken_away_is_not_made_again_by_its_seal() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Seal::write(&dir.path().join("gone")).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
