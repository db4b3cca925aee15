//! Imports of modules that the bundle does not have are told while building.

use ekiben_tests::{Program, TestContext};

const APP: &str = "\
import sys
import yaml
import fcntl
if sys.platform == 'win32':
    import winreg
else:
    import grp
try:
    import orjson
except ImportError:
    orjson = None
def later():
    import pandas
";

fn build(context: &TestContext, target: &str) -> Program {
    context.write("app/main.py", "import helper.parts\nprint('started')\n");
    context.write("app/helper/__init__.py", "");
    context.write("app/helper/parts.py", APP);
    context.write("app/requirements.txt", "");
    let arguments = ["build", "--compression", "fast", "--no-check", "--target", target];
    context.ekiben().args(arguments).arg(context.path("app")).arg("--output").arg(context.path("out"))
}

/// The notes about imports.
fn notes(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.contains(" imports ")).collect()
}

#[test]
fn an_import_that_the_bundle_does_not_have_is_told_with_its_place_and_its_distribution() {
    let context = TestContext::new();
    let built = build(&context, "linux").run();
    built.success();
    assert_eq!(
        notes(&built.stderr),
        [
            "note: helper/parts.py:2 imports `yaml`, which is not in the bundle; add `PyYAML` to the project's dependencies"
        ]
    );
    let without_words = build(&context, "linux").args(["--quiet", "--force"]).run();
    assert_eq!(without_words.stderr, "");
}

#[test]
fn an_import_of_what_only_another_system_has_is_told() {
    let context = TestContext::new();
    let built = build(&context, "windows").run();
    built.success();
    assert_eq!(
        notes(&built.stderr),
        [
            "note: helper/parts.py:2 imports `yaml`, which is not in the bundle; add `PyYAML` to the project's dependencies",
            "note: helper/parts.py:3 imports `fcntl`, which is not in the bundle; CPython has it only on Linux"
        ]
    );
}
