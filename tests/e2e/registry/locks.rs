//! A lock is kept to: the sample's lock says an old release, and a newer one exists.

use ekiben_tests::{Os, TestContext};

fn the_locked_release_is_in(project: &str) {
    let context = TestContext::new();
    let bundle = context.bundle(project, Os::Linux);
    assert_eq!(context.program(&bundle).run().quiet_stdout(), "iniconfig 2.0.0\n");
}

#[test]
fn uv_lock_is_kept_to() {
    the_locked_release_is_in("locked/uv");
}

#[test]
fn pylock_toml_is_kept_to() {
    the_locked_release_is_in("locked/pylock");
}

#[test]
fn a_requirements_file_with_hashes_is_kept_to() {
    the_locked_release_is_in("locked/requirements");
}
