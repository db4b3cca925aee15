//! As `registry::self_doctor`: the tests that need Wine.

use std::fs;

use ekiben_tests::{Os, System, TestContext, windows_builds_or_skip};

#[test]
fn doctor_names_who_runs_a_version_and_who_holds_the_lock() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("probe", system.os);
        let doctor = || system.program(&context, &exe).args(["self", "doctor"]).run();
        let mut running = system.program(&context, &exe).arg("hold").stdin("").start();
        let ready: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
        let said = doctor();
        let text = said.quiet_stdout();
        assert!(text.contains("chosen: this version is installed there\n"), "{text}");
        assert!(text.contains(&format!("in use by {} (", ready["pid"])), "{text} {ready}");
        assert!(text.contains("not settled: the machine was not restarted since it was installed\n"), "{text}");
        assert!(text.contains("\n  lock: free\n"), "{text}");
        assert_eq!(text.contains("a virus scanner may"), system.os == Os::Windows, "{text}");
        assert_eq!(running.wait().code, Some(0));
        // Wine does not show locks of programs outside.
        if system.os == Os::Linux {
            let lock = fs::File::options().write(true).open(context.path("installs/probe/lock")).unwrap();
            lock.lock().unwrap();
            let said = doctor();
            let held = format!("\n  lock: held by {} (", std::process::id());
            assert!(said.quiet_stdout().contains(&held), "{said:#?}");
        }
    }
}

#[test]
fn doctor_sees_a_signature() {
    if !windows_builds_or_skip() {
        return;
    }
    for system in System::all().into_iter().filter(|system| system.os == Os::Windows) {
        let context = TestContext::new();
        let (unsigned, signed) = crate::registry::signed::unsigned_and_signed(&context);
        for (exe, told) in [(unsigned, "none\n"), (signed, "there is one; it is not checked here\n")] {
            let said = system.program(&context, exe).args(["self", "doctor"]).run();
            assert!(said.quiet_stdout().contains(&format!("signature    {told}")), "{said:#?}");
        }
    }
}
