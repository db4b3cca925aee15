//! As `registry::like_python`: the tests that need Wine.

use ekiben_tests::{TestContext, Wine};
use serde_json::{Value, json};

use crate::registry::like_python::{OBEDIENT, SCRIPT, bundle_of, with_click};

#[test]
fn a_script_is_main_as_it_is_under_python_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = bundle_of(&context, &[("seat-finder.py", SCRIPT)], &["--target", "windows"]);
    let bundled = wine.program(&context, &bundle).arg("window").run();
    let facts: Value = serde_json::from_str(&bundled.stdout).unwrap();
    assert_eq!((&facts["is the bottom frame"], &facts["source"][1]), (&json!(true), &json!(true)));
    assert!(facts["argv"][0].as_str().unwrap().ends_with("\\seat-finder") && facts["argv"][1] == "window", "{facts:#}");
    assert!(bundled.code == Some(1) && !bundled.stderr.contains("ekiben-start.py"), "{bundled:#?}");
}

#[test]
fn the_standard_library_is_not_the_first_place_where_modules_are_looked_for_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let script = "import sys\nprint(sys.path[0])\ndel sys.path[0]\nimport colorsys, json, _socket\n";
    let bundle = bundle_of(&context, &[("seat-finder.py", script)], &["--target", "windows"]);
    let outcome = wine.program(&context, &bundle).run();
    assert!(outcome.quiet_stdout().trim_end().ends_with(".zip"), "{outcome:#?}");
}

#[test]
fn a_variable_that_is_let_through_is_obeyed_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = wine.program(&context, bundle_of(&context, &OBEDIENT, &["--target", "windows"]));
    let said = bundle.env("PYTHONUNBUFFERED", "x").env("PYTHONUTF8", "1").env("PYTHONDEVMODE", "1").run().json();
    assert_eq!([&said[0], &said[1], &said[2]], [&json!(true), &json!(1), &json!(false)]);
}

#[test]
fn click_knows_an_app_by_the_name_of_its_file_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    for entry in ["seats:main", "-m seats"] {
        let context = TestContext::new();
        let bundle = wine.program(&context, with_click(&context, entry, &["--target", "windows"]));
        let help = bundle.arg("--help").run();
        assert!(help.quiet_stdout().starts_with("Usage: seat-finder [OPTIONS] COMMAND"), "{entry}: {help:#?}");
    }
}
