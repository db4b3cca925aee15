//! An interrupted or failed build never leaves, and never destroys, a file under the output name.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};

use ekiben_tests::{Program, TestContext, sha256};

/// Sends `signal` to a build after it has said `lines` lines. How it ended, or `None` if it never said so many.
fn stopped_after(build: &Program, lines: usize, signal: &str) -> Option<ExitStatus> {
    let mut command = build.clone().arg("--verbose").command();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut talk = BufReader::new(child.stderr.take().unwrap());
    for _ in 0..lines {
        if talk.read_line(&mut String::new()).unwrap() == 0 {
            assert!(child.wait().unwrap().success());
            return None;
        }
    }
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    // Programs that it started may still talk; when they have gone too, nobody writes any more.
    talk.read_to_end(&mut Vec::new()).unwrap();
    Some(status)
}

/// Interrupts a build after its first word, its second, and so on to its last.
fn interrupted_by(signal: &str) {
    let context = TestContext::new();
    let project = context.project("probe");
    let output = context.path("out/probe");
    fs::create_dir(context.path("out")).unwrap();
    let build = context.ekiben().arg("build").arg(&project).arg("--output").arg(&output);
    build.run().success();
    let before = sha256(&output);
    let mut interrupted = 0;
    for lines in 1.. {
        // A change, or there would be little to interrupt.
        fs::write(project.join("probe/round.py"), format!("ROUND = {lines}\n")).unwrap();
        match stopped_after(&build, lines, signal) {
            // It was done with its work, and said its last word.
            Some(status) if status.success() => break,
            Some(_) if sha256(&output) == before => interrupted += 1,
            Some(_) => {
                // Between the rename and the last word: then the file is the new one, and whole.
                context.ekiben().arg("verify").arg(&output).run().success();
                break;
            }
            None => break,
        }
    }
    assert!(interrupted >= 2, "{interrupted}");
}

#[test]
fn a_build_that_is_interrupted_leaves_the_earlier_file_as_it_was() {
    interrupted_by("INT");
}

#[test]
fn a_build_that_is_killed_leaves_the_earlier_file_as_it_was() {
    interrupted_by("KILL");
}

#[test]
fn a_killed_build_leaves_no_file_under_a_new_name_and_the_next_one_succeeds() {
    let context = TestContext::new();
    let project = context.project("hello");
    let output = context.path("hello");
    let build = context.ekiben().arg("build").arg(&project).arg("--output").arg(&output);
    assert!(stopped_after(&build, 1, "KILL").is_some_and(|status| !status.success()));
    assert!(!output.exists());
    build.run().success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "Hello, world!\n");
}
