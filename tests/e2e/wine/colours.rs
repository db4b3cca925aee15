//! As `registry::colours`: the tests that need Wine.

use std::fs;

use ekiben_payload_fixtures::project;
use ekiben_tests::{Os, Screen, TestContext, Wine, all_in_terminal, eventually, windows_path};

use crate::registry::colours::{colourful, plain};

#[test]
fn colours_reach_a_windows_console_and_nothing_but_text_a_pipe() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("sunset.py", Os::Windows);
    let program = wine.program(&context, &bundle);
    assert_eq!(program.run().quiet_stdout(), plain("None", "False"));
    // Wine's console knows no escape sequences: rich sets colours by calls, and Wine shows them as a terminal can.
    let program = colourful(program);
    let shown = all_in_terminal(program.clone()).run();
    for colour in ["\x1b[33m██ 夕焼け 0", "\x1b[91m██ 夕焼け 1", "\x1b[31m██ 夕焼け 3"] {
        assert!(shown.stdout.contains(colour), "{shown:#?}");
    }
    let python = context.version_dir("sunset").join("python.exe");
    let script = context.path("sunset.py");
    fs::copy(project("sunset.py"), &script).unwrap();
    let direct = colourful(wine.program(&context, python)).args(["-I", "-X", "utf8"]).arg(windows_path(&script));
    // When it hides the cursor, and whether it takes colours back at the end, is up to its own clock.
    let lasting =
        |shown: &str| ["\x1b[?25l", "\x1b[?25h", "\x1b[m"].iter().fold(shown.to_owned(), |s, no| s.replace(no, ""));
    assert_eq!(lasting(&all_in_terminal(direct).run().stdout), lasting(&shown.stdout));
    let without = all_in_terminal(program.env("NO_COLOR", "1")).run();
    assert!(without.stdout.contains("██ 夕焼け 3") && !without.stdout.contains("\x1b[91m"), "{without:#?}");
}

#[test]
fn a_console_of_its_own_shows_an_apps_colours_and_takes_its_input() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("sunset.py", Os::Windows);
    wine.program(&context, &bundle).run().quiet_stdout();
    let screen = Screen::with_frames(wine);
    let mut launcher = screen.in_console(&context, &bundle, &["wait"]);
    let window = screen.window(r"sunset\.exe");
    // Light red, dark yellow, dark red.
    eventually("colours in the console", || {
        let seen = screen.colours((0, 0), (1024, 768));
        [[255, 0, 0], [128, 128, 0], [128, 0, 0]].iter().all(|colour| seen.get(colour).is_some_and(|&n| n > 20))
    });
    screen.picture("console");
    screen.press(&window, "Return");
    assert_eq!(launcher.wait().unwrap().code(), Some(0));
}
