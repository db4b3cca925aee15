//! Small programs for Windows that a test needs to be exactly so: compiled from C, with the compiler that launchers for
//! Windows need too.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::context::TestContext;

/// A program of `tests/src/windows`, by its name there without `.c`, compiled with these further arguments.
///
/// # Panics
/// When it can't be compiled.
pub fn windows_program(context: &TestContext, name: &str, arguments: &[&str]) -> Vec<u8> {
    let output = context.path(format!("{name}.compiled"));
    compile(name, arguments, &output);
    let program = fs::read(&output).unwrap();
    fs::remove_file(output).unwrap();
    program
}

/// Compiles one of `tests/src/windows` to `output`.
pub(crate) fn compile(name: &str, arguments: &[&str], output: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/windows").join(name).with_extension("c");
    let compiler = Command::new("x86_64-w64-mingw32-gcc")
        .args(["-Os", "-s", "-Wall", "-Werror", "-o"])
        .args([output, &source])
        .args(arguments)
        .output()
        .unwrap();
    assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
}
