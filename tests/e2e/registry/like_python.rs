//! What an app sees in a bundle is what it sees under `python script.py`, or as a command that pip has installed.

use std::fs;
use std::path::PathBuf;

use ekiben_tests::TestContext;
use serde_json::{Value, json};

/// Tells what it finds out about itself, and fails.
pub(crate) const SCRIPT: &str = r#"# /// script
# dependencies = []
# ///
import inspect, json, sys, traceback

def function():
    """Defined in the program."""

frame = sys._getframe()
with open(__file__) as file:
    source = file.read()
print(json.dumps({
    "file": __file__,
    "argv": sys.argv,
    "is the bottom frame": frame.f_back is None,
    "module": [inspect.getmodule(it).__name__ for it in (function, frame)],
    "source": [inspect.getsource(function), __loader__.get_source("__main__") == source],
    "stack": traceback.format_stack(),
    "loader": type(__loader__).__name__,
    "names": {name: repr(value).partition(" at ")[0] for name, value in globals().items() if name.startswith("__") and name != "__builtins__"},
    "all names": sorted(globals()),
    "options": sorted(sys._xoptions),
}))

def fail():
    raise RuntimeError("no seat left")

fail()
"#;

/// The bundle of a project that consists of these files.
pub(crate) fn bundle_of(context: &TestContext, files: &[(&str, &str)], arguments: &[&str]) -> PathBuf {
    let project = context.path("projects/seat-finder");
    for (name, text) in files {
        context.write(project.join(name), text);
    }
    let output = context.path(if arguments.contains(&"windows") { "seat-finder.exe" } else { "seat-finder" });
    let source = if files.len() == 1 { project.join(files[0].0) } else { project };
    context.ekiben().arg("build").arg(source).arg("--output").arg(&output).args(arguments).run().success();
    output
}

#[test]
fn a_script_is_main_as_it_is_under_python() {
    let context = TestContext::new();
    let bundle = bundle_of(&context, &[("seat-finder.py", SCRIPT)], &[]);
    let [bundled, again] = [(); 2].map(|()| context.program(&bundle).args(["-x", "window"]).run());
    let facts: Value = serde_json::from_str(&bundled.stdout).unwrap();
    assert_eq!(facts["argv"], json!([bundle, "-x", "window"]));
    let python = context.program(context.version_dir("seat-finder").join("python"));
    let plain = python.args(["-I", facts["file"].as_str().unwrap(), "-x", "window"]).run();
    let mut expected: Value = serde_json::from_str(&plain.stdout).unwrap();
    assert_eq!(expected["is the bottom frame"], true);
    expected["argv"][0] = json!(bundle);
    assert_eq!(facts, expected);
    assert_eq!((bundled.code, &bundled.stderr), (Some(1), &plain.stderr));
    assert_eq!(again.stdout, bundled.stdout);
}

/// Windows passes no standard streams on to a program without a console; Wine does.
#[test]
fn a_windowed_script_and_its_workers_write_to_the_log() {
    let context = TestContext::new();
    let script = "import sys\nif sys.argv[1] == 'where':\n    sys.exit(print(__file__))\n\
                  print(__name__, sys.argv[-1:], '弁当 \\ud800')\n";
    let bundle = bundle_of(&context, &[("seat-finder.pyw", script)], &[]);
    let file = PathBuf::from(context.program(&bundle).arg("where").run().quiet_stdout().trim_end());
    let version = context.version_dir("seat-finder");
    let log = context.write("app.log", "");
    let python = context.program(version.join("python")).env("EKIBEN_LOG", &log);
    let typed = [file.as_os_str(), "seat-finder".as_ref(), "1".as_ref()];
    let outcome = python.clone().args(["-I", "-X", "ekiben"]).args(typed).run();
    assert_eq!(outcome.quiet_stdout(), "__main__ ['1'] 弁当 \\ud800\n");
    // What `multiprocessing` does first in a process of its own.
    let worker = "import runpy, sys; sys.stdout = None; runpy.run_path(sys.argv[1], run_name='__mp_main__')";
    let outcome = python.args(["-I", "-c", worker]).args([file.as_os_str(), "--multiprocessing-fork".as_ref()]).run();
    assert_eq!(outcome.quiet_stdout(), "");
    assert_eq!(fs::read_to_string(&log).unwrap(), "__mp_main__ ['--multiprocessing-fork'] 弁当 \\ud800\n");
}

