//! How a bundle ends when the app can't start. Damaged files, full disks and unfit places have tests of their own.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use ekiben_tests::{Os, TestContext};

#[test]
fn an_account_for_which_there_is_no_place_is_told_what_to_set() {
    let context = TestContext::new();
    let bundle =
        context.program(context.bundle("hello", Os::Linux)).env("EKIBEN_ROOT", "/proc/version").env_remove("HOME");
    let nobody = "--dev-bind / / --ro-bind /dev/null /etc/passwd --unshare-user --uid 65533";
    let bundle = bundle.started_by("bwrap", nobody.split(' ').map(OsString::from));
    assert_eq!(
        context.complaint(&bundle.clone().env("TMPDIR", "/dev/null").run(), 123),
        "error: could not install `hello`: no place to install it\n  \
         EKIBEN_ROOT: could not open `/proc/version`: Not a directory (os error 20)\n  \
         for the whole machine: this version is not installed there, and only an administrator can do that\n  \
         temporary files: could not open `/dev/null`: Not a directory (os error 20)\n\
         help: set EKIBEN_ROOT to a directory that this account can write to\n"
    );
    // The last resort.
    assert_eq!(bundle.run().quiet_stdout(), "Hello, world!\n");
    assert!(context.path("tmp/ekiben-65533/hello/versions").is_dir());
}

#[test]
fn an_interpreter_that_may_not_run_is_told_of() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    let interpreter = fs::canonicalize(context.version_dir("hello").join("python")).unwrap();
    fs::set_permissions(interpreter, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        context.complaint(&bundle.run(), 125),
        "error: could not start `[DIR]/installs/hello/versions/1.0.0-[DIGEST]/python`: \
         Permission denied (os error 13)\n\
         help: programs may not run from there: set EKIBEN_ROOT to a directory where they may\n"
    );
}
