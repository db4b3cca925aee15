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
fn an_import_that_minimal_can_not_see_is_told_with_the_key_that_cures_it() {
    let context = TestContext::new();
    let computed = "importlib.import_module(\"\".join([\"color\", \"sys\"]))";

    // While it is built, when the import of the entry point needs it.
    let module = format!("import importlib\n\nfound = {computed}\n\n\ndef main():\n    print(found.__name__)\n");
    let (output, outcome) = build(&context, &module, "[]");
    let said = context.complaint(&outcome, 1);
    let expected = "error: the entry point `hello:main` can't be imported from what `minimal` keeps: \
                    hello.py:3: ModuleNotFoundError: No module named 'colorsys'\nhelp: keep it: `minimal-keep = [\"colorsys\"]`\n";
    assert!(said.ends_with(expected), "{said}");
    assert!(!output.exists());

    // When it runs, else; the build has told where it looked in vain.
    let module = format!("import importlib\n\n\ndef main():\n    print({computed}.__name__)\n");
    let (output, outcome) = build(&context, &module, "[]");
    assert!(outcome.stderr.contains("\n    hello:5 (nothing stays because of it)\n"), "{outcome:#?}");
    let failed = context.program(&output).run();
    let expected = "ModuleNotFoundError: No module named 'colorsys'\n\
                    this bundle was built with `minimal`, which leaves out what no import statement names\n\
                    help: if it is needed, build it again with `minimal-keep = [\"colorsys\"]`\n";
    assert_eq!((failed.code, failed.stderr.ends_with(expected)), (Some(1), true), "{failed:#?}");

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
        ("/asyncio/", false),
        ("/_codecs_cn.", false),
        ("/pydoc.", false),
    ] {
        assert_eq!(files.contains(file), there, "{file}: {files}");
    }
}
