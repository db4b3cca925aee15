//! As `registry::regression`: the tests that need Wine.

use std::fs;

use ekiben_tests::{TestContext, Wine, windows_embeddable};

use crate::registry::regression::{MAIN, Plain, Runs, copy};

const UNDER_WINE: &str = include_str!("regression/under_wine.txt");

#[test]
fn cpythons_own_tests_end_as_in_the_plain_interpreter_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let Some(plain) = Plain::or_skip(&context) else { return };
    let embeddable = windows_embeddable();
    let bundle = plain.bundle(&context, &["--target".as_ref(), "windows".as_ref(), "--runtime".as_ref(), &embeddable]);

    // The embeddable package as it comes, but for where it finds the tests.
    let unpacked = context.path("embeddable");
    let told = context.program("python3").args(["-m", "zipfile", "-e"]).arg(embeddable).arg(&unpacked).run();
    assert_eq!(told.code, Some(0), "{told:#?}");
    let tree = fs::read_dir(&unpacked).unwrap().next().unwrap().unwrap().path();
    fs::write(tree.join("python313._pth"), "python313.zip\n.\nLib\nimport site\n").unwrap();
    fs::create_dir(tree.join("Lib")).unwrap();
    copy(&plain.tests, &tree.join("Lib/test"));
    fs::write(tree.join("Lib/main.py"), MAIN).unwrap();

    let runs = Runs {
        context: &context,
        bundle: wine.program(&context, bundle),
        plain: wine.program(&context, tree.join("python.exe")).args(["-m", "main"]),
        reader: &plain.interpreter,
        options: &["--timeout", "400"],
    };
    runs.end_alike(UNDER_WINE, 800);
}
