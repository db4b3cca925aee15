//! A Windows machine of a test's own, without a screen, which can be switched off and on again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

use crate::context::TestContext;
use crate::program::Program;
use crate::wine::{Wine, keep, server};

/// Such a machine. It is switched off when this is dropped.
#[derive(Debug)]
pub struct WindowsMachine {
    wine: &'static Wine,
    prefix: PathBuf,
    /// Idle programs that hold the services of its Windows, see [`crate::wine`].
    keepers: Vec<Child>,
}

impl WindowsMachine {
    /// A new one, running.
    ///
    /// # Panics
    /// When there can't be one.
    pub fn new(wine: &'static Wine) -> Self {
        let prefix = wine.own_drive("machine", "");
        let mut machine = Self { wine, prefix, keepers: Vec::new() };
        machine.switch_on();
        machine
    }

    /// A Windows program in the environment of a test, on this machine.
    pub fn program(&self, context: &TestContext, exe: impl Into<PathBuf>) -> Program {
        self.wine.program(context, exe).env_remove("EKIBEN_ROOT").env("WINEPREFIX", &self.prefix)
    }

    /// Its drive `C:`.
    pub fn drive(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// The profile of its only account.
    ///
    /// # Panics
    /// When there is none.
    pub fn profile(&self) -> PathBuf {
        let users = fs::read_dir(self.drive().join("users")).unwrap().map(|entry| entry.unwrap().path());
        users.filter(|path| path.file_name().is_some_and(|name| name != "Public")).find(|path| path.is_dir()).unwrap()
    }

    /// Ends all that runs, as a power cut does.
    ///
    /// # Panics
    /// When that can't be done.
    pub fn switch_off(&mut self) {
        server(&self.prefix, &["-k"]);
        server(&self.prefix, &["-w"]);
        for mut keeper in self.keepers.drain(..) {
            drop(keeper.kill());
            drop(keeper.wait());
        }
    }

    /// Starts it: services that start at boot do so now.
    pub fn switch_on(&mut self) {
        self.keepers = keep(|arguments| self.wine.on(&self.prefix, arguments).command());
    }

    /// The process ids, on this machine, of programs of its Windows whose command line holds `text`.
    ///
    /// # Panics
    /// When processes can't be listed.
    pub fn processes(&self, text: &str) -> Vec<u32> {
        let prefix = format!("WINEPREFIX={}\0", self.prefix.display());
        let is_here = |process: &Path| {
            let [environment, line] =
                ["environ", "cmdline"].map(|file| fs::read(process.join(file)).unwrap_or_default());
            let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            holds(&environment, &prefix) && holds(&line, &text.replace(' ', "\0"))
        };
        let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let id = |process: PathBuf| process.file_name()?.to_str()?.parse().ok();
        processes.filter(|process| is_here(process)).filter_map(id).collect()
    }
}

impl Drop for WindowsMachine {
    fn drop(&mut self) {
        self.switch_off();
        drop(fs::remove_dir_all(&self.prefix));
    }
}
