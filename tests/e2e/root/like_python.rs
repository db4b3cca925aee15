//! As `registry::like_python`: the tests that need root.

use ekiben_tests::{Root, TestContext};

use crate::registry::like_python::bundle_of;

#[test]
fn a_program_that_drops_its_privileges_finds_its_files_where_all_may_read_them() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let script = "import os, subprocess, sys\nos.setgid(65534)\nos.setuid(65534)\nimport colorsys\n\
                  sys.exit(subprocess.run([sys.executable, '-c', 'print(\"found\")']).returncode)\n";
    let bundle = context.program(bundle_of(&context, &[("seat-finder.py", script)], &[]));
    root.give(context.root(), (0, 0), 0o755);
    assert_eq!(bundle.run().quiet_stdout(), "found\n");
    // As the home of root is, usually.
    root.give(context.root(), (0, 0), 0o700);
    let outcome = bundle.run();
    assert!(outcome.code == Some(1) && outcome.stderr.ends_with("No module named 'colorsys'\n"), "{outcome:#?}");
}
