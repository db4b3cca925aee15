//! A terminal for programs that look for one.

use std::ffi::OsString;

use crate::program::Program;

/// The program, with a terminal as all of its standard streams. What the terminal showed is the outcome's standard output.
/// Needs util-linux's `script`.
pub fn all_in_terminal(program: Program) -> Program {
    // `script` wants the command as one string for a shell.
    let line = std::iter::once(program.path().as_os_str())
        .chain(program.arguments())
        .map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''")))
        .collect::<Vec<_>>()
        .join(" ");
    program.replaced("script", ["--quiet", "--return", "--flush", "--command", &line, "/dev/null"])
}

/// The program, with a terminal as its standard error; standard output goes to `/dev/null`. What the terminal showed
/// is the outcome's standard output. Needs util-linux's `script`.
pub fn in_terminal(program: Program) -> Program {
    let inner = "exec \"$0\" \"$@\" >/dev/null";
    all_in_terminal(program.started_by("sh", ["-c", inner].map(OsString::from)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestContext;

    #[test]
    fn only_standard_error_is_a_terminal() {
        let context = TestContext::new();
        let script = "test -t 2 && ! test -t 1 && echo \"it's one\" >&2; exit 3";
        let outcome = in_terminal(context.program("sh").args(["-c", script])).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), "it's one\n"));
    }
}
