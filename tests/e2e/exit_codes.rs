//! How a bundle ends when the app can't start. Damaged files and full disks have tests of their own.

use std::ffi::OsString;
use std::fs;

use ekiben_tests::{Os, TestContext};

#[test]
fn an_account_without_a_home_is_told_what_to_set() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux)).env_remove("EKIBEN_ROOT").env_remove("HOME");
    let nobody = "--dev-bind / / --ro-bind /dev/null /etc/passwd --unshare-user --uid 65533";
    let outcome = bundle.started_by("bwrap", nobody.split(' ').map(OsString::from)).run();
    assert_eq!(
        context.complaint(&outcome, 123),
        "error: found no place to install `hello`: this account has no local data directory\n\
         help: set EKIBEN_ROOT to a directory that this account may write\n"
    );
    assert!(fs::read_dir(context.installs()).unwrap().next().is_none());
}
