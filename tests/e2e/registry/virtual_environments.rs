//! An app that creates virtual environments and installs packages: `venv` with pip, copied interpreters, sdists.

use ekiben_tests::TestContext;

/// Runs `[sys.executable, …]` in an app that has pip, and says what came of it.
const APP: &str = r#"
import os, subprocess, sys, venv
place, sdist = sys.argv[1:]

def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        print("FAILED", words, done.stdout, done.stderr)
    return done.stdout.strip()

run(sys.executable, "-m", "pip", "install", "--quiet", "--target", place + "/target", sdist)
print(sorted(name for name in os.listdir(place + "/target") if name.startswith("box")))
venv.create(place + "/venv", with_pip=True)
python = os.path.join(place, "venv", *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
print(os.path.islink(python))
print(run(python, "-c", "import sys; print(sys.prefix != sys.base_prefix, [p for p in sys.path if 'versions' in p and p.endswith('site-packages')])"))
print(run(python, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-index", place + "/wheel/box-1.5-py3-none-any.whl"))
print(run(python, "-c", "import box, ssl, sqlite3, sys; print(box.__file__.startswith(sys.prefix))"))
"#;

/// An sdist's directory, and a wheel.
fn packages(context: &TestContext) {
    context.write(
        "box/pyproject.toml",
        "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
    );
    context
        .write("box/setup.py", "from setuptools import setup\nsetup(name='box', version='1.5', py_modules=['box'])\n");
    context.write("box/box.py", "");
    let wheel = super::packages::wheel(context, "py3-none-any", &[("box.py", b"")]);
    std::fs::create_dir(context.path("wheel")).unwrap();
    std::fs::rename(&wheel, context.path("wheel/box-1.5-py3-none-any.whl")).unwrap();
}

#[test]
fn an_app_installs_an_sdist_and_creates_a_virtual_environment_with_pip_by_copies() {
    let context = TestContext::new();
    packages(&context);
    context.write("installer/main.py", APP);
    context.write("installer/requirements.txt", "pip==25.0\n");
    context.ekiben().args(["build", "installer", "--compression", "fast", "-o", "app"]).run().success();
    let start = context.program(context.path("app")).arg(context.root()).arg(context.path("box"));
    let works = "['box-1.5.dist-info', 'box.py']\nFalse\nTrue []\n\nTrue\n";
    let outcome = start.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_ROOT_USER_ACTION", "ignore").run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), works), "{outcome:#?}");
}

#[test]
fn the_wheel_of_pip_and_idle_are_in_a_bundle_only_if_something_names_them() {
    let context = TestContext::new();
    let files = |settings: &str, main: &str| {
        context.write("plain/ekiben.toml", settings);
        context.write("plain/main.py", main);
        context.ekiben().args(["build", "plain", "--compression", "fast", "-o", "app"]).run().success();
        let files = context.ekiben().args(["inspect", "--files", "app"]).run().stdout;
        ["ensurepip/_bundled/pip-", "/idlelib/", "/turtledemo/", "/ensurepip/__init__."]
            .map(|part| files.contains(part))
    };
    assert_eq!(files("", ""), [false, false, false, true]);
    assert_eq!(files("", "import venv\nvenv.create('x', with_pip=True)\n"), [true, false, false, true]);
    assert_eq!(files("stdlib-keep = [\"idlelib\", \"turtledemo\"]\n", ""), [false, true, true, true]);
    context.write("plain/ekiben.toml", "stdlib-keep = [\"idle\"]\n");
    assert_eq!(
        context.complaint(&context.ekiben().args(["build", "plain", "--quiet"]).run(), 1),
        "error: plain/ekiben.toml:1: `stdlib-keep` names `idle`, which is not such a part\nhelp: the parts are \
         `tkinter`, `ensurepip`, `idlelib`, `turtledemo`; the rest of the standard library is always in a bundle\n"
    );
}
