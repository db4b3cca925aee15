//! `self doctor`: one text that tells why the app starts, or does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ekiben_tests::{Os, System, TestContext, windows_builds_or_skip};

#[test]
fn doctor_tells_which_place_is_chosen_and_why_another_is_refused_and_writes_nothing() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    fs::set_permissions(context.installs(), fs::Permissions::from_mode(0o777)).unwrap();
    let before = context.everything();
    let said = context.program(&exe).args(["self", "doctor"]).run();
    let text = context.redact(said.quiet_stdout());
    let refused = "  [DIR]/installs/hello (EKIBEN_ROOT)\n    \
                   refused: not safe: `[DIR]/installs` can be written by every account\n";
    assert!(text.contains(refused), "{text}");
    let user = context.redact(context.path("home").to_str().unwrap());
    let chosen =
        format!("  {user}/.local/share/ekiben/hello (this user's programs)\n    chosen: the first that can take it\n");
    assert!(text.contains(&chosen), "{text}");
    for fact in [
        "app          hello 1.0.0 (`hello`)\n",
        "signature    none\n",
        " free\n",
        "uid ",
        "EKIBEN_ROOT  [DIR]/installs",
    ] {
        assert!(text.contains(fact), "{fact}: {text}");
    }
    assert!(text.ends_with("\nno version is installed\n\nresult: the app can start\n"), "{text}");
    assert_eq!(context.everything(), before);
    // It is as doctor says.
    context.program(&exe).run().quiet_stdout();
    assert!(context.path("home/.local/share/ekiben/hello/versions").is_dir());
}

#[test]
fn doctor_tells_when_no_place_can_take_it() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    for name in ["installs", "home", "tmp"] {
        fs::set_permissions(context.path(name), fs::Permissions::from_mode(0o777)).unwrap();
    }
    let said = context.program(&exe).args(["self", "doctor"]).run();
    assert_eq!((said.code, said.stderr.as_str()), (Some(1), ""), "{said:#?}");
    assert!(said.stdout.ends_with("result: the app can't start: no place can take it\n"), "{said:#?}");
    assert_eq!(context.program(&exe).run().code, Some(123), "it is as doctor says");
}

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
