//! As `registry::locks`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine};

#[test]
fn uv_lock_is_kept_to_for_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("locked/uv", Os::Windows);
    assert_eq!(wine.program(&context, &bundle).run().quiet_stdout(), "iniconfig 2.0.0\n");
}
