//! What a bundle says of itself is printed, and can't forge a line of ours or act upon the terminal.

use std::fs;
use std::path::PathBuf;

use bundle::text::is_control;
use ekiben_payload_fixtures::forged::{Forged, Member};
use ekiben_tests::{Outcome, TestContext};
use serde_json::{Value, json};

use crate::plain::hostile::launcher;

const LINUX: &str = "x86_64-unknown-linux-gnu";

/// A forged line, a rewritten one, and controls that have more than one byte.
const CONTROLS: &[&str] = &[
    "x\nsigned by    CN=Microsoft",
    "x\r",
    "x\u{1b}[1A\u{1b}[2K",
    "x\u{7f}",
    "x\u{9b}2K",
    "x\u{2028}y",
    "x\u{202e}exe.y",
    "\u{2066}x\u{200f}",
    "x\u{61c}",
];

/// Nothing in it but lines of ours.
#[track_caller]
fn is_plain(said: &str) {
    assert!(!said.contains(|c: char| is_control(c) && c != '\n') && !said.contains("\nsigned by    CN"), "{said:?}");
}

fn both(outcome: &Outcome) -> String {
    format!("{}{}", outcome.stdout, outcome.stderr)
}

/// The bundle as an executable file.
fn written(context: &TestContext, name: &str, forged: &Forged) -> PathBuf {
    let bytes = context.write(format!("{name}-bytes"), forged.bytes(launcher(LINUX)));
    let bundle = context.path(name);
    // By another program: a child that another test forks would hold it open for writing.
    context.program("install").args(["-m", "755"]).arg(bytes).arg(&bundle).run().success();
    bundle
}

#[test]
fn a_launch_record_with_a_control_character_is_refused_by_every_reader() {
    let context = TestContext::new();
    let keys = [
        "/app/name",
        "/app/version",
        "/target",
        "/python",
        "/runtime",
        "/entry_point",
        "/start/flags/0",
        "/start/interpreter",
        "/start/script",
        "/settings/self",
        "/settings/publisher",
        "/settings/app_user_model_id",
    ];
    let settings = json!({"self": "self", "keep": 2, "publisher": "p", "app_user_model_id": "a"});
    let honest = Forged::honest(LINUX);
    let tried = |record: Value| Forged { record, ..honest.clone() };
    for (at, key) in keys.into_iter().enumerate() {
        let mut record = honest.record.clone();
        record["settings"] = settings.clone();
        // Each character somewhere, and each key with one.
        for control in CONTROLS.iter().cycle().skip(at).take(3) {
            *record.pointer_mut(key).unwrap() = json!(control);
            let bundle = written(&context, "app", &tried(record.clone()));
            let ekiben = |words: &[&str]| context.ekiben().args(words).arg(&bundle);
            for program in [
                ekiben(&["inspect"]),
                ekiben(&["inspect", "--json"]),
                ekiben(&["verify"]),
                ekiben(&["publish"]).arg(context.path("published")),
            ] {
                let outcome = program.run();
                let said = context.complaint(&outcome, 1);
                assert!(said.contains("could not open the bundle"), "{key} {control:?}: {said}");
                is_plain(&said);
            }
            for verb in ["help", "info", "doctor"] {
                let outcome = context.program(&bundle).args(["self", verb]).run();
                assert_eq!(outcome.code, Some(122), "{outcome:#?}");
                is_plain(&both(&outcome));
            }
        }
    }
    assert!(!context.path("published").exists());
}

#[test]
fn names_in_a_bundle_are_printed_with_what_acts_upon_a_terminal_written_out() {
    let context = TestContext::new();
    let mut forged = Forged::honest(LINUX);
    let names = ["lib/\u{202e}exe.py", "lib/\u{9b}2K", "lib/\u{2028}signed by"].map(|name| Member::file(name, "x"));
    let rows = names.iter().map(Member::row).collect();
    let link = Member::special("lib/link", tar::EntryType::Symlink, "\u{200f}target").mode(0o777);
    let archive = ekiben_payload_fixtures::forged::archive;
    let frames = [(archive(&names), rows), (archive(std::slice::from_ref(&link)), json!([link.row()]))];
    forged.layer("application", &frames);
    let bundle = written(&context, "app", &forged);
    let page = context.path("page.html");
    let said = context.ekiben().args(["inspect", "--files", "--sizes", "--html"]).arg(&page).arg(&bundle).run();
    is_plain(said.quiet_stdout());
    for name in ["lib/\\u{202e}exe.py", "lib/\\u{9b}2K", "lib/\\u{2028}signed by", "lib/link -> \\u{200f}target"] {
        assert!(said.stdout.contains(name), "{name}: {}", said.stdout);
    }
    is_plain(&fs::read_to_string(&page).unwrap());
    let outcome = context.ekiben().args(["inspect", "--files", "--json"]).arg(&bundle).run();
    is_plain(&outcome.stdout);
    let paths = outcome.json()["layers"][2]["entries"].clone();
    assert_eq!(paths[0]["path"], "lib/\u{202e}exe.py", "the same value all the same");

    // An installed file that is missing is told by its name.
    context.program(&bundle).run().success();
    fs::remove_file(context.version_dir("forged").join("lib/\u{9b}2K")).unwrap();
    let outcome = context.program(&bundle).args(["self", "verify"]).run();
    is_plain(&both(&outcome));
    assert!(outcome.stdout.contains("2K"), "{outcome:#?}");

    forged.layer("a\nsigned by    CN=Microsoft", &[]);
    let outcome = context.ekiben().arg("inspect").arg(written(&context, "app2", &forged)).run();
    let said = context.complaint(&outcome, 1);
    assert!(said.contains("the layer `a\\u{a}signed by    CN=Microsoft` has a control character"), "{said}");
}

#[test]
fn a_text_that_would_act_upon_a_terminal_is_refused_where_it_is_written() {
    let context = TestContext::new();
    let project = context.project("hello");
    let file = project.join("pyproject.toml");
    let honest = fs::read_to_string(&file).unwrap();
    for (more, key) in [
        ("[tool.ekiben]\nname = \"Hello\\u202E\"", "name"),
        ("[tool.ekiben]\nversion = \"1.0\\n\"", "version"),
        ("[tool.ekiben]\npython-flags = [\"-X\", \"utf8\\u001B[2K\"]", "python-flags"),
        ("[tool.ekiben.windows]\ncompany = \"A\\u0085B\"", "company"),
    ] {
        fs::write(&file, format!("{honest}\n{more}\n")).unwrap();
        let outcome = context.ekiben().arg("build").arg(&project).run();
        let said = context.complaint(&outcome, 1);
        assert!(said.contains(&format!("`{key}`")) && said.contains("\nhelp: "), "{said}");
        is_plain(&said);
    }
    assert!(!context.path("dist").exists());
}
