//! `self verify` and `self repair`, and the repair that nobody asks for.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;

use bundle::Bundle;
use ekiben_tests::{Os, TestContext};

#[test]
fn repair_installs_what_is_not_installed_and_does_not_run_it() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    let run = |line: &str| context.program(&exe).args(line.split(' ')).run();
    let verified = run("self verify");
    assert_eq!(verified.stdout, "the bundle is ok; this version is not installed\n", "{verified:#?}");
    assert_eq!((verified.code, context.versions("hello").len()), (Some(1), 0));
    let version_dir = || context.redact(&format!("{}\n", context.version_dir("hello").display()));
    let said = run("self repair");
    assert_eq!(
        context.redact(said.quiet_stdout()),
        format!("it was not installed: installed in `{}`\n", version_dir().trim_end())
    );
    assert!(run("self verify").quiet_stdout().starts_with("ok: "));
}

#[test]
fn verify_tells_of_a_damaged_bundle() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    context.program(&exe).run().quiet_stdout();
    let start = Bundle::open(&exe).unwrap().payload_start();
    let damaged = context.path("damaged");
    fs::copy(&exe, context.path("written")).unwrap();
    let file = fs::OpenOptions::new().write(true).read(true).open(context.path("written")).unwrap();
    file.write_all_at(&[0xff; 16], start + 1000).unwrap();
    drop(file);
    let installed =
        Command::new("install").args(["-m", "755"]).args([context.path("written"), damaged.clone()]).status();
    assert!(installed.unwrap().success());
    assert_eq!(
        context.complaint(&context.program(&damaged).args(["self", "verify"]).run(), 124),
        "error: could not verify `hello`: the bundle can't be used: the frame does not match its SHA-256\n\
         help: the file was changed or damaged: download it again\n"
    );
}
