//! Whoever starts a bundle can't tell that a launcher stood in between.

use std::path::Path;

use ekiben_tests::{Os, Outcome, Program, TestContext};
use serde_json::json;

/// The bundle, installed, and its interpreter started directly on the same code: what "as plain Python" means.
fn bundle_and_plain_python(context: &TestContext) -> (Program, Program) {
    let bundle = context.program(context.bundle("probe", Os::Linux));
    bundle.clone().arg("argv").run().success();
    let python = context.program(context.version_dir("probe").join("python")).args(["-m", "probe"]);
    (bundle, python)
}

fn ending(outcome: &Outcome) -> (Option<i32>, Option<i32>, &str) {
    (outcome.code, outcome.signal, &outcome.stdout)
}

#[test]
fn the_app_has_the_process_id_that_was_started() {
    let context = TestContext::new();
    let (bundle, _) = bundle_and_plain_python(&context);
    let mut running = bundle.arg("sleep").start();
    let said: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!(said, json!({"ready": true, "pid": running.id()}));
}

#[test]
fn the_app_has_the_process_id_that_was_started_on_its_first_start_too() {
    let context = TestContext::new();
    let mut running = context.program(context.bundle("probe", Os::Linux)).arg("sleep").start();
    let said: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!(said["pid"], running.id());
}

#[test]
fn exit_codes_are_those_of_plain_python() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    for (arguments, code) in [
        (["exit", "0"], 0),
        (["exit", "1"], 1),
        (["exit", "255"], 255),
        (["exit", "300"], 44),
        (["exit", "-1"], 255),
        (["exit-native", "3"], 3),
        (["exit-native", "121"], 121),
    ] {
        let ours = bundle.clone().args(arguments).run();
        assert_eq!(ours.code, Some(code), "{arguments:?}");
        assert_eq!(ending(&ours), ending(&python.clone().args(arguments).run()), "{arguments:?}");
    }
}

#[test]
fn an_uncaught_exception_ends_as_in_plain_python() {
    let context = TestContext::new();
    let (bundle, _) = bundle_and_plain_python(&context);
    let ours = bundle.arg("fail").run();
    assert_eq!(ending(&ours), (Some(1), None, ""));
    assert!(ours.stderr.starts_with("Traceback (most recent call last):\n"), "{ours:#?}");
    assert!(ours.stderr.ends_with("RuntimeError: nobody catches this\n"), "{ours:#?}");
}

#[test]
fn a_signal_that_the_app_dies_of_is_the_signal_that_its_parent_sees() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    for name in ["SIGTERM", "SIGKILL", "SIGABRT", "SIGSEGV", "SIGPIPE", "SIGUSR1", "SIGINT"] {
        let ours = bundle.clone().args(["kill", name]).run();
        let plain = python.clone().args(["kill", name]).run();
        assert_eq!(ending(&ours), ending(&plain), "{name}");
    }
}

#[test]
fn a_signal_sent_to_the_app_does_what_it_does_to_plain_python() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    for (name, expected) in [("TERM", 15), ("INT", 2), ("HUP", 1), ("QUIT", 3)] {
        let [ours, plain] = [&bundle, &python].map(|program| {
            let mut running = program.clone().arg("sleep").start();
            running.line();
            running.signal(name);
            running.wait()
        });
        assert_eq!(ending(&ours), (None, Some(expected), ""), "{name}");
        assert_eq!(ending(&ours), ending(&plain), "{name}");
    }
}

#[test]
fn an_app_that_handles_a_signal_gets_it() {
    let context = TestContext::new();
    let (bundle, _) = bundle_and_plain_python(&context);
    for name in ["TERM", "INT", "HUP", "USR1"] {
        let mut running = bundle.clone().arg("wait").start();
        running.line();
        running.signal(name);
        let outcome = running.wait();
        assert_eq!(ending(&outcome), (Some(0), None, &*format!("{{\"signal\": \"SIG{name}\"}}\n")));
    }
}

