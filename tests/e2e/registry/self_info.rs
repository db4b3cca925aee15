//! `self info` and `self help`, and whose word `self` is.

use std::fs;

use ekiben_tests::{Os, Recipe, TestContext};
use serde_json::json;

#[test]
fn help_lists_every_verb_and_a_wrong_option_names_the_nearest() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    let said = |line: &str| bundle.clone().args(line.split(' ')).run();
    let help = said("self help");
    for verb in ["info", "verify", "repair", "clean", "doctor", "uninstall", "usage: hello self <verb>"] {
        assert!(help.quiet_stdout().contains(verb), "{verb}: {help:#?}");
    }
    for same in ["self", "self --help", "self clean --help"] {
        assert_eq!(said(same), help, "{same}");
    }
    assert_eq!(
        context.complaint(&said("self info --jsn"), 2),
        "error: there is no option `--jsn`\nhelp: did you mean `--json`? `hello self help` lists all\n"
    );
    assert_eq!(
        context.complaint(&said("self clean --keep 0"), 2),
        "error: `--keep 0` is not a number of versions\nhelp: use a number of at least 1\n"
    );
}

#[test]
fn what_is_no_verb_of_the_launchers_reaches_the_app() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    for (line, said) in [
        ("self destruct", "Hello, self and destruct!\n"),
        ("selfish", "Hello, selfish!\n"),
        ("x self info", "Hello, x and self and info!\n"),
    ] {
        assert_eq!(bundle.clone().args(line.split(' ')).run().quiet_stdout(), said);
    }
}

#[test]
fn the_word_can_be_changed_and_switched_off() {
    let context = TestContext::new();
    for (setting, word, theirs) in [("\"launcher\"", json!("launcher"), "launcher"), ("false", json!(null), "self")] {
        let project = context.project("hello");
        let mut config = fs::read_to_string(project.join("pyproject.toml")).unwrap();
        config += &format!("\n[tool.ekiben]\nself-command = {setting}\nkeep-versions = 7\n");
        fs::write(project.join("pyproject.toml"), config).unwrap();
        let output = context.path(theirs);
        context.ekiben().args(Recipe::new("hello", Os::Linux).arguments(&project, &output)).run().success();
        fs::remove_dir_all(project).unwrap();
        let facts = context.ekiben().args(["inspect", "--json"]).arg(&output).run().json();
        assert_eq!(facts["settings"], json!({"self": word, "keep": 7}));
        let said = |line: &str| context.program(&output).args(line.split(' ')).run();
        assert_eq!(said("self info").quiet_stdout(), "Hello, self and info!\n");
        if word.is_string() {
            assert!(said("launcher help").quiet_stdout().contains("usage: launcher launcher <verb>"));
        }
    }
}
