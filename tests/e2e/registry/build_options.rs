//! Options of `ekiben build` about locks, the network, and what is added on the command line.

use std::fs;

use ekiben_tests::{Program, TestContext};

const PYPROJECT: &str = "[project]\nname = \"box\"\nversion = \"1.0\"\nrequires-python = \">=3.11\"\n\
                         dependencies = [\"iniconfig==2.0.0\"]\nscripts.box = \"box:main\"\n";

/// A project with a uv.lock for its version 1.0.
fn locked(context: &TestContext) {
    context.write("project/pyproject.toml", PYPROJECT);
    context.write("project/box.py", "import iniconfig\ndef main(): print(iniconfig.__name__)\n");
    let lock = "version = 1\nrevision = 3\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"box\"\nversion = \"1.0\"\n\
        source = { virtual = \".\" }\ndependencies = [\n    { name = \"iniconfig\" },\n]\n\n[package.metadata]\n\
        requires-dist = [{ name = \"iniconfig\", specifier = \"==2.0.0\" }]\n\n[[package]]\nname = \"iniconfig\"\n\
        version = \"2.0.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
        sdist = { url = \"https://files.pythonhosted.org/packages/d7/4b/cbd8e699e64a6f16ca3a8220661b5f83792b3017d0f79807cb8708d33913/iniconfig-2.0.0.tar.gz\", hash = \"sha256:2d91e135bf72d31a410b17c16da610a82cb55f6b0477d1a902134b24a455b8b3\", size = 4646 }\n\
        wheels = [\n    { url = \"https://files.pythonhosted.org/packages/ef/a6/62565a6e1cf69e10f5727360368e451d4b7f58beeac6173dc9db836a5b46/iniconfig-2.0.0-py3-none-any.whl\", hash = \"sha256:b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374\", size = 5892 },\n]\n";
    context.write("project/uv.lock", lock);
}

fn build(context: &TestContext) -> Program {
    let build = context.ekiben().args(["build", "--compression", "fast", "--quiet"]);
    build.arg(context.path("project")).arg("--output").arg(context.path("box"))
}

fn change(context: &TestContext, from: &str, to: &str) {
    let file = context.path("project/pyproject.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from));
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_lock_in_which_the_projects_own_version_differs_is_taken_unless_it_has_to_fit_exactly() {
    let context = TestContext::new();
    locked(&context);
    build(&context).arg("--locked").run().success();
    change(&context, "version = \"1.0\"", "version = \"1.1\"");
    let lock = fs::read(context.path("project/uv.lock")).unwrap();
    build(&context).run().success();
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "iniconfig\n");
    assert_eq!(fs::read(context.path("project/uv.lock")).unwrap(), lock);
    let stale = "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: `uv.lock` does not fit \
                 `pyproject.toml` any more\nhelp: run `uv lock` in the project, and build again\n";
    assert_eq!(context.complaint(&build(&context).arg("--locked").run(), 1), stale);
    // Another dependency is another thing.
    change(&context, "iniconfig==2.0.0", "iniconfig==2.0.0\", \"mdurl==0.1.2");
    assert_eq!(context.complaint(&build(&context).run(), 1), stale);
    build(&context).arg("--frozen").run().success();
}

#[test]
fn locked_and_frozen_want_a_lock() {
    let context = TestContext::new();
    context.write("project/pyproject.toml", PYPROJECT);
    context.write("project/box.py", "def main(): pass\n");
    for option in ["--locked", "--frozen"] {
        assert_eq!(
            context.complaint(&build(&context).arg(option).run(), 1),
            format!(
                "error: [DIR]/project/pyproject.toml: {option} was given, and no lock is there\n\
                 help: make a `uv.lock` with `uv lock`\n"
            )
        );
    }
}

#[test]
fn offline_builds_from_caches_alone() {
    let context = TestContext::new();
    context.write("project/pyproject.toml", PYPROJECT);
    context.write("project/box.py", "import iniconfig\ndef main(): print(iniconfig.__name__)\n");
    let empty = build(&context).arg("--offline").env("UV_CACHE_DIR", context.path("tmp/uv"));
    let error = context.complaint(&empty.run(), 1);
    assert!(error.contains("iniconfig") && error.ends_with("help: build once without --offline\n"), "{error}");
    build(&context).run().success();
    // Nothing can be reached.
    let nowhere = "http://127.0.0.1:1";
    let offline = build(&context).arg("--offline").env("HTTPS_PROXY", nowhere).env("HTTP_PROXY", nowhere);
    offline.env("ALL_PROXY", nowhere).run().success();
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "iniconfig\n");
}

#[test]
fn data_an_icon_and_a_name_are_added_on_the_command_line() {
    let context = TestContext::new();
    context.write(
        "project/main.py",
        "from pathlib import Path\nhere = Path(__file__).parent\n\
        print((here / 'data/deep/a.txt').read_text(), (here / 'b.txt').read_text())\n",
    );
    context.write("assets/deep/a.txt", "a");
    context.write("b.txt", "b");
    context.write("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"/>");
    let options = ["--add-data", "assets:data", "--add-data", "b.txt:.", "--icon", "icon.svg", "--name", "Pretty Box"];
    build(&context).args(options).arg("--windowed").run().success();
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "a b\n");
    let version_dir = context.version_dir("pretty-box");
    assert!(version_dir.join("ekiben-icon.png").exists(), "{version_dir:?}");
    let wrong = build(&context).args(["--add-data", "assets:../x"]).run();
    assert_eq!(
        context.complaint(&wrong, 1),
        "error: --add-data: `assets:../x` leads out of the bundle\n\
         help: the path after the colon is relative to where the app's modules are; `.` means there\n"
    );
    let wrong = build(&context).args(["--icon", "none.svg"]).run();
    assert_eq!(
        context.complaint(&wrong, 1),
        "error: --icon: there is no icon `[DIR]/none.svg`\nhelp: the path is relative to the current directory\n"
    );
}
