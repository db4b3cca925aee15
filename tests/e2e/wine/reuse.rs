//! As `registry::reuse`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine};

use crate::registry::reuse::{changed, shares};

#[test]
fn a_new_version_shares_unchanged_files_with_the_old_one_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let old = wine.program(&context, context.bundle("hello", Os::Windows));
    let new = wine.program(&context, changed(&context, true));
    shares(&context, &old, &new);
}
