//! Several commands in one bundle, on Windows.

use std::fs;

use ekiben_tests::{TestContext, Wine};

use crate::registry::commands::services;

#[test]
fn the_name_of_a_copy_chooses_the_command_and_each_is_for_a_console_or_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = services(&context, "commands = \"all\"\ncommand-argument = true\n", &["--target", "windows"]);
    let copy = context.path("Seat-Window.exe");
    fs::copy(&bundle, &copy).unwrap();
    let run = |file, arguments: &[&str]| wine.program(&context, file).args(arguments).run();
    assert_eq!(run(&bundle, &["seat-worker", "x"]).stdout.trim(), "work seat-worker ['x'] python.exe");
    assert_eq!(run(&copy, &["x"]).stdout.trim(), "show Seat-Window ['x'] pythonw.exe");
    let help = run(&bundle, &["--help"]).stdout.replace('\r', "");
    assert!(help.starts_with("usage: seat-finder COMMAND ...\n\ncommands:\n  seat-finder\n"), "{help}");
}
