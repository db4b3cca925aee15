//! After years: thousands of starts and dozens of versions leave nothing but what is in use.

use std::fs;

use ekiben_tests::{TestContext, Tiny, eventually};
use walkdir::WalkDir;

#[test]
fn a_thousand_warm_starts_leave_no_new_file() {
    let context = TestContext::new();
    let bundle = context.program(Tiny::new("1.0").bundle(&context));
    bundle.run().quiet_stdout();
    let everything = || {
        let walk = WalkDir::new(context.root()).sort_by_file_name().into_iter();
        walk.map(|entry| entry.unwrap())
            .map(|entry| (entry.path().to_owned(), entry.metadata().unwrap().len()))
            .collect::<Vec<_>>()
    };
    let before = everything();
    for _ in 0..1000 {
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    }
    assert_eq!(everything(), before);
}

#[test]
fn twenty_upgrades_leave_as_many_versions_as_are_kept_and_those_that_run() {
    let context = TestContext::new();
    let mut running = context.program(Tiny::new("1").keep(3).bundle(&context)).arg("stay").stdin("").start();
    assert_eq!(running.line(), "ran 1\n");
    let oldest = context.version_dir("tiny");
    let staging = context.path("installs/tiny/staging");
    for version in 2..=20 {
        let bundle = Tiny::new(version.to_string()).keep(3).bundle(&context);
        assert_eq!(context.program(&bundle).run().quiet_stdout(), format!("ran {version}\n"));
        fs::remove_file(bundle).unwrap();
        eventually("a clean-up", || {
            let mut versions = context.versions("tiny");
            versions.retain(|name| !name.starts_with("1-"));
            versions.len() <= 3 && fs::read_dir(&staging).unwrap().count() == 0
        });
    }
    let mut versions: Vec<_> =
        context.versions("tiny").iter().map(|name| name.split_once('-').unwrap().0.to_owned()).collect();
    versions.sort_by_key(|version| version.parse::<u32>().unwrap());
    assert_eq!(versions, ["1", "18", "19", "20"]);
    assert_eq!(Tiny::new("1").damage(&oldest), [""; 0]);
    running.wait().success();
    // The next start's clean-up finds that it is not in use any more.
    let last = context.program(Tiny::new("20").keep(3).bundle(&context));
    eventually("a clean-up", || {
        last.run().quiet_stdout();
        !oldest.exists() && fs::read_dir(&staging).unwrap().count() == 0
    });
    assert_eq!(context.versions("tiny").len(), 3);
}
