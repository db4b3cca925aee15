//! As `registry::running_versions`: the tests that need Wine.

use std::fs;

use ekiben_tests::{System, TestContext, eventually, release};

#[test]
fn a_process_that_inherited_no_file_keeps_its_version() {
    for system in System::all() {
        let context = TestContext::new();
        let newest = context.bundle("probe", system.os);
        let old = release(&newest, "1.0");
        let answer = context.path("answer");
        let mut parent = system.program(&context, &old).args(["orphan", &system.path(&answer)]).start();
        // Not heard out: under Wine, its child has its pipes.
        eventually("its end", || parent.has_ended());
        drop(parent);
        for version in ["2.0", "3.0"] {
            system.program(&context, release(&newest, version)).arg("argv").run().quiet_stdout();
        }
        let clean = || system.program(&context, &newest).args(["self", "clean", "--keep", "1"]).run();
        let mut said = clean();
        // The clean-up of the start before may still be at it.
        eventually("its turn", || {
            if said.code != Some(0) {
                said = clean();
            }
            said.code == Some(0)
        });
        let line = said.stdout.lines().find(|line| line.contains("1.0-")).unwrap_or_default().to_owned();
        assert!(line.starts_with("left ") && line.contains("in use by ") && line.contains("python"), "{said:#?}");
        fs::write(context.path("answer.go"), "").unwrap();
        eventually("its answer", || answer.exists());
        assert_eq!(fs::read_to_string(answer).unwrap(), "imported");
        let gone = || context.versions("probe").iter().all(|version| !version.starts_with("1.0-"));
        eventually("its end", || clean().code == Some(0) && gone());
    }
}
