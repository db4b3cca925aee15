//! Updates of apps that `ekiben build` has made, with a real interpreter.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ekiben_tests::{Outcome, Program, Publisher, TestContext};

/// Does what it is told.
const APP: &str = r#"
import os, sys

def main():
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    if word == "raise":
        raise RuntimeError("no seat left")
    if word == "interrupted":
        raise KeyboardInterrupt
    if word == "killed":
        os._exit(9)
    if word == "forked" and os.fork() == 0:
        sys.exit(0)
    if word == "forked":
        os.wait()
        raise RuntimeError("no seat left")
    print("ran", VERSION, sys.argv[1:], "ekiben-probation" in sys._xoptions, sep=" ")
    if word.isdigit():
        sys.exit(int(word))
"#;

/// A version of the app `seats`.
pub(crate) fn build(
    context: &TestContext,
    publisher: &Publisher<'_>,
    version: &str,
    source: &str,
    target: &str,
) -> PathBuf {
    let project = context.path(format!("projects/{version}"));
    let key = publisher.public.as_str();
    let settings = format!(
        "[project]\nname = \"seats\"\nversion = \"{version}\"\nrequires-python = \">=3.11\"\n[project.scripts]\nseats = \
         \"seats:main\"\n[tool.ekiben.update]\nsource = '{source}'\nkeys = [\"{key}\"]\n"
    );
    context.write(project.join("pyproject.toml"), settings);
    context.write(project.join("seats.py"), format!("VERSION = \"{version}\"\n{APP}"));
    let output = context.path(format!("seats-{version}{}", if target == "windows" { ".exe" } else { "" }));
    let ekiben = context.ekiben().arg("build").arg(project).arg("--output").arg(&output);
    ekiben.args(["--target", target, "--compression", "fast"]).run().success();
    output
}

/// The file that counts failed starts.
fn probation(context: &TestContext) -> Option<PathBuf> {
    let entries = fs::read_dir(context.path("installs/seats/update")).unwrap().flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.to_str().unwrap().contains("on-probation-"))
}

/// How many starts have failed.
fn failures(context: &TestContext) -> Option<u64> {
    probation(context).map(|file| fs::metadata(file).unwrap().len())
}

/// As if the last start had been a minute ago.
fn is_over(context: &TestContext) {
    let file = File::options().append(true).open(probation(context).unwrap()).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
}

/// The first starts of a new version, and what each shows.
pub(crate) fn is_on_probation(context: &TestContext, app: &Program, forks: bool) {
    let with = |words: &[&str]| -> Outcome { app.clone().args(words.iter().copied()).run() };
    assert_eq!(with(&["a"]).stdout.trim_end(), "ran 1.0 ['a'] False");
    with(&["self", "update"]).success();
    assert_eq!(failures(context), Some(0));
    for (word, code, failed) in [("raise", 1, 1), ("3", 3, 1), ("killed", 9, 2), ("forked", 1, 3)] {
        let word = if word == "forked" && !forks { "raise" } else { word };
        assert_eq!((with(&[word]).code, failures(context)), (Some(code), Some(failed)), "{word}");
    }
    is_over(context);
    let back = with(&["a b", ""]);
    assert_eq!(back.stdout.trim_end(), "ran 1.0 ['a b', ''] False");
    assert_eq!(back.stderr.trim_end(), "its last starts have failed: seats is 1.0 again; it was 2.0");
    assert_eq!(with(&["self", "update"]).quiet_stdout().trim_end(), "seats 1.0 is up to date");

    with(&["self", "update", "--to", "2.0"]).success();
    assert_eq!(failures(context), Some(0));
    assert_eq!(with(&["5"]).stdout.trim_end(), "ran 2.0 ['5'] False");
    assert_eq!(failures(context), Some(0));
    with(&["interrupted"]);
    assert_eq!(failures(context), None);
}

#[test]
fn a_start_that_ends_by_an_exception_or_is_killed_has_failed_and_one_with_an_exit_code_of_its_own_has_not() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let source = format!("file://{}", publisher.folder.display());
    let [one, two] = ["1.0", "2.0"].map(|version| build(&context, &publisher, version, &source, "linux"));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &[]).success();
    let app = context.path("seats");
    fs::copy(Path::new(&one), &app).unwrap();
    is_on_probation(&context, &context.program(app), true);
}
