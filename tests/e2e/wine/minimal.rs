//! As `registry::minimal`: the tests that need Wine.

use ekiben_tests::{Os, TestContext, Wine};

use crate::registry::minimal::minimal;

#[test]
fn the_smallest_bundle_runs_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle_of(&minimal("hello", Os::Windows, "fast"));
    assert_eq!(wine.program(&context, &bundle).arg("you").run().quiet_stdout(), "Hello, you!\n");
    let files = context.ekiben().args(["inspect", "--files"]).arg(&bundle).run().stdout;
    for (file, there) in [("python313.dll", true), ("libcrypto-3.dll", false), ("pythonw.exe", false)] {
        assert_eq!(files.contains(file), there, "{file}: {files}");
    }
}

#[test]
fn a_minimal_terminal_app_draws_its_table_and_fetches_on_linux_and_under_wine() {
    let context = TestContext::new();
    let bundle = context.bundle_of(&minimal("terminal", Os::Linux, "fast"));
    let table = context.program(&bundle).arg("Toyama").run();
    assert!(table.quiet_stdout().contains("│ pressed trout sushi in bamboo leaves │ ¥2,000 │"), "{table:#?}");
    // httpx, anyio, ssl, all the way to a socket, and to the error that the app makes of it.
    let fetched = context.program(&bundle).args(["get", "http://127.0.0.1:9/"]).run();
    assert_eq!(fetched.code, Some(1), "{fetched:#?}");
    assert!(fetched.stderr.starts_with("Error: could not fetch http://127.0.0.1:9/: "), "{fetched:#?}");

    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle_of(&minimal("terminal", Os::Windows, "fast"));
    let table = wine.program(&context, &bundle).arg("Toyama").run();
    assert!(table.quiet_stdout().contains("│ pressed trout sushi in bamboo leaves │ ¥2,000 │"), "{table:#?}");
    let fetched = wine.program(&context, &bundle).args(["get", "http://127.0.0.1:9/"]).run();
    assert!(fetched.stderr.starts_with("Error: could not fetch http://127.0.0.1:9/: "), "{fetched:#?}");
}
