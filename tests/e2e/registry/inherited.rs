//! As `plain::inherited`: the tests that need CPython or packages.

use std::io::pipe;
use std::process::Stdio;

use ekiben_tests::{Os, TestContext};

#[test]
fn a_first_start_with_closed_standard_streams_writes_what_it_should() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    let closed = ["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-"].map(Into::into);
    bundle.clone().started_by("bash", closed).run().success();
    let made = context.version_dir("hello");
    let again = context.path("again");
    bundle.env("EKIBEN_ROOT", &again).run().quiet_stdout();
    let other = again.join("hello/versions").join(made.file_name().unwrap());
    // The list of what was installed has the times.
    let options = ["-r", "--no-dereference", "--exclude=installed"];
    let diff = std::process::Command::new("diff").args(options).args([&made, &other]).output();
    assert!(diff.unwrap().status.success());
}

#[test]
fn a_failure_keeps_its_exit_code_when_nobody_reads_the_report() {
    let context = TestContext::new();
    let cut_off = context.bundle("hello", Os::Linux);
    let length = std::fs::metadata(&cut_off).unwrap().len();
    let status = std::process::Command::new("truncate").args(["-s", &(length / 2).to_string()]).arg(&cut_off).status();
    assert!(status.unwrap().success());
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = context.program(&cut_off).command();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(122));
}
