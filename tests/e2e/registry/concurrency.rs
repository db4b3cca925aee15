//! As `plain::concurrency`: the tests that need CPython or packages.

use ekiben_tests::{Os, TestContext, with_fault_points};

use crate::plain::concurrency::{at_once, times};

#[test]
fn fifty_first_starts_of_a_real_app_extract_once_and_all_run() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let log = context.path("log");
    let start = context.program(with_fault_points(&context, &bundle)).env("EKIBEN_TEST_FAULT_LOG", &log);
    for outcome in at_once(&vec![start; 50]) {
        assert_eq!(outcome.quiet_stdout(), "Hello, world!\n");
    }
    assert_eq!((times(&log, "staging dir"), times(&log, "publish")), (1, 1));
    let files = bundle::Bundle::open(&bundle).unwrap().index().unwrap();
    let files: usize = files.layers.iter().map(bundle::index::Layer::files).sum();
    // Links are files of a layer, and are made elsewhere.
    assert_eq!(times(&log, "file") + times(&log, "link"), files, "the work of one");
}
