//! The standard library in a bundle: all of it is there, as bytecode without sources, and behaves as it does with
//! sources.

use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::{Os, Program, Recipe, TestContext};

pub(crate) const MODULES: &str = include_str!("modules.py");

/// The version dir of a sample project, after a first start.
pub(crate) fn version_dir(context: &TestContext, recipe: &Recipe) -> PathBuf {
    context.program(context.bundle_of(recipe)).args(["exit", "0"]).run().success();
    context.version_dir("probe")
}

pub(crate) fn linux(context: &TestContext) -> PathBuf {
    version_dir(context, &Recipe::new("probe", Os::Linux))
}

pub(crate) fn python(context: &TestContext, version_dir: &Path, code: &str) -> Program {
    context.program(version_dir.join("python")).args(["-I", "-c", code])
}

/// Each line of `plain` is a module and the result of importing it. `bundled` must have the same line.
pub(crate) fn same(plain: &str, bundled: &str) {
    let plain: Vec<_> = plain.lines().collect();
    let bundled: Vec<_> = bundled.lines().collect();
    assert!(plain.len() > 400 && plain.iter().filter(|l| l.ends_with(" ok")).count() > 350, "{plain:#?}");
    let different: Vec<_> = plain.iter().filter(|line| !bundled.contains(line)).collect();
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn every_module_that_the_plain_interpreter_imports_is_there_on_linux() {
    let context = TestContext::new();
    let tree = linux(&context);
    let bundle = context.bundle("probe", Os::Linux);
    let facts = context.ekiben().args(["inspect", "--json"]).arg(&bundle).run().json();
    let (version, runtime) = (facts["python"].as_str().unwrap(), facts["runtime"].as_str().unwrap());
    let script = context.write("modules.py", MODULES);
    let bundled = |names: &[&Path]| context.program(tree.join("python")).arg("-I").arg(&script).args(names).run();
    if !runtime.starts_with("host interpreter") {
        // This is python-build-standalone, and there is no other copy of it here to compare with. So all its modules
        // must import.
        let all = bundled(&[]).stdout;
        assert!(all.lines().filter(|line| line.ends_with(" ok")).count() > 400, "{all}");
        return;
    }
    let minor = version.rsplit_once('.').unwrap().0;
    // pyenv's shims start the version that this variable names.
    let plain = Command::new(format!("python{minor}")).env("PYENV_VERSION", version).arg("-I").arg(&script).output();
    let plain = String::from_utf8(plain.unwrap().stdout).unwrap();
    let names: Vec<_> = plain.lines().filter_map(|line| line.split(' ').next()).collect();
    let names = context.write("names", names.join("\n"));
    same(&plain, &bundled(&[&names]).stdout);
}

#[test]
fn the_standard_library_has_no_sources_and_its_code_knows_its_files() {
    let context = TestContext::new();
    let tree = linux(&context);
    let code = r"
import dataclasses, inspect, json, logging, sys, traceback
for module, function in (json, json.loads), (dataclasses, dataclasses.dataclass), (logging, logging.info):
    assert module.__file__.endswith('.pyc') and function.__code__.co_filename == module.__file__, module
try:
    inspect.getsource(json.loads)
except OSError as error:
    print(error)
import probe.cli
print(inspect.getsource(probe.cli.main).splitlines()[0])
try:
    json.loads('x')
except ValueError:
    print([f.filename for f in traceback.extract_tb(sys.exc_info()[2])][-1])
    assert 'JSONDecodeError: Expecting value' in traceback.format_exc()
help(json.loads)
";
    let said = python(&context, &tree, code).run();
    let lines: Vec<_> = said.quiet_stdout().lines().collect();
    assert_eq!(lines[..2], ["could not get source code", "def main():"]);
    let decoder = lines[2].strip_prefix(tree.to_str().unwrap()).unwrap();
    assert!(decoder.starts_with("/lib/python3.") && decoder.ends_with("/json/decoder.pyc"), "{decoder}");
    assert!(lines[3].starts_with("Help on function loads in module json"), "{}", lines[3]);

    // Modules that are run, a virtual environment, and an interpreter in it.
    let tool = context.program(tree.join("python")).args(["-m", "json.tool"]).stdin("[1]").run();
    assert_eq!(tool.quiet_stdout(), "[\n    1\n]\n");
    let venv = context.path("venv");
    context.program(tree.join("python")).args(["-m", "venv", "--without-pip"]).arg(&venv).run().success();
    let code = "import json, sys; print(sys.prefix, json.__file__.endswith('/json/__init__.pyc'))";
    let inside = context.program(venv.join("bin/python")).args(["-c", code]).run();
    assert_eq!(inside.quiet_stdout(), format!("{} True\n", venv.display()));
}

#[test]
fn sources_stay_or_go_as_the_project_says() {
    let context = TestContext::new();
    let project = context.project("probe");
    let config = std::fs::read_to_string(project.join("pyproject.toml")).unwrap();
    std::fs::write(project.join("pyproject.toml"), config + "\n[tool.ekiben]\nsources = []\n").unwrap();
    let output = context.path("probe");
    context.ekiben().args(Recipe::new("probe", Os::Linux).arguments(&project, &output)).run().success();
    let files = context.ekiben().args(["inspect", "--files"]).arg(&output).run();
    let sources: Vec<_> = files.stdout.lines().filter(|line| line.ends_with(".py")).collect();
    // A module that, without its source, mistakes itself for its caller; and the start script, which is not a module.
    let expected = ["importlib/resources/_common.py", "ekiben-start.py"];
    assert!(sources.len() == 2 && expected.iter().zip(&sources).all(|(end, line)| line.ends_with(end)), "{sources:?}");
    assert!(files.stdout.contains("probe/cli.pyc"), "{}", files.stdout);
    assert_eq!(context.program(&output).arg("metadata").run().json()["name"], "probe");
}
