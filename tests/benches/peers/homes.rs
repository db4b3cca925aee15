//! Where programs start: a home and a temporary directory of their own, on the disk with the cache.
//!
//! Each first start has a new one, and they are deleted in the end: a disk that deletes and creates in turns gets slower by
//! the minute. Only when the disk runs full they go between rounds.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::kept;

/// What must stay free, in KiB.
const ENOUGH: u64 = 4 << 20;

pub(crate) struct Homes(TempDir);

impl Homes {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("runs-").tempdir_in(kept::path("x").parent().unwrap()).unwrap())
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// A home that stays for all rounds, made when it is asked for first.
    pub(crate) fn lasting(&self, name: &str) -> PathBuf {
        let home = self.path(format!("lasting {name}"));
        fs::create_dir_all(home.join("tmp")).unwrap();
        home
    }

    /// A new one for this round.
    pub(crate) fn fresh(&self, name: &str, round: usize) -> PathBuf {
        let home = self.path(format!("round {round}")).join(name);
        fs::create_dir_all(home.join("tmp")).unwrap();
        home
    }

    /// After a round: its directories are deleted if room is getting scarce.
    pub(crate) fn make_room(&self, round: usize) {
        let df = Command::new("df").args(["--output=avail", "-k"]).arg(self.0.path()).output().unwrap();
        let free = String::from_utf8(df.stdout).unwrap();
        if free.lines().nth(1).is_none_or(|line| line.trim().parse::<u64>().unwrap() < ENOUGH) {
            drop(fs::remove_dir_all(self.path(format!("round {round}"))));
        }
    }
}

/// Makes what ekiben has installed in this home as old as most starts find it: after a minute, or the next boot, the version
/// is known to be on the disk.
pub(crate) fn count_as_settled(home: &Path) {
    let entries =
        |directory: PathBuf| fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    for root in entries(home.join(".local/share/ekiben")) {
        for version_dir in entries(root.join("versions")) {
            fs::write(version_dir.join(".ekiben/seal"), "settled\n").unwrap();
        }
    }
}

/// A program in this home, with nothing else of the benchmark's own environment but the `PATH`.
pub(crate) fn at_home(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("LANG", "C.UTF-8");
    command.env("HOME", home).env("TMPDIR", home.join("tmp")).current_dir(home);
    command
}

/// The same command, on some of the machine's cores.
pub(crate) fn on_cores(cores: &str, command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", cores]).arg(command.get_program()).args(command.get_args()).env_clear();
    pinned.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        pinned.current_dir(directory);
    }
    pinned
}

/// Everything is on the disk now, so that nobody pays for what was written before.
pub(crate) fn settle() {
    assert!(Command::new("sync").status().unwrap().success());
}
