//! Many starts at once, beside a running version, a clean-up, another version's first start, and where locks do not work.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use ekiben_tests::{Outcome, Program, TestContext, Tiny, eventually, in_terminal};

/// Starts each of these at the same moment, and waits for all of them.
pub(crate) fn at_once(programs: &[Program]) -> Vec<Outcome> {
    let barrier = Barrier::new(programs.len());
    thread::scope(|scope| {
        let start = |program: &Program| {
            barrier.wait();
            program.run()
        };
        let starts: Vec<_> = programs.iter().map(|program| scope.spawn(move || start(program))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    })
}

/// How often a point was passed by all starts together.
pub(crate) fn times(log: &Path, point: &str) -> usize {
    fs::read_to_string(log).unwrap().lines().filter(|passed| *passed == point).count()
}

fn staged(context: &TestContext) -> usize {
    fs::read_dir(context.path("installs/tiny/staging")).unwrap().count()
}

#[test]
fn first_starts_beside_a_running_version_leave_it_alone_and_a_later_start_removes_it() {
    let context = TestContext::new();
    let (old, new) = (Tiny::new("1.0").keep(1), Tiny::new("2.0").keep(1));
    let mut running = context.program(old.bundle(&context)).arg("stay").stdin("").start();
    assert_eq!(running.line(), "ran 1.0\n");
    let old_dir = context.version_dir("tiny");
    let start = context.program(new.bundle(&context));
    for outcome in at_once(&vec![start.clone(); 20]) {
        assert_eq!(outcome.quiet_stdout(), "ran 2.0\n");
    }
    // Each of these would clean up, if it could.
    eventually("the clean-up's end", || staged(&context) == 0);
    assert_eq!((old.damage(&old_dir), context.versions("tiny").len()), (Vec::new(), 2));
    running.wait().success();
    eventually("a clean-up", || {
        start.run().quiet_stdout();
        !old_dir.exists() && staged(&context) == 0
    });
    assert_eq!(new.damage(&context.version_dir("tiny")), [""; 0]);
}

#[test]
fn first_starts_of_two_versions_at_once_install_both() {
    let context = TestContext::new();
    let (one, two) = (Tiny::new("1.0"), Tiny::new("2.0"));
    let starts = [&one, &two].map(|tiny| context.program(tiny.bundle(&context)));
    let starts: Vec<_> = starts.iter().cycle().take(20).cloned().collect();
    for (at, outcome) in at_once(&starts).iter().enumerate() {
        assert_eq!(outcome.quiet_stdout(), ["ran 1.0\n", "ran 2.0\n"][at % 2]);
    }
    eventually("the clean-up's end", || staged(&context) == 0);
    let versions = context.versions("tiny");
    assert_eq!(versions.len(), 2);
    for (tiny, version) in [one, two].iter().zip(versions) {
        assert_eq!(tiny.damage(&context.installs().join("tiny/versions").join(version)), [""; 0]);
    }
}

#[test]
fn a_first_start_during_a_clean_up_waits_for_it_and_runs() {
    let context = TestContext::new();
    let (old, new) = (Tiny::new("1.0").keep(1).faulty(), Tiny::new("2.0").keep(1).faulty());
    let old_bundle = context.program(old.bundle(&context));
    old_bundle.run().quiet_stdout();
    let go_on = context.path("go-on");
    let stop = format!("stop:discarded:{}", go_on.to_str().unwrap());
    context.program(new.bundle(&context)).env("EKIBEN_TEST_FAULT", stop).run().quiet_stdout();
    eventually("a clean-up", || context.path("go-on.reached").exists());
    // Its version has just been taken away, and the lock is the clean-up's.
    let mut again = in_terminal(old_bundle).start();
    assert_eq!(again.until("installs it"), "\rtiny: waiting for another start that installs it");
    fs::write(go_on, "").unwrap();
    again.wait().success();
    eventually("the clean-up's end", || staged(&context) == 0);
    let versions = context.installs().join("tiny/versions");
    let old_dir = context.versions("tiny").into_iter().find(|name| name.starts_with("1.0-")).unwrap();
    assert_eq!(old.damage(&versions.join(old_dir)), [""; 0]);
}

#[test]
fn where_locks_do_not_work_each_start_installs_for_itself_and_the_first_one_wins() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let no_locks = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK", "--"];
    let start = context.program(tiny.bundle(&context)).started_by("strace", no_locks.map(OsString::from));
    for outcome in at_once(&vec![start; 12]) {
        assert_eq!(outcome.quiet_stdout(), "ran 1.0\n");
    }
    assert_eq!(tiny.damage(&context.version_dir("tiny")), [""; 0]);
    assert_eq!(staged(&context), 0);
}

#[test]
fn a_start_that_waits_takes_over_when_the_one_it_waits_for_dies() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").faulty();
    let bundle = context.program(tiny.bundle(&context));
    let never = context.path("never");
    let hangs = bundle.clone().env("EKIBEN_TEST_FAULT", format!("stop:publish:{}", never.to_str().unwrap())).start();
    eventually("it is about to publish", || context.path("never.reached").exists());
    let mut waits = in_terminal(bundle).start();
    assert_eq!(waits.until("installs it"), "\rtiny: waiting for another start that installs it");
    assert_eq!(context.versions("tiny"), [""; 0]);
    hangs.signal("KILL");
    waits.wait().success();
    assert_eq!(tiny.damage(&context.version_dir("tiny")), [""; 0]);
    eventually("nothing is left", || staged(&context) == 0);
}

#[test]
fn starts_after_a_power_cut_check_once_and_the_others_wait() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").faulty();
    let log = context.path("log");
    let bundle = context.program(tiny.bundle(&context));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("tiny");
    fs::remove_dir_all(version_dir.join("lib")).unwrap();
    fs::write(version_dir.join(".ekiben/seal"), "").unwrap();
    for outcome in at_once(&vec![bundle.env("EKIBEN_TEST_FAULT_LOG", &log); 20]) {
        assert_eq!(outcome.quiet_stdout(), "ran 1.0\n");
    }
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    assert_eq!((times(&log, "compare"), times(&log, "staging dir")), (1, 1));
}
