//! As `plain::data_loss`: the tests that need Wine.

use std::fs;

use ekiben_tests::{Os, System, TestContext, Tiny, alone_at_home};

use crate::plain::data_loss::read;

#[test]
fn uninstall_names_what_the_app_keeps_and_leaves_it_and_purge_removes_it() {
    let _alone = alone_at_home();
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("probe", system.os);
        let uninstall =
            |more: &[&str]| system.program(&context, &exe).args(["self", "uninstall", "--yes"]).args(more).run();
        system.program(&context, &exe).arg("argv").run().quiet_stdout();
        let version = context.versions("probe").remove(0);
        let written = [
            context.write("installs/probe/logs/audit.log", "the app's"),
            context.write("installs/probe/staging/upload/x", "the app's"),
            context.write("installs/probe/versions/my-drafts/novel.txt", "the user's"),
            context.write("installs/probe/data/db.sqlite3", "the app's"),
            context.write("installs/probe/icon.png", "the app's"),
        ];
        context.write("installs/probe/logs/app.log", "ours");
        context.write(format!("installs/probe/versions/{version}/uploads/y"), "the app's");
        let said = uninstall(&[]);
        let root = context.installs().join("probe");
        let line = |left: &str| format!("left    {}: not ekiben's (--purge)\n", system.path(&root.join(left)));
        let left = ["data", "icon.png", "kept", "logs/audit.log", "staging/upload", "versions/my-drafts"];
        assert_eq!(said.quiet_stdout(), format!("removed {}\n{}", system.path(&root), left.map(line).concat()));
        assert!(written.iter().all(|path| path.exists()), "{:?}", context.everything());
        assert_eq!(read(&root.join("kept").join(version).join("uploads/y")), "the app's");
        assert!(!root.join("logs/app.log").exists() && !root.join("lock").exists());

        system.program(&context, &exe).arg("argv").run().quiet_stdout();
        assert_eq!(uninstall(&["--purge"]).quiet_stdout(), format!("removed {}\n", system.path(&root)));
        assert!(!root.exists(), "{:?}", context.everything());
    }
}

#[test]
fn clean_says_what_it_kept_and_where() {
    for system in System::all() {
        let context = TestContext::new();
        let tiny = |version| match system.os {
            Os::Linux => Tiny::new(version),
            Os::Windows => Tiny::new(version).windows(),
        };
        let [old, new] = ["1.0", "2.0"].map(|version| tiny(version).bundle(&context));
        // On Windows, a launcher without a payload plays the interpreter, and fails.
        system.program(&context, old).run();
        let version = context.versions("tiny").remove(0);
        fs::write(context.version_dir("tiny").join("db.sqlite3"), "a database").unwrap();
        system.program(&context, &new).run();
        let said = system.program(&context, &new).args(["self", "clean", "--keep", "1"]).run();
        let root = context.path("installs/tiny");
        let lines: Vec<_> = said.quiet_stdout().lines().collect();
        let removed = format!("removed {}", system.path(&root.join("versions").join(&version)));
        let kept = format!(
            "kept    {}: the app wrote it into this version",
            system.path(&root.join("kept").join(&version).join("db.sqlite3"))
        );
        assert_eq!(lines[..2], [removed, kept], "{said:#?}");
        assert_eq!(read(&root.join("kept").join(version).join("db.sqlite3")), "a database");
    }
}

#[test]
fn an_app_is_told_where_it_may_write_and_nothing_removes_that_but_purge() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("probe", system.os);
        let probe = |arguments: &[&str]| system.program(&context, &exe).args(arguments).run();
        let told = probe(&["environment", "EKIBEN_DATA_DIR"]).json();
        let data = context.installs().join("probe/data");
        assert_eq!(told["EKIBEN_DATA_DIR"], system.path(&data));
        assert!(!data.exists(), "ekiben does not make it");
        context.write("installs/probe/data/db.sqlite3", "a database");
        probe(&["self", "clean", "--keep", "1"]).quiet_stdout();
        probe(&["self", "uninstall", "--yes"]).quiet_stdout();
        assert_eq!(read(&data.join("db.sqlite3")), "a database");
    }
}
