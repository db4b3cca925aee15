//! As `registry::killed`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine, windows_path};

use crate::registry::killed::{Installs, whole};

/// One after another in one install root: each has to cope with what the ones before it have left.
#[test]
fn a_first_start_on_windows_killed_at_any_moment_is_made_good_by_the_next() {
    const MOMENTS: usize = 10;
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = wine.program(&context, context.bundle("terminal", Os::Windows)).arg("--version");
    let (said, whole, entries) = whole(&context, &bundle);
    let installs = Installs(context.path("killed"));
    let bundle = bundle.env("EKIBEN_ROOT", windows_path(&installs.0));
    let half_done = (0..MOMENTS).filter(|moment| installs.killed_with(&bundle, 1 + entries * moment / MOMENTS)).count();
    assert!(half_done > 0, "the test is slower than the start");
    installs.made_good_by(&bundle, &said, &whole);
}
