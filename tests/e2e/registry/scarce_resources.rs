//! As `plain::scarce_resources`: the tests that need CPython or packages.

use ekiben_tests::{Os, TestContext};

use crate::plain::scarce_resources::installed_with_more_and_more_memory;

#[test]
fn a_first_start_with_too_little_memory_says_so_and_leaves_nothing() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    let steps: Vec<u64> = (4..80).map(|step| step * 1024).collect();
    let failed = installed_with_more_and_more_memory(&context, "hello", &bundle, &steps);
    assert!(failed > 3, "{failed}");
    assert_eq!(bundle.run().quiet_stdout(), "Hello, world!\n");
    assert_eq!(bundle.args(["self", "verify"]).run().code, Some(0));
}