/// Debuggers and others take it for the directory of the script, which they remove.
#[test]
fn the_standard_library_is_not_the_first_place_where_modules_are_looked_for() {
    let context = TestContext::new();
    let script = "import subprocess, sys\n\
                  code = 'import sys; print(sys.path[0]); del sys.path[0]; import colorsys, json'\n\
                  subprocess.run([sys.executable, '-I', '-c', code], check=True)\n\
                  exec(code)\n";
    let bundle = bundle_of(&context, &[("seat-finder.py", script)], &[]);
    let outcome = context.program(&bundle).run();
    let [child, own] = outcome.quiet_stdout().lines().collect::<Vec<_>>()[..] else { panic!("{outcome:#?}") };
    assert!(own == child && own.ends_with(".zip"), "{outcome:#?}");
}

/// What a project says that obeys two variables, and the program that tells.
pub(crate) const OBEDIENT: [(&str, &str); 2] = [
    (
        "ekiben.toml",
        "name = \"seat-finder\"\nentry-point = \"seats.py\"\nenvironment = [\"PYTHONUNBUFFERED\", \"PYTHONUTF8\"]\n",
    ),
    (
        "seats.py",
        "import json, sys\nprint(json.dumps([sys.stdout.write_through, sys.flags.utf8_mode, sys.flags.dev_mode, \
         sys.flags.isolated, sys.path, sys.argv[1:]]))\n",
    ),
];

#[test]
fn a_variable_that_is_let_through_is_obeyed_and_no_other() {
    let context = TestContext::new();
    let bundle = context.program(bundle_of(&context, &OBEDIENT, &[])).arg("-u").env("LC_ALL", "C.UTF-8");
    let plain = bundle.run().json();
    assert_eq!([&plain[0], &plain[2], &plain[3]], [&json!(false), &json!(false), &json!(1)]);
    for (name, value, at, expected) in [
        ("PYTHONUNBUFFERED", "1", 0, json!(true)),
        ("PYTHONUTF8", "1", 1, json!(1)),
        ("PYTHONUTF8", "0", 1, json!(0)),
        ("PYTHONUTF8", "nonsense", 1, plain[1].clone()),
        ("PYTHONDEVMODE", "1", 2, json!(false)),
        ("PYTHONPATH", "/nowhere", 2, json!(false)),
    ] {
        let mut said = bundle.clone().env(name, value).run().json();
        assert_eq!(said[at], expected, "{name}={value}");
        said[at] = plain[at].clone();
        assert_eq!(said, plain, "{name}={value}");
    }
}

/// A project whose command is made with click, started in this way.
pub(crate) fn with_click(context: &TestContext, entry: &str, arguments: &[&str]) -> PathBuf {
    let project = format!(
        "[project]\nname = \"seat-finder\"\nversion = \"1.0.0\"\nrequires-python = \">=3.11\"\ndependencies = \
         [\"click>=8.1\"]\n[tool.ekiben]\nentry-point = \"{entry}\"\n"
    );
    let package =
        "import click\n\n@click.group()\ndef main():\n    pass\n\n@main.command()\ndef reserve():\n    pass\n";
    let program = "import json, sys\nfrom . import main\nif sys.argv[1:] == ['package']:\n    print(__package__, \
                   __spec__.name)\nelse:\n    main()\n";
    let files = [("pyproject.toml", &*project), ("seats/__init__.py", package), ("seats/__main__.py", program)];
    bundle_of(context, &files, arguments)
}

#[test]
fn click_knows_an_app_by_the_name_of_its_file() {
    for entry in ["seats:main", "-m seats"] {
        let context = TestContext::new();
        let bundle = context.program(with_click(&context, entry, &[]));
        let help = bundle.clone().arg("--help").run();
        assert!(help.quiet_stdout().starts_with("Usage: seat-finder [OPTIONS] COMMAND"), "{entry}: {help:#?}");
        let completed = bundle.env("_SEAT_FINDER_COMPLETE", "bash_complete");
        let completed = completed.env("COMP_WORDS", "seat-finder res").env("COMP_CWORD", "1").run();
        assert_eq!(completed.quiet_stdout(), "plain,reserve\n", "{entry}");
    }
    // To the program itself, it is the module that it is.
    let context = TestContext::new();
    let program = context.program(with_click(&context, "-m seats", &[])).arg("package").run();
    assert_eq!(program.quiet_stdout(), "seats seats.__main__\n");
}
