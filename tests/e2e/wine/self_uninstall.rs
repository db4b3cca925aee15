//! As `registry::self_uninstall`: the tests that need Wine.

use std::fs;
use std::thread;
use std::time::Duration;

use ekiben_tests::{Os, System, TestContext, alone_at_home};

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
