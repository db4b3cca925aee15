//! First starts on a machine that gives them no further thread, or little memory.

use std::fs;

use ekiben_tests::{Outcome, Program, TestContext, Tiny};

/// What a launcher ends with when there is not enough memory (docs/INSTALL.md).
pub(crate) const OUT_OF_MEMORY: i32 = 119;

/// What is in `staging/` of an app.
pub(crate) fn staged(context: &TestContext, app: &str) -> Vec<String> {
    let entries = fs::read_dir(context.installs().join(app).join("staging")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[track_caller]
pub(crate) fn installs_and_runs(context: &TestContext, app: &Program) {
    assert_eq!(app.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(staged(context, "tiny"), [""; 0]);
    assert_eq!(context.versions("tiny").len(), 1);
}

#[test]
fn a_first_start_in_a_sandbox_that_denies_threads_installs_the_app() {
    let context = TestContext::new();
    let app = context.without_threads(context.program(Tiny::new("1.0").bundle(&context)));
    installs_and_runs(&context, &app);
    let lost = context.version_dir("tiny").join("lib/part1/module1.py");
    fs::remove_file(&lost).unwrap();
    assert_eq!(app.clone().args(["self", "verify"]).run().code, Some(1));
    app.clone().args(["self", "repair"]).run().success();
    assert_eq!(app.args(["self", "verify"]).run().code, Some(0));
    assert!(lost.exists());
}

#[test]
fn a_first_start_that_may_not_write_large_files_says_so_and_leaves_nothing() {
    let context = TestContext::new();
    let app = context.program(Tiny::new("1.0").bundle(&context)).env_remove("HOME").env("TMPDIR", "/dev/null");
    let limited = ["-c", "ulimit -f 100 && exec \"$@\"", "sh"].map(Into::into);
    let complaint = context.complaint(&app.clone().started_by("sh", limited).run(), 123);
    assert!(complaint.starts_with("error: could not install `tiny`: no place to install it\n"), "{complaint}");
    assert!(complaint.contains("File too large") && complaint.contains("\nhelp: "), "{complaint}");
    assert_eq!(staged(&context, "tiny"), [""; 0]);
    installs_and_runs(&context, &app);
}

/// Whether it did what it was told to; else it must have said that there was not enough memory.
#[track_caller]
pub(crate) fn had_enough_memory(outcome: &Outcome) -> bool {
    if outcome.code == Some(0) {
        assert_eq!(outcome.stderr, "");
        return true;
    }
    let what = outcome.one_error(OUT_OF_MEMORY);
    assert!(what.contains("memory"), "{what}");
    false
}

/// Installs an app with more and more memory, until there was enough for it. How often there was not.
#[track_caller]
pub(crate) fn installed_with_more_and_more_memory(
    context: &TestContext,
    app: &str,
    bundle: &Program,
    steps: &[u64],
) -> usize {
    let too_little = |kib: &&u64| {
        let outcome = bundle.clone().args(["self", "repair"]).with_memory(**kib).run();
        let enough = had_enough_memory(&outcome);
        assert_eq!(staged(context, app), [""; 0], "{kib} KiB");
        assert_eq!(context.versions(app).len(), usize::from(enough), "{kib} KiB");
        !enough
    };
    let failed = steps.iter().take_while(too_little).count();
    assert!(failed < steps.len(), "{steps:?} KiB are not enough");
    failed
}

#[test]
fn a_first_start_of_a_small_app_with_too_little_memory_says_so_and_leaves_nothing() {
    let context = TestContext::new();
    let bundle = context.program(Tiny::new("1.0").files(1500).bundle(&context));
    let steps: Vec<u64> = (0..400).map(|step| 1024 + step * 16).collect();
    let failed = installed_with_more_and_more_memory(&context, "tiny", &bundle, &steps);
    assert!(failed > 3, "{failed}");
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
}
