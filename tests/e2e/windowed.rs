//! An app with windows, started as by a double-click: nothing it says is lost, and the launcher does not stay.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, Screen, TestContext, Wine, eventually};

/// The log of the app, when `text` is in it.
fn log_with(logs: &Path, text: &str) -> String {
    eventually(text, || fs::read_to_string(logs.join("app.log")).ok().filter(|log| log.contains(text)))
}

#[test]
fn an_app_with_a_window_outlives_its_launcher_and_what_it_says_is_in_its_log() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    let screen = Screen::new(wine);
    let mut launcher = screen.double_click(&context, &exe, &[]);
    let window = screen.window("Seat 12A");
    screen.picture("windowed");
    assert_eq!(launcher.wait().unwrap().code(), Some(0));
    assert_eq!(screen.window("Seat 12A"), window);

    let logs = context.installs().join("window-seat/logs");
    log_with(&logs, "弁当 '' \\ud800");
    // The app holds its version, though nobody else is there to do so.
    let seal = context.version_dir("window-seat").join(".ekiben/seal");
    assert!(is_open(&seal));
    screen.press(&window, "Return");
    let log = log_with(&logs, "RuntimeError: the window was closed");
    assert!(log.contains("Traceback"), "{log}");
    assert!(!logs.join("launcher.log").exists());
}

#[test]
fn an_app_that_dies_at_its_start_is_told_in_a_dialog_with_its_last_words() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    let screen = Screen::new(wine);
    let mut launcher = screen.double_click(&context, &exe, &["die"]);
    let dialog = screen.window("Window Seat");
    screen.picture("dialog");
    let logs = context.installs().join("window-seat/logs");
    // Read before the dialog is closed: it was written before it was shown.
    let told = fs::read_to_string(logs.join("launcher.log")).unwrap();
    screen.press(&dialog, "Return");
    assert_eq!(launcher.wait().unwrap().code(), Some(1));
    let died = "error: `window-seat` ended in its first moments with the code 1\n  弁当 '' \\ud800\n  Traceback";
    assert!(told.contains(died) && told.contains("\n  RuntimeError: no seat left\nits log is `"), "{told}");
    assert!(told.contains("app.log`\nhelp: pass these lines on"), "{told}");
}

#[test]
fn a_program_that_calls_an_app_with_windows_gets_its_words_and_its_end() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    let outcome = wine.program(&context, &exe).arg("code").run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(7), "code None\n", ""));
}

/// Whether a process of this machine has the file open.
fn is_open(file: &Path) -> bool {
    let descriptors = |process: fs::DirEntry| fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.flat_map(descriptors).any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|to| to == file))
}
