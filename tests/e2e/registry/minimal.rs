//! `minimal`: a bundle with what can be reached from the entry point and nothing else.

use std::fs;
use std::path::PathBuf;

use ekiben_tests::{Os, Outcome, Recipe, TestContext};

/// The recipe of a minimal bundle; a size matters to one test only.
pub(crate) fn minimal(project: &str, os: Os, compression: &str) -> Recipe {
    Recipe::new(project, os).arg("--minimal").arg("--compression").arg(compression)
}

/// Builds the project `hello` with another module in its place, and `keep` as its `minimal-keep`.
fn build(context: &TestContext, module: &str, keep: &str) -> (PathBuf, Outcome) {
    let project = context.project("hello");
    fs::write(project.join("hello.py"), module).unwrap();
    let settings = format!("[tool.ekiben]\nminimal = true\nminimal-keep = {keep}\ncompression = \"fast\"\n");
    let config = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    fs::write(project.join("pyproject.toml"), config + "\n" + &settings).unwrap();
    let output = context.path("hello");
    let outcome = context.ekiben().args(Recipe::new("hello", Os::Linux).arguments(&project, &output)).run();
    fs::remove_dir_all(project).unwrap();
    (output, outcome)
}

#[test]
fn the_smallest_bundle_is_smaller_than_what_a_compiler_makes() {
    let context = TestContext::new();
    let bundle = context.bundle_of(&minimal("hello", Os::Linux, "default"));
    let size = fs::metadata(&bundle).unwrap().len();
    // What Nuitka makes of the same project.
    assert!(size < 4_210_000, "{size}");
    for _ in 0..2 {
        assert_eq!(context.program(&bundle).args(["you", "all"]).run().quiet_stdout(), "Hello, you and all!\n");
    }
    // A traceback is as ever, and so is a child by `-m`.
    let python = context.version_dir("hello").join("python");
    let failed = context.program(&python).args(["-c", "import hello; hello.main.x"]).run();
    assert!(
        failed.stderr.contains("hello.main.x\n                  ^^^^") && failed.stderr.contains("AttributeError"),
        "{failed:#?}"
    );
    assert_eq!(context.program(&python).args(["-m", "hello"]).run().quiet_stdout(), "");
    // What a locale may ask for before anything else runs.
    let code = "print(*('ä'.encode(name) for name in ('iso8859-15', 'cp1252', 'idna')))";
    let encoded = context.program(&python).args(["-c", code]).run();
    assert_eq!(encoded.quiet_stdout(), "b'\\xe4' b'\\xe4' b'xn--4ca'\n");
}

#[test]
fn an_import_that_minimal_can_not_see_is_reported_with_the_key_that_keeps_it() {
    let context = TestContext::new();
    let computed = "importlib.import_module(\"\".join([\"color\", \"sys\"]))";

    // What the import of the entry point needs stays, because that is tried.
    let module = format!("import importlib\n\nfound = {computed}\n\n\ndef main():\n    print(found.__name__)\n");
    let (output, outcome) = build(&context, &module, "[]");
    outcome.success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "colorsys\n");

    // Another import is missed when it runs; the build has told where it looked in vain.
    let module = format!("import importlib\n\n\ndef main():\n    print({computed}.__name__)\n");
    let (output, outcome) = build(&context, &module, "[]");
    assert!(outcome.stderr.contains("\n    hello:5 (nothing stays because of it)\n"), "{outcome:#?}");
    let failed = context.program(&output).run();
    let stderr =
        failed.stderr.replace("Standard library module 'colorsys' was not found", "No module named 'colorsys'");
    let expected = "ModuleNotFoundError: No module named 'colorsys'\n\
                    this bundle was built with `minimal`, which leaves out what no import statement names\n\
                    help: if it is needed, build it again with `minimal-keep = [\"colorsys\"]`\n";
    assert_eq!((failed.code, stderr.ends_with(expected)), (Some(1), true), "{failed:#?}");

    let (output, outcome) = build(&context, &module, "[\"colorsys\"]");
    outcome.success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "colorsys\n");

    let (_, outcome) = build(&context, &module, "[\"colorsis\"]");
    let said = context.complaint(&outcome, 1);
    assert!(said.contains("error: `minimal-keep` names `colorsis`, and there is no such module\nhelp: "), "{said}");
}

