//! A virus scanner on Windows: it has files open, and shares them with nobody.
//!
//! Windows then denies to replace and to delete such a file, and so does Wine: a Windows program that has one open plays the
//! scanner. Windows also denies to rename the directories above it, which Wine does not: a launcher with fault points gives
//! itself those errors.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Outcome, Program, Running, TestContext, Tiny, Wine, eventually, windows_path, windows_python};

use crate::plain::crash_points::{Installs, passed};

/// ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION (Microsoft's "System Error Codes").
const DENIALS: [i32; 2] = [5, 32];
/// Opens a file to read it, with a sharing mode, and lets go of it when its input ends.
const SCANNER: &str = "import ctypes, sys; \
    opened = ctypes.windll.kernel32.CreateFileW(sys.argv[2], 0x80000000, int(sys.argv[1]), None, 3, 0, None); \
    print(opened != -1, flush=True); sys.stdin.read()";

/// A scanner that has `file` open. Others may read it, if `shared` says so, and never delete or replace it.
fn scanner(context: &TestContext, wine: &Wine, file: &Path, shared: bool) -> Running {
    // FILE_SHARE_READ
    let sharing = if shared { "1" } else { "0" };
    let python = wine.program(context, windows_python()).args(["-c", SCANNER, sharing, &windows_path(file)]);
    let mut running = python.stdin("").start();
    assert_eq!(running.line().trim_end(), "True", "{}", file.display());
    running
}

fn tiny(wine: &Wine, id: &str) -> Tiny {
    Tiny::new("1.0").named(id).keep(1).windows().faulty().running(wine.shell())
}

fn says_its_version(program: Program) -> Program {
    program.args(["/c", "echo ran %EKIBEN_VERSION%"])
}

/// Stays until its input ends: the clean-up is a thread beside a running app.
fn stays(program: Program) -> Program {
    program.args(["/c", "echo ran %EKIBEN_VERSION%& set /p X=& exit 0"]).stdin("")
}

/// A file on Wine's drive, which all tests share, and what a test has made among its temporary files.
struct Planted(PathBuf);

impl Drop for Planted {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
        let temporary = self.0.ancestors().nth(4).unwrap().join("Temp");
        for account in fs::read_dir(temporary).unwrap().flatten() {
            drop(fs::remove_dir_all(account.path().join(self.0.file_name().unwrap())));
        }
    }
}

/// A first start whose publish is denied, the first `times` times it is tried; the tries, and a start that nothing denies.
fn denied(context: &TestContext, wine: &Wine, times: usize, error: i32) -> (Outcome, usize, Program) {
    let bundle = says_its_version(wine.program(context, tiny(wine, "tiny-denied").bundle(context)));
    let log = context.path("log");
    let outcome = bundle
        .clone()
        .env("EKIBEN_TEST_FAULT", format!("error:publish*{times}:{error}"))
        .env("EKIBEN_TEST_FAULT_LOG", windows_path(&log))
        .run();
    (outcome, passed(&log).iter().filter(|point| *point == "publish").count(), bundle)
}

#[test]
fn a_publish_that_windows_denies_for_a_while_is_tried_again_until_it_succeeds() {
    let Some(wine) = Wine::or_skip() else { return };
    for error in DENIALS {
        let context = TestContext::new();
        let (outcome, tries, _) = denied(&context, wine, 4, error);
        assert_eq!((outcome.quiet_stdout(), tries), ("ran 1.0\n", 5));
        assert_eq!(context.versions("tiny-denied").len(), 1);
    }
}

#[test]
fn a_publish_that_windows_always_denies_says_who_may_be_in_the_way_and_leaves_nothing() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    // Where the next place would be is a file; in the one for temporary files, it is denied as well.
    let planted = Planted(wine.users_programs().join("tiny-denied"));
    fs::write(&planted.0, "").unwrap();
    let (outcome, tries, bundle) = denied(&context, wine, 100, DENIALS[1]);
    let said = context.complaint(&outcome, 123);
    let start = "error: could not install `tiny-denied`: no place to install it\n  \
                 EKIBEN_ROOT: could not rename the version into place as `Z:\\";
    assert!(said.starts_with(start) && said.contains("(os error 32)"), "{said}");
    let end = "\nhelp: another program, perhaps a virus scanner, keeps files there open: start it again to retry, \
               or set EKIBEN_ROOT to a directory that the program leaves alone\n";
    assert!(said.ends_with(end), "{said}");
    assert_eq!(tries, 20);
    let installs = Installs::of("tiny-denied", context.installs());
    assert_eq!((installs.names("staging").len(), installs.names("versions").len()), (0, 0));
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
}

/// Wine gives the tree its name all the same; on Windows, that has to wait for the scanner, as above.
#[test]
fn a_scanner_in_the_fresh_tree_does_not_fail_a_first_start() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let tiny = tiny(wine, "tiny");
    let bundle = says_its_version(wine.program(&context, tiny.bundle(&context)));
    let go_on = context.path("go-on");
    let running = bundle.env("EKIBEN_TEST_FAULT", format!("stop:sealed:{}", windows_path(&go_on))).start();
    eventually("it is sealed", || context.path("go-on.reached").exists());
    let installs = Installs::of("tiny", context.installs());
    let staged = installs.root().join("staging").join(&installs.names("staging")[0]);
    let scanner = scanner(&context, wine, &staged.join("lib/part1/module1.py"), false);
    fs::write(go_on, "").unwrap();
    assert_eq!(running.wait().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&context.version_dir("tiny")), [""; 0]);
    scanner.wait().success();
}

#[test]
fn what_a_scanner_keeps_from_being_deleted_is_in_nobodys_way_and_goes_later() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let installs = Installs::used("tiny", context.installs());
    let leftover = installs.root().join("staging/1.0-0123456789ab.1-0/lib/one.py");
    let old = installs.root().join("versions/0.8-0123456789ab/lib/one.py");
    let scanners = [leftover, old].map(|file| scanner(&context, wine, &file, false));

    let bundle = stays(wine.program(&context, tiny(wine, "tiny").bundle(&context)));
    let mut first = bundle.start();
    assert_eq!(first.line(), "ran 1.0\r\n");
    // The clean-up ends with the launcher, so what it can delete has to be gone before.
    eventually("the rest goes", || installs.names("versions").len() == 1 && installs.names("staging").len() == 2);
    first.wait().success();
    assert_eq!(installs.names("staging").len(), 2);
    for scanner in scanners {
        scanner.wait().success();
    }
    let mut next = bundle.start();
    assert_eq!(next.line(), "ran 1.0\r\n");
    installs.are_tidy();
    next.wait().success();
}

#[test]
fn a_repair_waits_for_a_scanner_that_has_the_file_open() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let tiny = tiny(wine, "tiny");
    let bundle = says_its_version(wine.program(&context, tiny.bundle(&context)));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("tiny");
    let damaged = version_dir.join("lib/part1/module1.py");
    fs::write(&damaged, "").unwrap();
    fs::write(version_dir.join(".ekiben/seal"), "boot 1\n").unwrap();
    let scanner = scanner(&context, wine, &damaged, true);
    let log = context.path("log");
    let running = bundle.env("EKIBEN_TEST_FAULT_LOG", windows_path(&log)).start();
    let tries = || passed(&log).iter().filter(|point| *point == "replace").count();
    eventually("it has tried three times", || tries() >= 3);
    assert_eq!(tiny.damage(&version_dir), ["lib/part1/module1.py"]);
    scanner.wait().success();
    assert_eq!(running.wait().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
}
