//! As `plain::file_systems`: the tests that need CPython or packages.

use ekiben_tests::{Os, TestContext, eventually};
use std::fs::{self};

#[test]
fn a_list_that_a_disk_lost_is_written_again() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("hello");
    let list = version_dir.join(".ekiben/installed");
    let whole = fs::read_to_string(&list).unwrap();
    for lost in ["", &whole[..whole.len() / 2], &"\0".repeat(whole.len())] {
        fs::write(&list, lost).unwrap();
        fs::write(version_dir.join(".ekiben/seal"), "boot another-one\n").unwrap();
        bundle.run().quiet_stdout();
        eventually("the list", || fs::read_to_string(&list).unwrap() == whole);
    }
}
