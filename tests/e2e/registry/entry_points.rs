//! What a start runs: the project's one script, the one that was chosen, a module, a file.

use std::fs;

use ekiben_tests::{Os, Recipe, TestContext};
use serde_json::json;

fn says(recipe: &Recipe, arguments: &[&str], code: i32, expected: &str) {
    let context = TestContext::new();
    let bundle = context.bundle_of(recipe);
    let outcome = context.program(&bundle).args(arguments).run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(code), expected, ""));
}

#[test]
fn one_script_of_several_is_chosen_by_its_name() {
    says(&Recipe::new("several", Os::Linux).arg("--entry").arg("several-close"), &[], 0, "closed\n");
}

#[test]
fn one_script_of_several_is_chosen_in_the_configuration() {
    let context = TestContext::new();
    let project = context.project("several");
    let file = project.join("pyproject.toml");
    let text = fs::read_to_string(&file).unwrap() + "\n[tool.ekiben]\nentry-point = \"several-open\"\n";
    fs::write(&file, text).unwrap();
    let output = context.path("several");
    context.ekiben().arg("build").arg(&project).arg("--output").arg(&output).run().success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "open\n");
}

#[test]
fn a_module_runs_as_python_m_runs_it() {
    says(&Recipe::new("module", Os::Linux), &["a", "-m"], 3, "module __main__ module ['a', '-m']\n");
}

#[test]
fn a_function_is_chosen_on_the_command_line() {
    let context = TestContext::new();
    let bundle = context.bundle_of(&Recipe::new("module", Os::Linux).arg("--entry").arg("platform:system"));
    // What it returns goes to `sys.exit`, as in pip's scripts, and a string is an error to that.
    let outcome = context.program(&bundle).run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(1), "", "Linux\n"));
}

#[test]
fn a_module_called_start_is_the_apps_own() {
    says(&Recipe::new("start", Os::Linux), &[], 0, "start True\nImported\n");
}

#[test]
fn a_pep_723_script_is_a_project() {
    says(&Recipe::new("pep723.py", Os::Linux), &["x"], 0, "meal salmon ['x']\n");
}

#[test]
fn a_pep_723_script_runs_as_main_beside_nothing_but_its_dependencies() {
    let context = TestContext::new();
    let script = "# /// script\n# dependencies = []\n# ///\n\
                  import json, sys, __main__\n\
                  print(json.dumps([__name__, __main__.__file__, sys.argv]))\n";
    let project = context.write("projects/tool.py", script);
    let output = context.path("tool");
    context.ekiben().arg("build").arg(&project).arg("--output").arg(&output).run().success();
    let said = context.program(&output).arg("1").run().json();
    let [name, file, argv] = [0, 1, 2].map(|n| said[n].clone());
    assert_eq!((name, argv), (json!("__main__"), json!([output, "1"])));
    assert!(file.as_str().unwrap().starts_with(context.version_dir("tool").to_str().unwrap()), "{file}");
}

#[test]
fn a_build_without_an_output_name_writes_the_apps_name_into_dist() {
    let context = TestContext::new();
    let project = context.project("hello");
    let before = context.everything();
    context.ekiben().arg("build").directory(&project).run().success();
    let mut after = context.everything();
    after.retain(|path| !before.contains(path));
    assert_eq!(after, ["projects/hello/dist", "projects/hello/dist/hello"]);
}

#[test]
fn a_package_that_is_run_by_its_name_and_imports_relatively_is_checked_and_starts() {
    let context = TestContext::new();
    let main = b"from .cli import main\nmain()\n";
    let files =
        [("box/__init__.py", &b""[..]), ("box/__main__.py", main), ("box/cli.py", b"def main(): print('runs')\n")];
    let wheel = super::packages::wheel(&context, "py3-none-any", &files);
    context.write("project/app.py", "");
    context.write("project/requirements.txt", format!("box @ file://{}\n", wheel.display()));
    let build = context.ekiben().args(["build", "project", "--compression", "fast", "--entry", "-m box", "-o", "app"]);
    build.run().success();
    assert_eq!(context.program(context.path("app")).run().quiet_stdout(), "runs\n");
}
