//! As `plain::appended`: the tests that need Wine.

use ekiben_tests::{Confined, Ended, Os, TestContext, Wine};

use crate::plain::appended::{HARMLESS, TOO_MANY, is_refused};

#[test]
fn a_windows_bundle_bears_64_kib_behind_it() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = std::fs::read(context.bundle("hello", Os::Windows)).unwrap();
    let start = |appended: usize| {
        let mut bytes = bundle.clone();
        bytes.resize(bytes.len() + appended, b'x');
        Confined::on_windows(wine, &context, &format!("appended-{appended}"), &bytes).start()
    };
    for appended in HARMLESS {
        assert_eq!(start(appended), Ok(Ended::Ran("Hello, world!\n".to_owned())), "{appended}");
    }
    is_refused(&start(TOO_MANY));
}
