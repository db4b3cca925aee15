//! A virus scanner has a file of the fresh tree open, so that Windows denies giving the tree its name. Wine never denies that,
//! so a launcher with fault points plays it, with the error that Windows' is to Rust: permission denied.

use std::fs;

use ekiben_tests::{Outcome, TestContext, Tiny};

/// EACCES (errno(3)).
const DENIED: i32 = 13;

/// A first start whose publish is denied, the first `times` times it is tried, and the tries.
fn denied(context: &TestContext, times: usize) -> (Outcome, usize) {
    let bundle = context.program(Tiny::new("1.0").faulty().bundle(context));
    let log = context.path("log");
    let outcome = bundle
        // No other place is left.
        .env("HOME", "/dev/null")
        .env("TMPDIR", "/dev/null")
        .env("EKIBEN_TEST_FAULT", format!("error:publish*{times}:{DENIED}"))
        .env("EKIBEN_TEST_FAULT_LOG", &log)
        .run();
    (outcome, fs::read_to_string(log).unwrap().lines().filter(|point| *point == "publish").count())
}

#[test]
fn a_publish_that_is_denied_for_a_while_is_tried_again_until_it_succeeds() {
    let context = TestContext::new();
    let (outcome, tries) = denied(&context, 4);
    assert_eq!((outcome.quiet_stdout(), tries), ("ran 1.0\n", 5));
    assert_eq!(context.versions("tiny").len(), 1);
}

#[test]
fn a_publish_that_is_always_denied_says_who_may_be_in_the_way() {
    let context = TestContext::new();
    let (outcome, tries) = denied(&context, 100);
    let said = context.complaint(&outcome, 123);
    assert!(
        said.starts_with(
            "error: could not install `tiny`: no place to install it\n  \
             EKIBEN_ROOT: could not rename the version into place as `[DIR]/installs/tiny/versions/1.0-[DIGEST]`: Permission denied"
        ),
        "{said}"
    );
    assert!(
        said.ends_with(
            "\nhelp: another program, perhaps a virus scanner, keeps files there open: start it again to retry, \
         or set EKIBEN_ROOT to a directory that the program leaves alone\n"
        ),
        "{said}"
    );
    assert_eq!(tries, 10);
    assert_eq!(fs::read_dir(context.path("installs/tiny/staging")).unwrap().count(), 0);
}
