//! The seal of a version dir: one small file, opened at every start, that answers three questions at once.
//!
//! - **Is the version there?** It is written last into a staging dir, and appears under `versions/` with it.
//! - **Is it in use?** Every start holds it open, shared, for as long as the app runs: the interpreter inherits it. A
//!   clean-up claims it exclusively before it changes the version. On Linux that is a lock (fcntl(2)) on the open file,
//!   on Windows the file's sharing mode. Where locks do not work, a version always counts as in use.
//! - **Is all of it on the disk?** Files that were written shortly before a power cut can be empty afterwards. A new
//!   seal names the boot of the machine that wrote it. The first start after a reboot finds another boot, compares every
//!   file with the bundle ([`crate::install::care::restore`]), and then writes a *settled* seal, which is shorter: its length alone,
//!   which a start knows anyway, says that there is nothing to do. So no start ever waits for a file to be flushed.
//!
//! What a repair writes can be lost in the same way. So a repair empties the seal first, and writes one of this boot at its end.
//!
//! Where a whole file system can be flushed (Linux), a start a minute later does that in the background, when the system has
//! written almost everything by itself, and then settles the seal ([`crate::install::care::prune`]).
//!
//! Where the system does not say which boot this is, no two are the same: the next start compares, and flushes the files before
//! the version is settled.
//!
//! # Security
//! If an app is installed for one account, the seal is for this account alone (mode 0600). An admin's can be read and held by all
//! who run the version, but claimed only by those who may write it.
//!
//! A seal that is incomplete or empty is read as one that is not settled, of another boot.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::install::{fault, layout};
use crate::sys::creation::ensure_directory;
use crate::sys::in_use;
use bundle::source::Source as _;

/// What a settled seal holds.
const SETTLED: &[u8] = b"settled\n";
/// No seal is longer.
const LONGEST: usize = 128;
/// Linux writes changes to disk after half a minute (`vm.dirty_expire_centisecs`); flushing is quick after that.
const WRITTEN_BY_THEN: Duration = Duration::from_secs(60);
/// Cleaners of temporary files delete what was not used for ten days (systemd-tmpfiles), or three.
const LOOK_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A version dir's seal, held open. The version counts as in use until this and all that was inherited from it is closed.
#[derive(Debug)]
pub struct Seal {
    /// The version dir, open: what was checked is what is used.
    directory: File,
    version_dir: PathBuf,
    settled: bool,
    written: Option<SystemTime>,
    /// `None` if another account prevents this one from holding it.
    held: Option<File>,
}

/// The right to remove a version dir.
#[derive(Debug)]
pub(in crate::install) struct Claim {
    held: Option<File>,
}

impl Seal {
    /// Writes the seal of a staging dir whose files are all there. The staging dir itself is not created: if it is gone, another
    /// process took it for a leftover, and a sealed version without files must not be the result.
    pub(in crate::install) fn write(staging: &Path) -> io::Result<()> {
        let path = layout::seal(staging);
        if let Some(directory) = path.parent() {
            fault::point("seal's directory")?;
            ensure_directory(directory)?;
        }
        fault::point("seal")?;
        let mut file = in_use::create(&path)?;
        fault::point("seal made")?;
        file.write_all(unsettled(in_use::boot()).as_bytes())?;
        fault::point("sealed")
    }

    /// Writes an empty seal where there is none: each start repairs the version until the seal is [renewed](Self::renew).
    pub(in crate::install) fn write_invalid(version_dir: &Path) -> io::Result<()> {
        ensure_directory(&version_dir.join(layout::OWN))?;
        in_use::create(&layout::seal(version_dir)).map(drop)
    }

    /// Looks for the seal of a version dir in an install root of ours, and holds it. `None` when there is none, when somebody
    /// is removing the version, or when another account may have written it.
    pub fn hold(version_dir: &Path) -> Option<Self> {
        Self::hold_in(in_use::open_directory(version_dir).ok()?, version_dir)
    }

    /// The same, in a version dir that is open.
    pub(in crate::install) fn hold_in(directory: File, version_dir: &Path) -> Option<Self> {
        let (held, metadata) = in_use::hold(&directory, version_dir, &layout::seal_in_version()).ok()??;
        if !in_use::is_trusted(&metadata) {
            return None;
        }
        let settled = metadata.len() == SETTLED.len() as u64;
        Some(Self {
            directory,
            version_dir: version_dir.to_path_buf(),
            settled,
            written: metadata.modified().ok(),
            held,
        })
    }

    /// Whether all of the version is on the disk, or the machine has not been restarted since it was written.
    pub fn is_sound(&self) -> bool {
        self.settled || self.is_sound_now()
    }

    /// The same, read again: other processes may have changed it since it was opened.
    pub(in crate::install) fn is_sound_now(&self) -> bool {
        let mut found = [0; LONGEST];
        let read = self.held.as_ref().and_then(|held| held.read_at(&mut found, 0).ok()).unwrap_or(0);
        let found = found.get(..read).unwrap_or_default();
        found == SETTLED || str::from_utf8(found).is_ok_and(|text| is_of_boot(text, in_use::boot().as_deref()))
    }

