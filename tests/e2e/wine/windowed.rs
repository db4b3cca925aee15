//! An app with windows, started as by a double-click: nothing it says is lost, and the launcher does not stay.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, Recipe, Screen, TestContext, Wine, eventually, eventually_some};

/// The log of the app, when `text` is in it.
fn log_with(logs: &Path, text: &str) -> String {
    eventually_some(text, || fs::read_to_string(logs.join("app.log")).ok().filter(|log| log.contains(text)))
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
    // A first start may show a window of its own.
    assert_eq!(wine.program(&context, &exe).arg("code").run().code, Some(7));
    let screen = Screen::new(wine);
    let mut launcher = screen.double_click(&context, &exe, &["die"]);
    let dialog = screen.window("Window Seat");
    screen.picture("dialog");
    let logs = context.installs().join("window-seat/logs");
    // Read before the dialog is closed: it was written before it was shown.
    let told = fs::read_to_string(logs.join("launcher.log")).unwrap();
    assert_eq!(screen.close(&dialog, "Return", &mut launcher), Some(1));
    let died = "error: `window-seat` ended right after its start with the code 1\n  弁当 '' \\ud800\n  Traceback";
    assert!(told.contains(died) && told.contains("\n  RuntimeError: no seat left\nits log is `"), "{told}");
    assert!(told.contains("app.log`\nhelp: send these lines to the developer of the app"), "{told}");
}

#[test]
fn a_dialog_of_a_failure_opens_the_log_and_stays() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    assert_eq!(wine.program(&context, &exe).arg("code").run().code, Some(7));
    let screen = Screen::with_frames(wine);
    let mut launcher = screen.double_click(&context, &exe, &["die"]);
    let dialog = screen.window("Window Seat");
    // "Close" has the keyboard; "Open the log" is before it.
    screen.press(&dialog, "shift+Tab");
    eventually("the log is opened", || {
        screen.press_if_there(&dialog, "space");
        (0..50).any(|_| screen.has("app.log"))
    });
    assert!(screen.has("Window Seat") && launcher.try_wait().unwrap().is_none());
    launcher.kill().unwrap();
    launcher.wait().unwrap();
}

#[test]
fn an_interpreter_that_lacks_a_dll_is_told_in_a_dialog() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    assert_eq!(wine.program(&context, &exe).arg("code").run().code, Some(7));
    let version_dir = context.version_dir("window-seat");
    let is_dll = |path: &Path| path.file_name().is_some_and(|name| name == "python313.dll");
    let dll = fs::read_dir(version_dir).unwrap().map(|entry| entry.unwrap().path()).find(|path| is_dll(path)).unwrap();
    fs::remove_file(dll).unwrap();
    let screen = Screen::new(wine);
    let mut launcher = screen.double_click(&context, &exe, &[]);
    let dialog = screen.window("Window Seat");
    screen.picture("dll");
    let told = fs::read_to_string(context.installs().join("window-seat/logs/launcher.log")).unwrap();
    screen.close(&dialog, "Return", &mut launcher);
    assert!(told.contains("with the code 0xC0000135: a DLL is missing\n"), "{told}");
    assert!(told.contains("help: a part of it is missing or damaged"), "{told}");
}

#[test]
fn a_program_that_calls_an_app_with_windows_gets_its_words_and_its_end() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    let outcome = wine.program(&context, &exe).arg("code").run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(7), "code None\n", ""));
}

#[test]
fn a_long_first_start_shows_a_window_and_cancelling_leaves_nothing() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    // Creating files is what takes time: longer than a window needs to come, on any machine.
    let project = context.project("windowed");
    for number in 0..FILES {
        context.write(project.join(format!("seats/{:02}/{number}.txt", number % 50)), number.to_string());
    }
    context.write(project.join("seat.svg"), SEAT);
    let settings = project.join("pyproject.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}icon = \"seat.svg\"\ninclude = [\"windowed.py\", \"seats\"]\n")).unwrap();
    let exe = context.path("seats.exe");
    let recipe = Recipe::new("windowed", Os::Windows).arg("--quiet");
    context.ekiben().args(recipe.arguments(&project, &exe)).run().success();

    let screen = Screen::new(wine);
    let mut launcher = screen.double_click(&context, &exe, &[]);
    let window = screen.window("Window Seat");
    screen.picture("progress");
    screen.press(&window, "Escape");
    assert_eq!(launcher.wait().unwrap().code(), Some(120));
    let root = context.installs().join("window-seat");
    for directory in ["versions", "staging"] {
        assert_eq!(fs::read_dir(root.join(directory)).unwrap().count(), 0, "{directory}");
    }
    assert!(!root.join("logs").exists());
}

/// An icon that is seen in a picture.
const SEAT: &str =
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5" fill="#c00"/></svg>"##;

/// How many files a bundle needs for its first start to take seconds.
const FILES: u32 = 20_000;

/// Whether a process of this machine has the file open.
fn is_open(file: &Path) -> bool {
    let descriptors = |process: fs::DirEntry| fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.flat_map(descriptors).any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|to| to == file))
}
