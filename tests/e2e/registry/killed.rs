//! A real first start that is killed, at whatever moment, is made good by the next one. `crash_points` kills a small one at
//! every point that there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::{Os, Program, TestContext, eventually};
use walkdir::WalkDir;

/// The install root of the app `terminal`, alone in a directory.
pub(crate) struct Installs(pub(crate) PathBuf);

impl Installs {
    pub(crate) fn names(&self, directory: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(self.0.join("terminal").join(directory)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// How many files and directories a start has staged that began when `before` was there.
    pub(crate) fn staged(&self, before: &BTreeSet<String>) -> usize {
        let new = self.names("staging").into_iter().filter(|name| !before.contains(name) && !name.ends_with(".gone"));
        new.map(|name| WalkDir::new(self.0.join("terminal/staging").join(name)).into_iter().flatten().count()).sum()
    }

    /// Kills a first start as soon as it has staged so much. Whether that came before it was done.
    pub(crate) fn killed_with(&self, bundle: &Program, staged: usize) -> bool {
        let before = self.names("staging");
        let running = bundle.start();
        eventually("it is at work", || self.staged(&before) >= staged || !self.names("versions").is_empty());
        // Killed, and not heard out: what it has started, a Wine server even, may keep its pipes.
        drop(running);
        self.names("versions").is_empty()
    }

    /// Starts the app, which has to work, and compares all that it installed.
    pub(crate) fn made_good_by(&self, bundle: &Program, said: &str, whole: &Path) {
        assert_eq!(bundle.run().quiet_stdout(), said);
        assert_eq!((self.names("staging").len(), self.names("versions").len()), (0, 1));
        let made = self.0.join("terminal/versions").join(whole.file_name().unwrap());
        let diff = Command::new("diff")
            .args(["-r", "--no-dereference", "--exclude=installed"])
            .arg(whole)
            .arg(&made)
            .output()
            .unwrap();
        assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
    }
}

/// What a whole first start says, what it makes, and of how many files and directories.
pub(crate) fn whole(context: &TestContext, bundle: &Program) -> (String, PathBuf, usize) {
    let said = bundle.run().quiet_stdout().to_owned();
    let version_dir = context.version_dir("terminal");
    let entries = WalkDir::new(&version_dir).into_iter().count();
    (said, version_dir, entries)
}

#[test]
fn a_first_start_killed_at_any_moment_is_made_good_by_the_next() {
    const MOMENTS: usize = 10;
    let context = TestContext::new();
    let bundle = context.program(context.bundle("terminal", Os::Linux)).arg("--version");
    let (said, whole, entries) = whole(&context, &bundle);
    let mut half_done = 0;
    for moment in 0..MOMENTS {
        let installs = Installs(context.path(format!("killed-{moment}")));
        let bundle = bundle.clone().env("EKIBEN_ROOT", &installs.0);
        half_done += usize::from(installs.killed_with(&bundle, 1 + entries * moment / MOMENTS));
        installs.made_good_by(&bundle, &said, &whole);
        fs::remove_dir_all(&installs.0).unwrap();
    }
    assert!(half_done > 0, "the test is slower than the start");
}
