//! As `registry::restarts`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine};

use crate::registry::restarts::{WAYS, goes, goes_every_way};

#[test]
fn an_app_starts_itself_again_in_every_way_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("again", Os::Windows);
    goes_every_way(&context, &wine.program(&context, &exe));
    for way in WAYS {
        // On Windows, `os.execv` starts another process and ends with 0.
        assert_eq!(goes(&wine.program(&context, &exe), &[&format!("exec-{way}")]).0, Some(0), "{way}");
    }
}
