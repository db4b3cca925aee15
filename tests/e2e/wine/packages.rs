//! As `registry::packages`: the tests that need Wine.

use ekiben_tests::{TestContext, Wine, windows_builds_or_skip};

use crate::registry::packages::{build, wheel, write_seat_finder};

#[test]
fn a_script_that_a_wheel_brings_is_started_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let script = b"#!python\nimport box, sys\nprint(box.NAME, sys.argv[1:])\n";
    let files = [("box.py", &b"NAME = 'box'\n"[..]), ("box-1.5.data/scripts/box", script)];
    let wheel = wheel(&context, "py3-none-any", &files);
    build(&context).args(["--target", "windows"]).arg(wheel).run().success();
    assert_eq!(wine.program(&context, context.path("box.exe")).arg("a").run().quiet_stdout(), "box ['a']\n");
}

#[test]
fn sources_of_pure_python_are_built_here_for_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let script =
        "# /// script\n# dependencies = [\"docopt==0.6.2\"]\n# ///\nimport docopt\nprint(docopt.__version__)\n";
    let script = context.write("version-of-docopt.py", script);
    build(&context).args(["--target", "windows"]).arg(script).run().success();
    assert_eq!(wine.program(&context, context.path("dist/version-of-docopt.exe")).run().quiet_stdout(), "0.6.2\n");
}

#[test]
fn every_part_of_a_wheel_is_where_it_is_in_a_virtual_environment_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let (project, output) = (write_seat_finder(&context), context.path("app.exe"));
    build(&context).args(["--target", "windows"]).arg(&project).arg("-o").arg(&output).run().success();
    let said = wine.program(&context, &output).run();
    let lines = said.quiet_stdout().lines().collect::<Vec<_>>();
    assert_eq!(lines[..4], ["a plan a setting", "True", "seat-other [", "the seats"], "{said:#?}");
    assert!(lines[4].starts_with("1."), "{said:#?}");
    assert_eq!(lines[5..], ["True"], "{said:#?}");
}
