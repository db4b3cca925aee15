//! A first start that takes a while says so to a terminal, and to nobody else.

use std::fs::File;

use ekiben_tests::{Os, TestContext, in_terminal};

#[test]
fn a_long_first_start_shows_a_progress_bar_on_a_terminal() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    // Another start is installing, or so it seems: the lock makes this one long, on a fast machine too.
    context.write("installs/hello/lock", "");
    let lock = File::open(context.path("installs/hello/lock")).unwrap();
    lock.lock().unwrap();
    let mut first = in_terminal(context.program(&bundle)).start();
    assert_eq!(first.until("installs it"), "\rhello: waiting for another start that installs it");
    drop(lock);
    assert!(first.until("%").starts_with("\rhello: preparing the first start ["));
    let rest = first.wait();
    // What is left on the line is wiped.
    assert!(rest.success().stdout.ends_with(" \r"), "{rest:#?}");
    assert_eq!(in_terminal(context.program(&bundle)).run().success().stdout, "", "a later start has nothing to tell");
}

#[test]
fn a_first_start_is_silent_when_standard_error_is_no_terminal() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.write("installs/hello/lock", "");
    let lock = File::open(context.path("installs/hello/lock")).unwrap();
    lock.lock().unwrap();
    let (first, on_terminal) = (context.program(&bundle).start(), in_terminal(context.program(&bundle)).start());
    // By the time that one on a terminal has lost patience, so has the other.
    let mut on_terminal = on_terminal;
    on_terminal.until("installs it");
    drop(lock);
    assert_eq!(first.wait().quiet_stdout(), "Hello, world!\n");
    on_terminal.wait().success();
}