#[test]
fn what_stays_is_what_the_code_names() {
    let context = TestContext::new();
    let module = r#"
import typing

if typing.TYPE_CHECKING:
    import tkinter.ttk, asyncio

TEXT = "弁当".encode("Shift-JIS")


def main():
    import sqlite3

    print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone())
    print(TEXT.decode("cp932"))


if __name__ == "__main__":
    import turtle, asyncio
"#;
    let (output, outcome) = build(&context, module, "[]");
    outcome.success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "(42,)\n弁当\n");
    let files = context.ekiben().args(["inspect", "--files"]).arg(&output).run().stdout;
    for (file, there) in [
        ("/_sqlite3.", true),
        ("/_codecs_jp.", true),
        ("/libcrypto.so", false),
        ("/_ssl.", false),
        // `pathlib` imports it for URIs, since 3.14.
        ("/urllib/request.", false),
        ("/asyncio/", false),
        ("/_codecs_cn.", false),
        ("/pydoc.", false),
    ] {
        assert_eq!(files.contains(file), there, "{file}: {files}");
    }
}

/// Builds a directory of files as they are, into `app`.
fn build_files(context: &TestContext, files: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    files.iter().for_each(|(name, text)| drop(context.write(format!("project/{name}"), text)));
    let build = context.ekiben().args(["build", "project", "--minimal", "--compression", "fast", "-o", "app"]);
    build.args(arguments).run()
}

#[test]
fn a_script_stays_with_what_it_imports_whether_or_not_it_is_checked() {
    let context = TestContext::new();
    let files = [
        ("helper.py", "x = 3\n"),
        ("ns/one/a.py", "y = 1\n"),
        ("ns/two/b.py", "z = 2\n"),
        (
            "main.py",
            "import importlib, helper, ns.one.a\nfrom ns.two import b\n\nimportlib.invalidate_caches()\n\
             print(helper.x, ns.one.a.y, b.z, __name__)\n",
        ),
    ];
    for arguments in [&[][..], &["--no-check"]] {
        build_files(&context, &files, arguments).success();
        assert_eq!(context.program(context.path("app")).run().quiet_stdout(), "3 1 2 __main__\n", "{arguments:?}");
    }
}

#[test]
fn what_a_trial_run_imports_stays_also_in_its_child_processes() {
    let context = TestContext::new();
    let main = "import subprocess, sys\n\nif sys.argv[1:] == ['fail']:\n    sys.exit('no such command')\n\
                print(__import__(''.join(['color', 'sys'])).__name__)\n\
                child = [sys.executable, '-c', 'print(__import__(\"\".join([\"wa\", \"ve\"])).__name__)']\n\
                sys.stdout.flush()\nsys.exit(subprocess.run(child).returncode)\n";
    let with = |trial: &str| [("main.py", main), ("ekiben.toml", trial)].map(|(a, b)| (a, b.to_owned()));
    let run = |trial: &str| {
        let files = with(trial);
        build_files(&context, &files.each_ref().map(|(a, b)| (*a, b.as_str())), &[])
    };
    run("minimal-trial = [\"--one 'two three'\"]\n").success();
    assert_eq!(context.program(context.path("app")).run().quiet_stdout(), "colorsys\nwave\n");
    let said = context.complaint(&run("minimal-trial = [\"\", \"fail\"]\n"), 1);
    assert!(
        said.ends_with(
            "error: the app could not be tried with the arguments `fail`: exit code 1: no such command\n\
             help: `minimal-trial` lists arguments with which the app ends with the exit code 0\n"
        ),
        "{said}"
    );
}

#[test]
fn modules_that_packages_find_under_other_names_stay() {
    let context = TestContext::new();
    let main = "import pkg_resources, six\nfrom six.moves import configparser, reduce\n\
                import six.moves.urllib.parse\nfrom distutils.version import LooseVersion\n\
                print(pkg_resources.get_distribution('iniconfig').version, LooseVersion('1.2'))\n\
                print(six.moves.urllib.parse.quote('a b'), reduce(max, [1, 3, 2]))\n";
    let files = [("main.py", main), ("requirements.txt", "setuptools==79.0.1\nsix==1.17.0\niniconfig==2.0.0\n")];
    // The second one sees that these are kept without a trial, too.
    for arguments in [&[][..], &["--no-check"]] {
        let built = build_files(&context, &files, arguments);
        built.success();
        assert!(!built.stderr.contains("which is not in the bundle"), "{built:#?}");
        let outcome = context.program(context.path("app")).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "2.0.0 1.2\na%20b 3\n"), "{outcome:#?}");
    }
}
