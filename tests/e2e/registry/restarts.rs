//! Apps that start themselves again: through `sys.executable`, and through the bundle.

use std::fs;
use std::os::unix::fs::MetadataExt;

use ekiben_tests::{Os, Program, TestContext};
use serde_json::Value;

/// What the sample project `again` knows.
pub(crate) const WAYS: [&str; 5] = ["module", "file", "original", "argv", "bundle"];

/// How an app ends that starts itself again in these ways, and what it says of each start: the same each time.
pub(crate) fn goes(program: &Program, ways: &[&str]) -> (Option<i32>, Vec<Value>) {
    let outcome = program.clone().args(ways.iter().copied()).run();
    assert_eq!(outcome.stderr, "", "{ways:?}");
    let starts: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected: Vec<&str> = ways.iter().copied().chain(["end"]).collect();
    assert_eq!(starts.iter().map(|start| start["way"].as_str().unwrap()).collect::<Vec<_>>(), expected);
    for fact in ["executable", "path", "isolated", "environment"] {
        for start in &starts[1..] {
            assert_eq!(start[fact], starts[0][fact], "{fact} after {ways:?}");
        }
    }
    (outcome.code, starts)
}

/// In each way, and in several one after another; installed once.
pub(crate) fn goes_every_way(context: &TestContext, program: &Program) {
    goes(program, &[]);
    let version = context.version_dir("again");
    let installed = fs::metadata(&version).unwrap().ino();
    for way in WAYS {
        assert_eq!(goes(program, &[way]).0, Some(7), "{way}");
    }
    assert_eq!(goes(program, &["bundle", "module", "bundle", "argv", "argv", "original", "file"]).0, Some(7));
    assert_eq!(fs::metadata(context.version_dir("again")).unwrap().ino(), installed);
    assert_eq!(fs::read_dir(context.installs().join("again/staging")).map_or(0, Iterator::count), 0);
    assert!(!version.join("__pycache__").exists());
}

#[test]
fn an_app_starts_itself_again_in_every_way_on_linux() {
    let context = TestContext::new();
    let program = context.program(context.bundle("again", Os::Linux));
    goes_every_way(&context, &program);
    for way in WAYS {
        // In the place of itself: with the same process id.
        let (code, starts) = goes(&program, &[&format!("exec-{way}"), "exec-bundle"]);
        assert_eq!(code, Some(7), "{way}");
        assert!(starts.iter().all(|start| start["process"] == starts[0]["process"]), "{way}");
    }
    // As `again`, which is in no directory but one of PATH.
    let path = std::env::join_paths([context.root().to_owned(), "/usr/bin".into()]).unwrap();
    let found = context.program("again").env("PATH", path).directory(context.path("home"));
    goes_every_way(&context, &found);
}
