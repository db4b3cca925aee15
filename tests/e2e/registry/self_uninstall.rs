//! `self uninstall`: asks, refuses while the app runs, and leaves nothing but what is not ours.

use std::fs;

use ekiben_tests::{Os, TestContext, in_terminal};

#[test]
fn uninstall_asks_and_only_a_yes_is_one() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    let bundle = context.program(&exe);
    bundle.run().quiet_stdout();
    let uninstall = bundle.clone().args(["self", "uninstall"]);
    assert_eq!(
        context.complaint(&uninstall.run(), 1),
        "error: there is no terminal to ask on whether all of it may be removed\n\
         help: add `--yes`; `hello self help` lists all options\n"
    );
    for (answer, code) in [("\n", 1), ("n\n", 1), ("never\n", 1), ("y\n", 0)] {
        let asked = in_terminal(uninstall.clone()).stdin(answer).run();
        assert!(asked.stdout.contains("This will be removed:"), "{asked:#?}");
        assert!(asked.stdout.contains(&format!("  {}, ", context.path("installs/hello").display())), "{asked:#?}");
        assert_eq!((asked.code, context.path("installs/hello").exists()), (Some(code), code == 1), "{asked:#?}");
    }
}

#[test]
fn uninstall_finds_the_app_in_every_place() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    context.program(&exe).run().quiet_stdout();
    context.program(&exe).env_remove("EKIBEN_ROOT").run().quiet_stdout();
    let roots = ["installs/hello", "home/.local/share/ekiben/hello"];
    assert!(roots.iter().all(|root| context.path(root).join("versions").is_dir()));
    let said = context.program(&exe).args(["self", "uninstall", "--yes"]).run();
    assert_eq!(context.redact(said.quiet_stdout()), roots.map(|root| format!("removed [DIR]/{root}\n")).concat());
    assert!(roots.iter().all(|root| !context.path(root).exists()));
}

#[test]
fn an_uninstallation_that_was_interrupted_is_repeated() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    context.program(&exe).run().quiet_stdout();
    // As it is when a version has left `versions/` and is half deleted.
    let gone = context.path("installs/hello/staging/1.0.0-0123456789ab.7.gone");
    fs::rename(context.version_dir("hello"), &gone).unwrap();
    fs::remove_dir_all(gone.join("lib")).unwrap();
    context.program(&exe).args(["self", "uninstall", "--yes"]).run().quiet_stdout();
    assert!(!context.path("installs/hello").exists());
}
