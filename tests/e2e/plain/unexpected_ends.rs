//! A launcher that fails because of a defect in it, or because a part of its file can't be read any more, says so.

use std::fs::{self, File};
use std::path::Path;

use ekiben_tests::{Outcome, Program, Running, TestContext, Tiny, eventually};

/// What a launcher ends with because of a defect in it (docs/INSTALL.md).
pub(crate) const DEFECT: i32 = 126;

/// What it ends with when there is not enough memory.
pub(crate) const OUT_OF_MEMORY: i32 = 119;

/// A point that the thread of `main` passes, and one that others pass; both with a staging dir.
pub(crate) const POINTS: [&str; 2] = ["staging dir", "file written*1"];

#[track_caller]
pub(crate) fn ended_unexpectedly(outcome: &Outcome, code: i32, word: &str) {
    let what = outcome.one_error(code);
    assert!(what.contains(word), "{what}");
}

/// A first start that waits for another one, which is played by this test.
fn waiting(context: &TestContext, app: &Program) -> (File, Running) {
    let root = context.installs().join("tiny");
    fs::create_dir_all(root.join("staging")).unwrap();
    fs::create_dir_all(root.join("versions")).unwrap();
    let lock = File::create(root.join("lock")).unwrap();
    lock.lock().unwrap();
    let start = app.start();
    let files = format!("/proc/{}/fd", start.id());
    let path = fs::canonicalize(root.join("lock")).unwrap();
    eventually("it waits", || {
        let open = fs::read_dir(&files).into_iter().flatten().flatten();
        open.into_iter().any(|file| fs::read_link(file.path()).is_ok_and(|open| open == path))
    });
    (lock, start)
}

#[test]
fn a_launcher_that_a_fault_ends_says_so_and_the_next_start_works() {
    let context = TestContext::new();
    let app = context.program(Tiny::new("1.0").bundle(&context));
    for (signal, word) in [
        ("ILL", "a check"),
        ("SEGV", "access violation"),
        ("BUS", "could not be read"),
        ("ABRT", "unexpectedly"),
        ("SYS", "unexpectedly"),
    ] {
        let (_lock, start) = waiting(&context, &app);
        start.signal(signal);
        ended_unexpectedly(&start.wait(), DEFECT, word);
    }
    assert_eq!(app.run().quiet_stdout(), "ran 1.0\n");
}

#[test]
fn a_later_start_that_panics_says_so() {
    let context = TestContext::new();
    let app = context.program(Tiny::new("1.0").bundle(&context));
    app.run().quiet_stdout();
    // What a panic is, and what other defects are, in the middle of what a later start does.
    for (signal, said) in [("SIGILL", "a check"), ("SIGSEGV", "an access violation"), ("SIGBUS", "could not be read")] {
        let inject = format!("inject=readlink:signal={signal}:when=1");
        let strace = ["-o", "/dev/null", "-e", &inject, "--"].map(Into::into);
        ended_unexpectedly(&app.clone().started_by("strace", strace).run(), DEFECT, said);
    }
}

#[test]
fn the_app_of_a_first_start_finds_signals_as_they_were() {
    let context = TestContext::new();
    let bash = Path::new("/bin/bash");
    let script = "exec grep ^Sig[BIC] /proc/self/status";
    let bundle = context.program(context.bundle_around(bash, script));
    for before in ["true", "trap '' SEGV ILL XFSZ"] {
        drop(fs::remove_dir_all(context.installs()));
        let after = |program: Program, more: &[&str]| {
            let shell = ["-c", &format!("{before}; exec \"$0\" \"$@\"")].map(Into::into);
            program.args(more.to_vec()).started_by("bash", shell).run().quiet_stdout().to_owned()
        };
        assert_eq!(after(bundle.clone(), &[]), after(context.program(bash), &["-c", script]), "{before}");
    }
}

/// A defect, and a lack of memory that no code could handle, in a first start.
#[track_caller]
pub(crate) fn panics_and_lacks_of_memory_are_told(context: &TestContext, app: &Program) {
    for point in POINTS {
        for (fault, code, word) in [("panic", DEFECT, "a check"), ("memory", OUT_OF_MEMORY, "not enough memory")] {
            let outcome = app.clone().env("EKIBEN_TEST_FAULT", format!("{fault}:{point}")).run();
            ended_unexpectedly(&outcome, code, word);
            assert_eq!(context.versions("tiny"), [""; 0]);
        }
    }
    assert_eq!(app.run().quiet_stdout().trim_end(), "ran 1.0");
    let staged = fs::read_dir(context.installs().join("tiny/staging")).unwrap();
    assert_eq!(staged.count(), 0, "the next start removes what was left");
}

#[test]
fn a_launcher_that_panics_says_so_and_the_next_start_works() {
    let context = TestContext::new();
    let app = Tiny::new("1.0").faulty_as_shipped().bundle(&context);
    panics_and_lacks_of_memory_are_told(&context, &context.program(app));
}

/// As where launchers are built without the source of Rust's standard library.
#[test]
fn a_launcher_whose_panics_have_words_ends_in_the_same_way() {
    let context = TestContext::new();
    let app = context.program(Tiny::new("1.0").faulty().bundle(&context));
    for (fault, code, word) in [("panic", DEFECT, "a check"), ("memory", OUT_OF_MEMORY, "not enough memory")] {
        let outcome = app.clone().env("EKIBEN_TEST_FAULT", format!("{fault}:staging dir")).run();
        assert_eq!(outcome.code, Some(code), "{outcome:#?}");
        let lines: Vec<_> = outcome.stderr.lines().collect();
        let [.., what, todo] = lines[..] else { panic!("{outcome:#?}") };
        assert!(what.starts_with("error: ") && what.contains(word) && todo.starts_with("help: "), "{outcome:#?}");
    }
}
