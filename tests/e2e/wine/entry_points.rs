//! As `registry::entry_points`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine};

#[test]
fn a_module_called_start_is_the_apps_own_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("start", Os::Windows);
    assert_eq!(wine.program(&context, bundle).run().quiet_stdout(), "start True\nImported\n");
}
