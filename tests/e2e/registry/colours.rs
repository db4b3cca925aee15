//! A console app with colours: what it writes comes through as it is, and it learns what its output is.

use std::fs;

use ekiben_payload_fixtures::project;
use ekiben_tests::{Os, Program, TestContext, all_in_terminal};

/// What the sample script `sunset` writes without colours.
pub(crate) fn plain(colours: &str, terminal: &str) -> String {
    let lines: String = (0..4).map(|step| format!("██ 夕焼け {step}\n")).collect();
    format!("colours {colours} terminal {terminal}\n{lines}")
}

/// For a terminal that can do everything.
pub(crate) fn colourful(program: Program) -> Program {
    program.env("TERM", "xterm-256color").env("COLORTERM", "truecolor")
}

#[test]
fn sixteen_million_colours_reach_a_terminal_and_nothing_but_text_a_pipe() {
    let context = TestContext::new();
    let bundle = context.bundle("sunset.py", Os::Linux);
    let program = colourful(context.program(&bundle));
    assert_eq!(program.run().quiet_stdout(), plain("None", "False"));
    assert_eq!(program.clone().env("FORCE_COLOR", "1").run().quiet_stdout().matches("\x1b[38;2;").count(), 4);

    let shown = all_in_terminal(program.clone()).run();
    let first = "colours truecolor terminal True\n\x1b[38;2;255;128;0;48;2;16;32;48m██ 夕焼け 0\x1b[0m\n";
    assert!(shown.stdout.starts_with(first), "{shown:#?}");
    // As the interpreter's own.
    let python = context.version_dir("sunset").join("python");
    let script = context.path("sunset.py");
    fs::copy(project("sunset.py"), &script).unwrap();
    let direct = colourful(context.program(python)).args(["-I", "-X", "utf8"]).arg(&script);
    assert_eq!(all_in_terminal(direct).run(), shown);
    let without = all_in_terminal(program.env("NO_COLOR", "1")).run();
    assert!(without.stdout.contains("██ 夕焼け 3") && !without.stdout.contains("38;2"), "{without:#?}");
}
