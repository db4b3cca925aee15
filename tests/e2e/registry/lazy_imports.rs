//! `lazy-imports`: modules of the app are imported when they are first used. This takes CPython 3.15, with which `.ci/matrix`
//! runs these tests where the machine has none.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ekiben_tests::{Outcome, TestContext, skip};

/// An app with a package that only works when its submodule is imported by a statement that nobody uses.
const FILES: [(&str, &str); 4] = [
    (
        "main.py",
        "import colorsys\nimport sys\n\nimport fragile\n\n\ndef main():\n    if sys.argv[1:] == ['work']:\n        \
         print(fragile.inner.VALUE)\n    else:\n        print('colorsys' in sys.modules)\n",
    ),
    ("fragile/__init__.py", "from fragile import core\n"),
    ("fragile/core.py", "import fragile.inner\n"),
    ("fragile/inner.py", "VALUE = 42\n"),
];

/// Builds it with these settings.
fn build(context: &TestContext, settings: &str, arguments: &[&str]) -> (PathBuf, Outcome) {
    for (name, text) in FILES {
        context.write(PathBuf::from("app").join(name), text);
    }
    let settings = format!("name = \"lazy\"\nentry-point = \"main:main\"\ncompression = \"fast\"\n{settings}\n");
    context.write("app/ekiben.toml", settings);
    let output = context.path("lazy");
    let outcome = context.ekiben().arg("build").arg(context.path("app")).arg("-o").arg(&output).args(arguments).run();
    (output, outcome)
}

fn has_3_15() -> bool {
    let output = Command::new("python3.15").arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}

fn has_3_15_or_skip() -> bool {
    let found = has_3_15();
    if !found {
        skip("EKIBEN_REQUIRE_CPYTHON_3_15", "this machine has no CPython 3.15");
    }
    found
}

#[test]
fn an_older_cpython_is_refused_by_name() {
    if has_3_15() {
        return;
    }
    let context = TestContext::new();
    let (output, outcome) = build(&context, "lazy-imports = true", &[]);
    let said = context.complaint(&outcome, 1);
    assert!(said.contains("error: `lazy-imports` needs CPython 3.15 or newer, and the runtime is 3.1"), "{said}");
    assert!(said.ends_with("help: choose one with `python = \"3.15\"`, or leave `lazy-imports` out\n"), "{said}");
    assert!(!output.exists());
}

#[test]
fn imports_are_lazy_for_the_app_and_not_for_what_it_starts() {
    if !has_3_15_or_skip() {
        return;
    }
    let context = TestContext::new();
    let script = context.write(
        "start.py",
        "import colorsys\nimport multiprocessing\nimport subprocess\nimport sys\n\n\ndef mode():\n    \
         print(sys.get_lazy_imports(), flush=True)\n\n\nif __name__ == '__main__':\n    print('colorsys' in sys.modules, \
         flush=True)\n    mode()\n    subprocess.run([sys.executable, '-c', 'import sys; print(sys.get_lazy_imports())'])\n    \
         child = multiprocessing.get_context('spawn').Process(target=mode)\n    child.start()\n    child.join()\n",
    );
    let output = context.path("start");
    let block = fs::read_to_string(&script).unwrap();
    fs::write(
        &script,
        format!("# /// script\n# [tool.ekiben]\n# lazy-imports = true\n# compression = \"fast\"\n# ///\n{block}"),
    )
    .unwrap();
    context.ekiben().arg("build").arg(&script).arg("-o").arg(&output).run().success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "False\nall\nnormal\nnormal\n");
}

#[test]
fn a_list_of_packages_makes_their_statements_lazy_and_no_others() {
    if !has_3_15_or_skip() {
        return;
    }
    let context = TestContext::new();
    for (settings, works) in [
        ("lazy-imports = [\"main\"]", true),
        ("lazy-imports = [\"main\", \"fragile\"]", false),
        ("lazy-imports = [\"main\", \"fragile\"]\nlazy-imports-except = [\"fragile\"]", true),
        ("lazy-imports = true", false),
    ] {
        let (output, outcome) = build(&context, settings, &["--force"]);
        outcome.success();
        assert_eq!(context.program(&output).run().quiet_stdout(), "False\n", "{settings}");
        let ended = context.program(&output).arg("work").run();
        assert_eq!(ended.code, Some(i32::from(!works)), "{settings}: {ended:#?}");
    }
}

#[test]
fn a_start_that_fails_on_a_lazy_import_says_which_package_to_except() {
    if !has_3_15_or_skip() {
        return;
    }
    let context = TestContext::new();
    let (output, outcome) = build(&context, "lazy-imports = true", &[]);
    outcome.success();
    let failed = context.program(&output).arg("work").run();
    let help = "help: if that is the reason, build it with `lazy-imports-except = [\"fragile\"]`\n";
    assert!(failed.code == Some(1) && failed.stderr.ends_with(help), "{failed:#?}");
}

#[test]
fn auto_excepts_the_package_that_fails_and_writes_what_it_found() {
    if !has_3_15_or_skip() {
        return;
    }
    let context = TestContext::new();
    let settings = "lazy-imports = \"auto\"\nlazy-imports-trial = [\"work\"]";
    let (output, outcome) = build(&context, settings, &["--write", "--json"]);
    outcome.success();
    let found = outcome.json()["lazy_imports"].clone();
    assert_eq!(found["except"], serde_json::json!(["fragile"]));
    assert_eq!(found["trials"], serde_json::json!(["work"]));
    assert_eq!(context.program(&output).arg("work").run().quiet_stdout(), "42\n");
    let written = fs::read_to_string(context.path("app/ekiben.toml")).unwrap();
    let list = found["packages"].as_array().unwrap().iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert!(list.contains(&"\"main\"".to_owned()) && !list.contains(&"\"fragile\"".to_owned()), "{list:?}");
    let expected = format!("lazy-imports = [{}]\nlazy-imports-except = [\"fragile\"]\n", list.join(", "));
    assert!(written.contains(&expected), "{written}");

    // What was written builds the same bundle.
    let before = fs::read(&output).unwrap();
    context.ekiben().arg("build").arg(context.path("app")).arg("-o").arg(&output).run().success();
    assert!(fs::read(&output).unwrap() == before);
}