    /// Whether all of the version is known to be on the disk.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether it is time to [`flush`](Self::flush): not settled, not new any more, and on a system that can.
    pub fn is_flush_due(&self) -> bool {
        let age = self.written.and_then(|written| written.elapsed().ok());
        in_use::FLUSH.is_some() && !self.settled && age.is_some_and(|age| age > WRITTEN_BY_THEN)
    }

    /// Flushes the file system, and settles the version. To be called with the lock held.
    pub(in crate::install) fn flush(&self) -> io::Result<()> {
        if !self.is_sound_now() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.flush_file_system()?;
        self.settle()
    }

    /// Settles the version: every file was just compared, and was written before this boot. If the boot is not known, what was read
    /// may be only in memory, and has to be flushed first.
    pub(in crate::install) fn settle_compared(&self) -> io::Result<()> {
        if in_use::boot().is_none() {
            self.flush_file_system()?;
        }
        self.settle()
    }

    fn flush_file_system(&self) -> io::Result<()> {
        in_use::FLUSH.map_or_else(|| Err(io::ErrorKind::Unsupported.into()), |flush| flush(&self.directory))
    }

    fn open_to_rewrite(&self) -> io::Result<File> {
        in_use::open_to_rewrite(&self.directory, &self.version_dir, &layout::seal_in_version())
    }

    /// Notes that all of the version is on the disk. A version on probation stays as one of this boot.
    fn settle(&self) -> io::Result<()> {
        if layout::probation(&self.version_dir).exists() {
            return self.renew();
        }
        self.rewrite(SETTLED)?.sync_all()
    }

    /// Notes that something is wrong with the version: until the seal is [renewed](Self::renew), each start repairs it.
    pub(in crate::install) fn invalidate(&self) -> io::Result<()> {
        self.rewrite(&[]).map(drop)
    }

    /// Notes that all of the version was there in this boot.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn renew(&self) -> io::Result<()> {
        self.rewrite(unsettled(in_use::boot()).as_bytes()).map(drop)
    }

    /// Whether more than a day has passed, by the clock, since somebody [checked](Self::note_check) that all files exist.
    pub(in crate::install) fn is_check_due(&self) -> bool {
        let age = self.written.and_then(|written| written.elapsed().ok());
        age.is_none_or(|age| age > LOOK_AGAIN)
    }

    /// Notes that all files exist now.
    pub(in crate::install) fn note_check(&self) -> io::Result<()> {
        self.open_to_rewrite()?.set_modified(SystemTime::now())
    }

    /// Writes in place, because others hold this file. It is empty in between: if the process is killed then, the version is
    /// repaired.
    fn rewrite(&self, text: &[u8]) -> io::Result<File> {
        fault::point("seal anew")?;
        let mut file = self.open_to_rewrite()?;
        file.set_len(0)?;
        fault::point("seal emptied")?;
        file.write_all(text)?;
        fault::point("seal written")?;
        Ok(file)
    }
}

impl Claim {
    /// `None` when the version is in use, or that can't be told.
    pub(in crate::install) fn new(version_dir: &Path) -> Option<Self> {
        match in_use::claim(&layout::seal(version_dir)) {
            Ok(held) => Some(Self { held: Some(held) }),
            // Without a seal, no start can hold it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Some(Self { held: None }),
            Err(_) => None,
        }
    }

    /// What of it has to be held while the version dir is renamed.
    pub(in crate::install) fn into_rename_guard(self) -> Option<File> {
        self.held.and_then(in_use::into_rename_guard)
    }
}

fn unsettled(boot: Option<String>) -> String {
    format!("boot {}\n", boot.as_deref().unwrap_or("not known"))
}

/// Whether a seal was written in this boot. No, if one of them is not known.
fn is_of_boot(seal: &str, boot: Option<&str>) -> bool {
    let other = seal.strip_prefix("boot ").and_then(|rest| rest.strip_suffix('\n'));
    boot.zip(other).is_some_and(|(boot, other)| in_use::is_same(other, boot))
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
        assert!(Claim::new(dir.path()).is_none());
        drop(two);
        let claim = Claim::new(dir.path()).unwrap();
        assert!(cfg!(windows) || Seal::hold(dir.path()).is_none());
        drop(claim);
        assert!(Seal::hold(dir.path()).is_some());
    }

    #[test]
    fn a_directory_without_a_seal_is_no_version_and_may_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Seal::hold(dir.path()).is_none());
        assert!(Claim::new(dir.path()).is_some());
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
        fs::write(&path, unsettled(in_use::boot())).unwrap();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
        assert!(!seal.is_flush_due());
        let seal = Seal::hold(dir.path()).unwrap();
        assert_eq!(seal.is_flush_due(), in_use::FLUSH.is_some());
        if in_use::FLUSH.is_some() { seal.flush() } else { seal.settle() }.unwrap();
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && seal.is_settled() && seal.is_sound_now());
        seal.invalidate().unwrap();
        assert!(!Seal::hold(dir.path()).unwrap().is_sound() && !seal.is_sound_now());
        seal.renew().unwrap();
        let seal = Seal::hold(dir.path()).unwrap();
        assert!(seal.is_sound() && !seal.is_settled());
    }

    #[test]
    fn an_unknown_boot_is_never_the_same_boot() {
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
