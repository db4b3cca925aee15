//! `self info` and `self help`, and whose word `self` is.

use std::fs;

use ekiben_tests::{Os, Recipe, System, TestContext};
use serde_json::json;

#[test]
fn the_launcher_tells_what_it_is_and_where_it_is_installed() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("hello", system.os);
        let info = |arguments: &[&str]| system.program(&context, &exe).args(["self", "info"]).args(arguments).run();
        let facts = info(&["--json"]).json();
        assert_eq!((&facts["installed"], &facts["version_dir"]), (&json!(false), &json!(null)), "{facts:#}");
        assert_eq!(facts["root"]["place"], "EKIBEN_ROOT");
        assert_eq!(facts["root"]["path"], system.path(&context.installs().join("hello")));
        assert!(fs::read_dir(context.installs()).unwrap().next().is_none(), "asking makes nothing");

        system.program(&context, &exe).run().quiet_stdout();
        let facts = info(&["--json"]).json();
        let version_dir = system.path(&context.version_dir("hello"));
        assert_eq!((&facts["installed"], &facts["version_dir"]), (&json!(true), &json!(version_dir)), "{facts:#}");
        assert_eq!(facts["app"], json!({"id": "hello", "name": "hello", "version": "1.0.0"}));
        assert_eq!(facts["bundle"]["path"], system.path(&exe));
        assert_eq!(facts["bundle"]["size"], fs::metadata(&exe).unwrap().len());
        let version = &facts["installed_versions"][0];
        assert_eq!((&version["path"], &version["this"]), (&json!(version_dir), &json!(true)), "{facts:#}");
        assert_eq!(version["in_use"], false);
        let [all, one] = [&facts["disk_use"], &version["size"]].map(|size| size.as_u64().unwrap());
        assert!(all >= one && one > 10_000_000, "{facts:#}");

        let told = info(&[]);
        for word in ["app          hello 1.0.0\n", "digest  ", &version_dir, "disk use"] {
            assert!(told.quiet_stdout().contains(word), "{word}: {told:#?}");
        }
    }
}

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
        "error: `--keep 0` is no number of versions\nhelp: write a number of at least 1\n"
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
