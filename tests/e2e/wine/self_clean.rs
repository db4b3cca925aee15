//! As `registry::self_clean`: the tests that need Wine.

use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::Duration;

use ekiben_tests::{Os, System, TestContext, release};

/// Looks again and again, for what happens beside a program that has nothing to say about it.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert!(is_so(), "{what} has not come in a minute");
}

#[test]
fn clean_removes_old_versions_and_leftovers_but_none_that_somebody_runs() {
    for system in System::all() {
        let context = TestContext::new();
        let newest = context.bundle("probe", system.os);
        let [oldest, old] = ["0.1", "0.2"].map(|version| release(&newest, version));
        let program = |exe: &std::path::Path| system.program(&context, exe);
        let mut running = program(&oldest).arg("hold").stdin("").start();
        assert!(running.line().contains("ready"), "{:#?}", running.wait());
        program(&old).arg("argv").run().quiet_stdout();
        // Two versions stay by default, so the third start has nothing to do but for the oldest, which is in use.
        program(&newest).arg("argv").run().quiet_stdout();
        let list = "ekiben installed 1\napp probe\n";
        context.write("installs/probe/staging/0.3-0123456789ab.1-0/.ekiben/installed", list);

        let clean = || program(&newest).args(["self", "clean", "--keep", "1"]).run();
        // The third start's own clean-up may still have the lock.
        let mut said = clean();
        until("the end of the other clean-up", || {
            if said.code != Some(0) {
                said = clean();
            }
            said.code == Some(0)
        });
        let lines: Vec<_> = said.quiet_stdout().lines().collect();
        let version = |name: &str| context.versions("probe").into_iter().find(|v| v.starts_with(name));
        assert!(lines[0].starts_with("removed ") && lines[0].contains("0.2-"), "{said:#?}");
        assert!(lines[1].starts_with("left ") && lines[1].contains("0.1-"), "{said:#?}");
        assert!(lines[1].contains("in use by ") && lines[1].contains("python"), "{said:#?}");
        assert!(lines[2].starts_with("freed ") && !lines[2].starts_with("freed 0 "), "{said:#?}");
        assert!(version("0.1-").is_some() && version("0.2-").is_none() && version("1.2.3-").is_some());
        // Windows deletes no name of a library that is loaded under another one, in the version that runs.
        let staging = context.path("installs/probe/staging");
        let left = || fs::read_dir(&staging).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        let may_be_left = |name: &OsString| system.os == Os::Windows && name.to_str().unwrap().ends_with(".gone");
        assert!(left().iter().all(may_be_left), "{:?}", left());

        // It has all of its files, and ends as if nothing had been.
        assert_eq!(running.wait().code, Some(0));
        until("the end of the app", || clean().code == Some(0) && version("0.1-").is_none());
        assert_eq!(clean().quiet_stdout(), "freed 0 bytes\n");
        assert!(left().is_empty(), "{:?}", left());
    }
}

#[test]
fn on_windows_the_clean_up_comes_by_itself_too() {
    for system in System::all().into_iter().filter(|system| system.os == Os::Windows) {
        let context = TestContext::new();
        let newest = context.bundle("probe", system.os);
        for version in ["0.1", "0.2"] {
            system.program(&context, release(&newest, version)).arg("argv").run().quiet_stdout();
        }
        let mut running = system.program(&context, &newest).arg("hold").stdin("").start();
        assert!(running.line().contains("ready"));
        until("the clean-up", || context.versions("probe").len() == 2);
        assert_eq!(running.wait().code, Some(0));
        assert!(context.versions("probe").iter().all(|version| !version.starts_with("0.1-")));
    }
}
