//! Nothing on the machine reaches into the app or into the interpreters it starts; nothing of ours reaches out.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Program, TestContext};
use serde_json::Value;

/// Leaves its mark in the environment of whoever imports it.
const HOSTILE: &str = "import os\nos.environ['EKIBEN_TEST_EVIDENCE'] = __file__\n";
/// Modules that Python imports by itself, or that the sample project imports.
const VICTIMS: [&str; 9] =
    ["json", "site", "sitecustomize", "usercustomize", "encodings", "ctypes", "os", "hashlib", "probe"];

/// How the app and an interpreter that it starts are set up, in a quiet place and then as `troubled` makes it.
fn unchanged_by(context: &TestContext, troubled: impl Fn(Program) -> Program) {
    let bundle = context.program(context.bundle("probe", Os::Linux)).directory("/");
    for command in ["interpreter", "child"] {
        let before = facts(&bundle.clone().arg(command));
        let after = facts(&troubled(bundle.clone().arg(command)));
        assert_eq!(before, after, "{command}");
        assert_eq!(before["evidence"], Value::Null, "{command}");
    }
}

fn facts(program: &Program) -> Value {
    let outcome = program.run();
    outcome.quiet_stdout();
    let mut facts = outcome.json();
    // The one thing that a change of directory may change.
    facts.as_object_mut().unwrap().remove("cwd");
    facts
}

/// A directory full of modules that must never be imported.
fn hostile_modules(context: &TestContext, name: &str) -> PathBuf {
    for victim in VICTIMS {
        context.write(Path::new(name).join(format!("{victim}.py")), HOSTILE);
    }
    context.path(name)
}

#[test]
fn pythonhome_changes_nothing() {
    let context = TestContext::new();
    unchanged_by(&context, |program| program.env("PYTHONHOME", "/nowhere"));
}

#[test]
fn pythonpath_changes_nothing() {
    let context = TestContext::new();
    let hostile = hostile_modules(&context, "hostile");
    unchanged_by(&context, |program| program.env("PYTHONPATH", &hostile));
}

#[test]
fn pythonstartup_and_its_kin_change_nothing() {
    let context = TestContext::new();
    let startup = context.write("startup.py", HOSTILE);
    unchanged_by(&context, |program| {
        program
            .env("PYTHONSTARTUP", &startup)
            .env("PYTHONUSERBASE", context.path("home"))
            .env("PYTHONPLATLIBDIR", "nowhere")
            .env("PYTHONEXECUTABLE", "/nowhere/python")
            .env("__PYVENV_LAUNCHER__", "/nowhere/python")
    });
}

#[test]
fn the_user_site_changes_nothing() {
    let context = TestContext::new();
    // For every minor version there may be in the bundle.
    for minor in 11..=15 {
        let site = format!("home/.local/lib/python3.{minor}/site-packages");
        context.write(format!("{site}/hostile.pth"), "import os; os.environ['EKIBEN_TEST_EVIDENCE'] = 'pth'\n");
        hostile_modules(&context, &site);
    }
    unchanged_by(&context, |program| program);
    let bundle = context.program(context.bundle("probe", Os::Linux));
    assert_ne!(bundle.arg("interpreter").run().json()["user_site"], Value::Bool(true));
}

#[test]
fn the_current_directory_changes_nothing_for_the_app() {
    let context = TestContext::new();
    let hostile = hostile_modules(&context, "hostile");
    let bundle = context.program(context.bundle("probe", Os::Linux));
    let before = facts(&bundle.clone().directory("/").arg("interpreter"));
    assert_eq!(facts(&bundle.clone().directory(&hostile).arg("interpreter")), before);
    assert_eq!(facts(&bundle.directory(&hostile).arg("child")).get("evidence"), Some(&Value::Null));
}

#[test]
fn the_directory_of_the_bundle_changes_nothing() {
    let context = TestContext::new();
    let hostile = hostile_modules(&context, "hostile");
    fs::write(hostile.join("python._pth"), "/nowhere\n").unwrap();
    fs::write(hostile.join("pyvenv.cfg"), "home = /nowhere\n").unwrap();
    let there = context.bundle("probe", Os::Linux);
    let here = hostile.join("probe");
    fs::rename(&there, &here).unwrap();
    let facts = facts(&context.program(&here).directory("/").arg("interpreter"));
    assert_eq!(facts["evidence"], Value::Null);
    assert!(
        facts["path"].as_array().unwrap().iter().all(|p| !p.as_str().unwrap().starts_with(hostile.to_str().unwrap()))
    );
}

#[test]
fn another_python_that_the_app_starts_still_hears_its_environment() {
    let context = TestContext::new();
    context.write("library/of_the_user.py", "VALUE = 'heard'\n");
    let bundle = context.program(context.bundle("probe", Os::Linux)).env("PYTHONPATH", context.path("library"));
    let code = "import of_the_user, os, sys; \
                print(of_the_user.VALUE, sorted(n for n in os.environ if n.startswith(('PYTHON', 'LD_'))))";
    let heard = bundle.args(["run", "python3", "-c", code]).run();
    assert_eq!(heard.quiet_stdout(), "heard ['PYTHONPATH']\n");
}

#[test]
fn other_programs_get_the_libraries_of_the_system() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("probe", Os::Linux));
    let maps = bundle.args(["run", "cat", "/proc/self/maps"]).run();
    assert!(!maps.quiet_stdout().contains(context.root().to_str().unwrap()), "{maps:#?}");
}
