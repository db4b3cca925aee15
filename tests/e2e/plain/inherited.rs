//! What a process inherits reaches the app as the launcher found it: the app is a shell that tells what it got.
//!
//! (CPython changes some of it itself, before anything could look.)

use std::path::Path;

use ekiben_tests::{Program, TestContext};

/// Runs `script` in a shell: at once, and with a launcher in between; both after `before`, in a shell as well, and with two
/// signals blocked.
fn directly_and_launched(before: &str, script: &str) -> [String; 2] {
    let context = TestContext::new();
    let bash = Path::new("/bin/bash");
    let bundle = context.bundle_around(bash, script);
    // The first start is another's business.
    context.program(&bundle).run().success();
    let script = context.path("installs/handmade/versions").join(&context.versions("handmade")[0]).join("script");
    [context.program(bash).arg(script), context.program(&bundle)].map(|program: Program| {
        let shell = ["--block-signal=USR1,WINCH", "bash", "-c", &format!("{before}\nexec \"$0\" \"$@\"")];
        let outcome = program.started_by("env", shell.map(Into::into)).run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome.stderr
    })
}

#[test]
fn signals_reach_the_app_as_the_launcher_inherited_them() {
    let mut seen = Vec::new();
    for before in ["", "trap '' PIPE", "trap '' INT", "trap '' INT PIPE HUP", "trap '' SEGV BUS"] {
        let [direct, launched] = directly_and_launched(before, "exec grep ^Sig[BIC] /proc/self/status >&2");
        assert_eq!(direct, launched, "{before}");
        assert!(!direct.contains("SigBlk:\t0000000000000000"), "{direct}");
        seen.push(direct);
    }
    seen.dedup();
    assert_eq!(seen.len(), 5, "the traps make a difference: {seen:?}");
}

#[test]
fn closed_standard_streams_stay_closed() {
    for before in ["exec <&-", "exec >&-", "exec <&- >&-"] {
        let script = "for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd is open >&2; done; true";
        let [direct, launched] = directly_and_launched(before, script);
        assert_eq!(direct, launched, "{before}");
        assert!(launched.lines().count() < 3, "{launched}");
    }
}
