//! After a power cut, files that were written shortly before may be empty. The first start after it brings them back.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ekiben_tests::{Program, TestContext, Tiny};

/// A version dir, and what its disk has lost.
pub(crate) struct Lost {
    pub(crate) version_dir: PathBuf,
}

impl Lost {
    /// Of an installed version.
    pub(crate) fn after(bundle: &Program, context: &TestContext, app: &str) -> Self {
        bundle.run().success();
        Self { version_dir: context.version_dir(app) }
    }

    /// One file that is gone, one that was cut off, one that is full of zeros.
    pub(crate) fn files(&self) {
        for (path, content) in
            [("lib/part1/module1.py", None), ("lib/part2/module2.py", Some(0)), ("bin/python3", Some(30))]
        {
            let path = self.version_dir.join(path);
            match content {
                None => fs::remove_file(path).unwrap(),
                Some(zeros) => fs::write(path, vec![0; zeros]).unwrap(),
            }
        }
    }

    pub(crate) fn seal(&self) -> PathBuf {
        self.version_dir.join(".ekiben/seal")
    }

    /// The machine was started again.
    pub(crate) fn boot(&self) {
        fs::write(self.seal(), "boot another-one\n").unwrap();
    }
}

fn read_only(bundle: Program, directory: &Path) -> Program {
    let directory: OsString = directory.into();
    let arguments = ["--dev-bind", "/", "/", "--ro-bind"].map(Into::into).into_iter();
    bundle.started_by("bwrap", arguments.chain([directory.clone(), directory]))
}

#[test]
fn what_the_disk_has_lost_is_brought_back_by_the_first_start_after_a_reboot() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let lost = Lost::after(&bundle, &context, "tiny");
    lost.files();
    lost.boot();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&lost.version_dir), [""; 0]);
    // What was brought back may be lost again: the next boot looks again, and finds nothing. Only then is it settled.
    assert!(fs::read_to_string(lost.seal()).unwrap().starts_with("boot "));
    lost.boot();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(fs::read_to_string(lost.seal()).unwrap(), "settled\n");
}

#[test]
fn a_start_in_the_same_boot_and_every_start_of_a_settled_version_looks_at_no_file() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let lost = Lost::after(&bundle, &context, "tiny");
    let file = lost.version_dir.join("lib/part1/module1.py");
    fs::write(&file, [0; 7]).unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&lost.version_dir), ["lib/part1/module1.py"]);
    fs::write(lost.seal(), "settled\n").unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&lost.version_dir), ["lib/part1/module1.py"]);
    lost.boot();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&lost.version_dir), [""; 0]);
}

#[test]
fn a_seal_that_is_itself_lost_is_no_proof_of_anything() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let lost = Lost::after(&bundle, &context, "tiny");
    let length = fs::metadata(lost.seal()).unwrap().len() as usize;
    for seal in [Some(vec![]), Some(vec![0; length]), Some(b"boot ".to_vec()), None] {
        lost.files();
        match &seal {
            Some(bytes) => fs::write(lost.seal(), bytes).unwrap(),
            None => fs::remove_file(lost.seal()).unwrap(),
        }
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n", "{seal:?}");
        assert_eq!(tiny.damage(&lost.version_dir), [""; 0], "{seal:?}");
        assert_eq!(fs::read_dir(context.path("installs/tiny/staging")).unwrap().count(), 0);
    }
}

#[test]
fn a_missing_interpreter_brings_everything_back_that_is_missing_with_it() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let lost = Lost::after(&bundle, &context, "tiny");
    // Also of a settled one: a cleaner of temporary files may have been there.
    fs::write(lost.seal(), "settled\n").unwrap();
    fs::remove_file(lost.version_dir.join("bin/python3")).unwrap();
    fs::remove_dir_all(lost.version_dir.join("lib/part5")).unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&lost.version_dir), [""; 0]);
    assert_ne!(fs::read_to_string(lost.seal()).unwrap(), "settled\n", "what was brought back may be lost");
}

#[test]
fn an_install_root_that_may_only_be_read_is_checked_and_one_that_is_damaged_is_left() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let lost = Lost::after(&bundle, &context, "tiny");
    lost.boot();
    let reader = read_only(bundle, &context.installs());
    assert_eq!(reader.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(fs::read_to_string(lost.seal()).unwrap(), "boot another-one\n");
    lost.files();
    assert_eq!(reader.run().quiet_stdout(), "ran 1.0\n");
    let elsewhere =
        fs::read_dir(context.path("home/.local/share/ekiben/tiny/versions")).unwrap().next().unwrap().unwrap();
    assert_eq!(tiny.damage(&elsewhere.path()), [""; 0]);
    assert_eq!(tiny.damage(&lost.version_dir).len(), 4, "python is a link to bin/python3");
}

#[test]
fn a_version_that_is_a_minute_old_is_flushed_beside_the_app_and_then_settled() {
    let context = TestContext::new();
    let bundle = context.program(Tiny::new("1.0").bundle(&context));
    bundle.run().quiet_stdout();
    let seal = context.version_dir("tiny").join(".ekiben/seal");
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    File::options().write(true).open(&seal).unwrap().set_modified(hour_ago).unwrap();
    let log = context.path("calls");
    let strace = ["-f", "-e", "trace=syncfs,write,fsync", "-o", log.to_str().unwrap(), "--"].map(Into::into);
    assert_eq!(bundle.started_by("strace", strace).run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(fs::read_to_string(&seal).unwrap(), "settled\n");
    let calls = fs::read_to_string(log).unwrap();
    let order: Vec<_> = [" syncfs(", r#""settled\n""#, " fsync("].into_iter().map(|call| calls.find(call)).collect();
    assert!(order.is_sorted() && order[0].is_some(), "{calls}");
}
