//! `self uninstall`: asks, refuses while the app runs, and leaves nothing but what is not ours.

use std::fs;
use std::thread;
use std::time::Duration;

use ekiben_tests::{Os, System, TestContext, alone_at_home, in_terminal};

#[test]
fn uninstall_refuses_while_the_app_runs_and_then_leaves_only_the_apps_own_data() {
    let _alone = alone_at_home();
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("probe", system.os);
        let uninstall =
            |more: &[&str]| system.program(&context, &exe).args(["self", "uninstall", "--yes"]).args(more).run();
        let mut running = system.program(&context, &exe).arg("hold").stdin("").start();
        let ready: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
        let data = context.write("installs/probe/settings.json", "{}");
        let before = context.everything();

        let refused = context.complaint(&uninstall(&[]), 1);
        assert!(refused.starts_with("error: `probe` is running: "), "{refused}");
        assert!(refused.contains(&format!("{} (", ready["pid"])), "{refused} {ready}");
        assert!(refused.ends_with("\nhelp: end it, and uninstall again\n"), "{refused}");
        assert_eq!(context.everything(), before);
        assert_eq!(running.wait().code, Some(0));

        let mut said = uninstall(&[]);
        // Windows lets go of a process's files a moment after its end.
        for _ in 0..50 {
            if said.code == Some(0) {
                break;
            }
            thread::sleep(Duration::from_millis(100));
            said = uninstall(&[]);
        }
        let root = system.path(&context.installs().join("probe"));
        let left = system.path(&data);
        assert_eq!(said.quiet_stdout(), format!("removed {root}\nleft    {left}: not ekiben's (--purge)\n"));
        assert_eq!(context.everything().iter().filter(|path| path.starts_with("installs/")).count(), 2);

        system.program(&context, &exe).arg("argv").run().quiet_stdout();
        let mut said = uninstall(&["--purge"]);
        for _ in 0..50 {
            if said.code == Some(0) {
                break;
            }
            thread::sleep(Duration::from_millis(100));
            said = uninstall(&["--purge"]);
        }
        assert_eq!(said.quiet_stdout(), format!("removed {root}\n"));
        assert!(!context.installs().join("probe").exists());
        assert_eq!(uninstall(&[]).quiet_stdout(), "nothing is installed\n");
    }
}

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
fn uninstall_removes_its_own_file_when_told_so() {
    for system in System::all() {
        let context = TestContext::new();
        let directory = context.path("50% & more^!");
        fs::create_dir(&directory).unwrap();
        let exe = directory.join("it's (mine).exe");
        fs::rename(context.bundle("hello", system.os), &exe).unwrap();
        system.program(&context, &exe).run().quiet_stdout();
        let said = system.program(&context, &exe).args(["self", "uninstall", "--yes", "--exe"]).run();
        assert!(said.quiet_stdout().ends_with(&format!("removed {}\n", system.path(&exe))), "{said:#?}");
        // On Windows another program does it.
        for _ in 0..600 {
            if system.os == Os::Linux || !exe.exists() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        assert!(!exe.exists() && !context.path("installs/hello").exists());
    }
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
