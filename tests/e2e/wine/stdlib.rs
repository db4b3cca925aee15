//! As `registry::stdlib`: the tests that need Wine.

use std::process::Command;

use ekiben_tests::{Os, TestContext, Wine, windows_embeddable, windows_path};

use crate::registry::stdlib::{MODULES, linux, python, same};

#[test]
fn every_module_that_the_plain_interpreter_imports_is_there_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let unpacked = context.path("plain");
    let code = "import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2], 'zip')";
    let unpack = Command::new("python3").args(["-c", code]).arg(windows_embeddable()).arg(&unpacked).status();
    assert!(unpack.unwrap().success());
    wine.program(&context, context.bundle("probe", Os::Windows)).args(["exit", "0"]).run().success();
    let script = windows_path(&context.write("modules.py", MODULES));
    let plain = wine.program(&context, unpacked.join("cp313/python.exe")).args(["-I", &script]).run().stdout;
    let names: Vec<_> = plain.lines().filter_map(|line| line.split(' ').next()).collect();
    let names = windows_path(&context.write("names", names.join("\n")));
    let python = context.version_dir("probe").join("python.exe");
    same(&plain, &wine.program(&context, python).args(["-I", &script, &names]).run().stdout);
}

/// Whether bytecode without its source knows columns; whether bytecode beside its source does; lines of the former.
const COLUMNS: &str = r"
import json, probe.cli
def columns(function): return any(column is not None for _, _, column, _ in function.__code__.co_positions())
lines = {line for _, _, line in json.loads.__code__.co_lines()}
print(columns(json.loads), columns(probe.cli.main), len(lines) > 20, json.loads.__code__.co_firstlineno in lines)
";

#[test]
fn bytecode_without_its_source_knows_lines_and_no_columns() {
    let context = TestContext::new();
    let tree = linux(&context);
    assert_eq!(python(&context, &tree, COLUMNS).run().quiet_stdout(), "False True True True\n");

    // There it comes without sources in the first place.
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    wine.program(&context, context.bundle("probe", Os::Windows)).args(["exit", "0"]).run().success();
    let script = windows_path(&context.write("columns.py", COLUMNS));
    let python = context.version_dir("probe").join("python.exe");
    assert_eq!(wine.program(&context, python).args(["-I", &script]).run().quiet_stdout(), "False True True True\n");
}
