//! `self clean`, and the clean-up that comes by itself: never a version that somebody runs.

use std::fs;

use ekiben_tests::{Os, Program, TestContext, release};

/// The processes that strace has seen in a call with this name, as they were numbered.
fn callers(log: &str, name: &str) -> Vec<String> {
    let lines = log.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|call| call.starts_with(name)));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_first_start_of_a_new_version_cleans_up_and_does_not_wait_for_it() {
    let context = TestContext::new();
    let newest = context.bundle("hello", Os::Linux);
    for version in ["0.1", "0.2"] {
        context.program(release(&newest, version)).run().quiet_stdout();
    }
    let log = context.path("calls");
    let calls = "trace=execve,rmdir,unlinkat,wait4,waitid,waitpid";
    let strace = ["-f", "-o", log.to_str().unwrap(), "-e", calls, "--"].map(Into::into);
    let traced: Program = context.program(&newest).started_by("strace", strace);
    // strace ends when the last process that it follows has ended.
    assert_eq!(traced.run().quiet_stdout(), "Hello, world!\n");
    assert_eq!(context.versions("hello").iter().map(|v| &v[..3]).collect::<Vec<_>>(), ["0.2", "1.0"]);

    let log = fs::read_to_string(log).unwrap();
    let app = callers(&log, "execve(")[0].clone();
    let is_of_the_old = |line: &&str| line.contains("rmdir") || line.contains("unlinkat");
    let removers: Vec<_> = log.lines().filter(is_of_the_old).filter_map(|l| l.split_whitespace().next()).collect();
    assert!(removers.len() > 100, "{}", removers.len());
    let others: Vec<_> = removers.iter().filter(|remover| **remover != app).collect();
    assert!(others.len() > 100, "the app's own process removed the old version");
    let waited: Vec<_> = log.lines().filter(|line| line.starts_with(&app) && line.contains("wait4(")).collect();
    for remover in others {
        assert!(!waited.iter().any(|line| line.contains(&format!(") = {remover}"))), "{waited:?}");
    }
}
