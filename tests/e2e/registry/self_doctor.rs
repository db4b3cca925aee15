//! `self doctor`: one text that tells why the app starts, or does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ekiben_tests::{Os, TestContext};

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
fn doctor_says_of_a_settled_version_only_what_is_known() {
    let context = TestContext::new();
    let exe = context.bundle("hello", Os::Linux);
    context.program(&exe).run().quiet_stdout();
    // As a start leaves it that has written everything to the disk, and has compared nothing.
    fs::write(context.version_dir("hello").join(".ekiben/seal"), "settled\n").unwrap();
    let said = context.program(&exe).args(["self", "doctor"]).run();
    let text = said.quiet_stdout();
    assert!(text.contains("settled: all of it is on the disk") && !text.contains("restart"), "{text}");
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
