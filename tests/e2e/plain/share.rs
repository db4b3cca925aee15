//! One file that many start, on Linux: how much of it is read, and what happens when it changes under them.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ekiben_tests::{Program, TestContext, Tiny, eventually};

use crate::plain::concurrency::at_once;

/// A first start that has read a part of its bundle and stops there, until it is told to go on.
pub(crate) struct Stopped {
    pub(crate) context: TestContext,
    pub(crate) tiny: Tiny,
    pub(crate) bundle: PathBuf,
    pub(crate) go_on: PathBuf,
}

impl Stopped {
    pub(crate) fn new() -> Self {
        let context = TestContext::new();
        let tiny = Tiny::new("1.0").keep(1).faulty();
        let share = context.path("share");
        fs::create_dir(&share).unwrap();
        let bundle = share.join("tiny");
        fs::rename(tiny.bundle(&context), &bundle).unwrap();
        let go_on = context.path("go-on");
        Self { context, tiny, bundle, go_on }
    }

    pub(crate) fn program(&self) -> Program {
        self.context
            .program(&self.bundle)
            .env("EKIBEN_TEST_FAULT", format!("stop:file:{}", self.go_on.to_str().unwrap()))
    }

    pub(crate) fn has_begun(&self) {
        let mut reached = self.go_on.clone().into_os_string();
        reached.push(".reached");
        eventually("it extracts", || Path::new(&reached).exists());
    }
}

#[test]
fn a_bundle_that_is_replaced_while_it_extracts_and_while_it_runs_is_installed_whole_and_the_next_start_is_the_new_one()
{
    let stopped = Stopped::new();
    let context = &stopped.context;
    let new = Tiny::new("2.0").keep(1).faulty();
    let mut old = stopped.program().arg("stay").stdin("").start();
    stopped.has_begun();
    fs::rename(new.bundle(context), &stopped.bundle).unwrap();
    fs::write(&stopped.go_on, "").unwrap();
    assert_eq!(old.line(), "ran 1.0\n");
    let old_dir = context.version_dir("tiny");
    assert_eq!(stopped.tiny.damage(&old_dir), [""; 0]);

    let start = context.program(&stopped.bundle);
    assert_eq!(start.run().quiet_stdout(), "ran 2.0\n");
    assert_eq!(stopped.tiny.damage(&old_dir), [""; 0], "it still runs");
    // Nobody needs the file: neither who runs, nor the clean-up.
    fs::remove_file(&stopped.bundle).unwrap();
    old.wait().success();
    fs::rename(new.bundle(context), &stopped.bundle).unwrap();
    eventually("a clean-up", || {
        assert_eq!(start.run().quiet_stdout(), "ran 2.0\n");
        !old_dir.exists()
    });
    assert_eq!(new.damage(&context.version_dir("tiny")), [""; 0]);
}

#[test]
fn two_hundred_users_start_one_file_at_once_and_disturb_nobody() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = tiny.bundle(&context);
    let share = context.path("share");
    fs::create_dir(&share).unwrap();
    let place = share.join("tiny");
    fs::rename(bundle, &place).unwrap();
    // Nobody may write there, and somebody else has locked it.
    for (path, mode) in [(&place, 0o555), (&share, 0o555)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let locked = File::open(&place).unwrap();
    locked.lock().unwrap();
    let before = (fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap());

    // Half of them on machines of their own, the others twenty to a machine.
    let root = |user: usize| context.path(format!("root-{}", if user < 100 { user } else { 100 + user / 20 }));
    let starts: Vec<Program> =
        (0..200).map(|user| context.program(&place).env("EKIBEN_ROOT", root(user)).arg("where")).collect();
    let mut places: Vec<String> = Vec::new();
    for outcome in at_once(&starts) {
        let (said, version_dir) = outcome.quiet_stdout().split_once('\n').unwrap();
        assert_eq!(said, "ran 1.0");
        places.push(version_dir.trim_end().to_owned());
    }
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 105);
    for version_dir in places {
        assert_eq!(tiny.damage(Path::new(&version_dir)), [""; 0]);
    }
    assert_eq!((fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap()), before);
    fs::set_permissions(share, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_bundle_that_is_deleted_while_it_extracts_is_installed_whole() {
    let stopped = Stopped::new();
    let running = stopped.program().start();
    stopped.has_begun();
    fs::remove_file(&stopped.bundle).unwrap();
    fs::write(&stopped.go_on, "").unwrap();
    assert_eq!(running.wait().quiet_stdout(), "ran 1.0\n");
    assert_eq!(stopped.tiny.damage(&stopped.context.version_dir("tiny")), [""; 0]);
}
