//! A version that runs is never removed, also when nothing of it holds its seal any more.

use std::fs;

use ekiben_tests::{Os, TestContext, eventually, release};

#[test]
fn a_running_version_that_lost_its_seal_is_repaired_where_it_is() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("probe", Os::Linux));
    let mut running = bundle.clone().arg("daemon").stdin("").start();
    assert!(running.line().contains("ready"));
    // A cleaner of temporary files was there.
    let version_dir = context.version_dir("probe");
    fs::remove_dir_all(version_dir.join(".ekiben")).unwrap();
    fs::remove_file(version_dir.join("python")).unwrap();
    assert!(bundle.clone().arg("argv").run().quiet_stdout().starts_with('['));
    assert_eq!(context.version_dir("probe"), version_dir);
    assert!(fs::read_to_string(version_dir.join(".ekiben/seal")).unwrap().starts_with("boot "));
    assert!(running.wait().success().stdout.contains("imported"));
}

#[test]
fn a_daemon_that_closed_all_its_files_keeps_its_version() {
    let context = TestContext::new();
    let newest = context.bundle("probe", Os::Linux);
    let mut running = context.program(release(&newest, "1.0")).arg("daemon").stdin("").start();
    assert!(running.line().contains("ready"));
    for version in ["2.0", "3.0"] {
        context.program(release(&newest, version)).arg("argv").run().quiet_stdout();
    }
    let clean = || context.program(&newest).args(["self", "clean", "--keep", "1"]).run();
    eventually("a clean-up", || clean().code == Some(0) && context.versions("probe").len() <= 2);
    assert!(running.wait().success().stdout.contains("imported"));
    eventually("its end", || {
        clean();
        context.versions("probe").iter().all(|version| !version.starts_with("1.0-"))
    });
}