#[test]
fn inherited_signal_state_reaches_python_as_it_was() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    // Under `nohup` (SIGHUP ignored), from a shell that ignores SIGINT and SIGPIPE, and from one that does not.
    for shell in ["exec \"$0\" \"$@\"", "trap '' HUP; exec \"$0\" \"$@\"", "trap '' INT PIPE QUIT; exec \"$0\" \"$@\""]
    {
        let [ours, plain] = [&bundle, &python].map(|program| {
            let program = program.clone().arg("process").started_by("sh", ["-c".into(), shell.into()]);
            let facts = program.run().json();
            ["SigIgn", "SigBlk", "SigCgt"].map(|name| facts[name].clone())
        });
        assert_eq!(ours, plain, "{shell}");
    }
}

#[test]
fn standard_streams_and_no_other_descriptor_reach_the_app() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    let descriptors = |program: &Program| {
        let facts = program.clone().arg("process").run().json();
        let mut found: Vec<(String, String)> =
            serde_json::from_value::<serde_json::Map<_, _>>(facts["descriptors"].clone())
                .unwrap()
                .into_iter()
                .map(|(number, target)| (number, target.as_str().unwrap().to_owned()))
                .collect();
        // What the launcher leaves open on purpose: the version's seal, whose lock says that it is in use.
        let seal = context.version_dir("probe").join(".ekiben/seal");
        found.retain(|(_, target)| seal != Path::new(target));
        found.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(descriptors(&bundle), descriptors(&python));
}

#[test]
fn standard_input_is_piped_through_unchanged() {
    let context = TestContext::new();
    let (bundle, python) = bundle_and_plain_python(&context);
    let bytes: Vec<u8> = (0..3_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let ours = bundle.arg("stdin").stdin(bytes.clone()).run().json();
    assert_eq!(ours["length"], 3_000_000);
    assert_eq!(ours, python.arg("stdin").stdin(bytes).run().json());
}

#[test]
fn standard_input_is_left_alone_by_a_first_start() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("probe", Os::Linux));
    assert_eq!(bundle.arg("stdin").stdin("abc").run().json()["length"], 3);
}

#[test]
fn the_app_learns_its_bundle_its_version_dir_and_its_version() {
    let context = TestContext::new();
    let path = context.bundle("probe", Os::Linux);
    let names = ["EKIBEN_BUNDLE", "EKIBEN_VERSION_DIR", "EKIBEN_VERSION", "EKIBEN_DATA_DIR"];
    let environment = context.program(&path).arg("environment").args(names).run().json();
    assert_eq!(
        environment,
        json!({
            "EKIBEN_BUNDLE": path,
            "EKIBEN_VERSION_DIR": context.version_dir("probe"),
            "EKIBEN_VERSION": "1.2.3",
            "EKIBEN_DATA_DIR": context.path("installs/probe/data"),
        })
    );
}

#[test]
fn the_environment_is_otherwise_the_callers() {
    let context = TestContext::new();
    let (bundle, _) = bundle_and_plain_python(&context);
    let bundle = bundle.env("EMPTY", "").env("LD_LIBRARY_PATH", "/nowhere").env("ODD NAME", "a=b\nc");
    let mut environment = bundle.clone().arg("environment").run().json();
    let environment = environment.as_object_mut().unwrap();
    for name in ["EKIBEN_BUNDLE", "EKIBEN_VERSION_DIR", "EKIBEN_VERSION", "EKIBEN_DATA_DIR"] {
        environment.remove(name).unwrap();
    }
    // CPython itself coerces the C locale, and LANG here is one that needs none.
    let given: serde_json::Map<_, _> = bundle
        .command()
        .get_envs()
        .map(|(n, v)| (n.to_str().unwrap().to_owned(), v.unwrap().to_str().unwrap().into()))
        .collect();
    assert_eq!(*environment, given);
}

#[test]
fn sys_executable_is_the_interpreter_in_the_version_dir() {
    let context = TestContext::new();
    let path = context.bundle("probe", Os::Linux);
    let facts = context.program(&path).arg("interpreter").directory("/").run().json();
    let version_dir = context.version_dir("probe");
    assert_eq!(facts["executable"], json!(version_dir.join("python")));
    assert_eq!(facts["cwd"], "/");
    assert_eq!(facts["argv0"], json!(path));
    for entry in facts["path"].as_array().unwrap() {
        assert!(entry.as_str().unwrap().starts_with(version_dir.to_str().unwrap()), "{facts:#}");
    }
    for name in ["prefix", "base_prefix", "exec_prefix"] {
        assert_eq!(facts[name], json!(version_dir), "{name}");
    }
}
