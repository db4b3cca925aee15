//! The seal of a version dir: one small file, opened at every start, that answers three questions at once.
//!
//! - **Is the version there?** It is written last into a staging dir, and appears under `versions/` with it.
//! - **Is it in use?** Every start holds it open, shared, for as long as the app runs: the interpreter inherits it. A
//!   clean-up claims it exclusively before it touches the version. On Unix that is a lock (flock(2)) on the open file,
//!   on Windows the file's sharing mode. Where locks do not work, a version always counts as in use.
//! - **Has the disk got all of it?** Files that were written shortly before a power cut can be empty afterwards. A new
//!   seal names the boot of the machine that wrote it. The first start after a reboot sees another one, compares every
//!   file with the bundle ([`super::restore`]), and then writes a *settled* seal, which is shorter: its length alone,
//!   which a start learns anyway, says that there is nothing to do. Where a file system can be flushed as a whole (Linux),
//!   a start that comes a minute later has that done beside it, when the system has long written everything of itself. So
//!   no file is ever flushed in the way of a start.
//!
//! A seal that is itself lost or torn reads as one that is not settled, of another boot.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::layout;
use crate::bundle::source::Source as _;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

/// What a settled seal holds.
const SETTLED: &[u8] = b"settled\n";
/// No seal is longer.
const LONGEST: u64 = 128;
/// Linux writes what is half a minute old (`vm.dirty_expire_centisecs`); flushing then is next to nothing.
const WRITTEN_BY_THEN: Duration = Duration::from_secs(60);

/// A version dir's seal, held open. The version counts as in use until this and all that was inherited from it is closed.
#[derive(Debug)]
pub struct Seal {
    path: PathBuf,
    settled: bool,
    written: Option<SystemTime>,
    held: File,
}

/// The right to remove a version dir.
#[derive(Debug)]
pub(super) struct Claim {
    held: Option<File>,
}

impl Seal {
    /// Writes the seal of a staging dir whose files are all there.
    pub(super) fn write(staging: &Path) -> io::Result<()> {
        let path = layout::seal(staging);
        if let Some(directory) = path.parent() {
            super::system::create_directories(directory)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(unsettled(&system::boot()).as_bytes())
    }

    /// Looks for a version dir's seal and holds it. `None` when there is none, when somebody is removing the version, or
    /// when it belongs to an account that we have no reason to trust.
    pub fn hold(version_dir: &Path) -> Option<Self> {
        let path = layout::seal(version_dir);
        let held = system::hold(&path).ok()??;
        let metadata = held.metadata().ok()?;
        if !system::is_trusted(&metadata) {
            return None;
        }
        let settled = metadata.len() == SETTLED.len() as u64;
        Some(Self { path, settled, written: metadata.modified().ok(), held })
    }

    /// Whether the disk has all of the version, or the machine has not been restarted since it was written.
    pub fn is_sound(&self) -> bool {
        let same_boot = || {
            let mut text = [0; LONGEST as usize];
            let read = self.held.read_at(&mut text, 0).unwrap_or(0);
            is_of_boot(text.get(..read).unwrap_or_default(), &system::boot())
        };
        self.settled || same_boot()
    }

    /// Whether the disk is known to have all of the version.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// What makes a sound seal settled, for a time when nobody waits; `None` when it is settled, too new, or not to be had
    /// on this system. To be called before the app is started.
    pub fn settling(&self) -> Option<impl FnOnce() + Send + 'static> {
        let old = self.written.and_then(|written| written.elapsed().ok()).is_some_and(|age| age > WRITTEN_BY_THEN);
        let path = self.path.clone();
        (system::CAN_FLUSH && old && !self.settled).then_some(move || {
            // Undone, it is the next start's.
            let _ = system::flush(&path).and_then(|()| settle(&path));
        })
    }

    pub(super) fn settle(&self) -> io::Result<()> {
        settle(&self.path)
    }
}

/// Writes down that the disk has all of the version. In place, because others hold this very file; torn by a power cut it
/// reads as not settled.
fn settle(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(SETTLED)?;
    file.set_len(SETTLED.len() as u64)?;
    file.sync_all()
}

impl Claim {
    /// `None` when the version is in use, or that can't be told.
    pub(super) fn of(version_dir: &Path) -> Option<Self> {
        match system::claim(&layout::seal(version_dir)) {
            Ok(held) => Some(Self { held: Some(held) }),
            // No start ever holds what has no seal.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Some(Self { held: None }),
            Err(_) => None,
        }
    }

    /// What of it has to be held while the version dir is renamed.
    pub(super) fn for_the_rename(self) -> Option<File> {
        self.held.and_then(system::for_the_rename)
    }
}

fn unsettled(boot: &str) -> String {
    format!("boot {boot}\n")
}

fn is_of_boot(seal: &[u8], boot: &str) -> bool {
    let seal = std::str::from_utf8(seal).unwrap_or_default();
    seal.strip_prefix("boot ")
        .and_then(|rest| rest.strip_suffix('\n'))
        .is_some_and(|other| system::is_same(other, boot))
}

#[cfg(test)]
mod tests {
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
        assert!(seal.is_sound() && !seal.is_settled() && seal.settling().is_none());
        for lost in ["boot 1-of-another-life\n", "", "\0\0\0", "settled", "settled\n-9\n"] {
            std::fs::write(&path, lost).unwrap();
            assert!(!Seal::hold(dir.path()).unwrap().is_sound(), "{lost:?}");
        }
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
        match Seal::hold(dir.path()).unwrap().settling() {
            Some(settle) => settle(),
            None => Seal::hold(dir.path()).unwrap().settle().unwrap(),
        }
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && seal.is_settled());
    }
}
