//! Where the launchers come from that a builder embeds: its build script, run as Cargo runs it.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Outcome, Program, TestContext};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// The build script of the builder, compiled, with a directory for what it makes.
struct BuildScript {
    program: PathBuf,
    out: PathBuf,
    workspace: PathBuf,
}

impl BuildScript {
    fn new(context: &TestContext) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let program = context.path("build-script");
        let source = workspace.join("builder/build/main.rs");
        let rustc = toolchain(context.program("rustc")).args(["--edition", "2024", "-o"]);
        rustc.arg(&program).arg(source).run().success();
        // Launchers are built where those of the builder are: what has not changed is not compiled again.
        let test = std::env::current_exe().unwrap();
        let build = test.ancestors().nth(2).unwrap().join("build");
        let out = tempfile::Builder::new().prefix("launchers-").tempdir_in(build).unwrap().keep().join("out");
        fs::create_dir(&out).unwrap();
        Self { program, out, workspace }
    }

    /// As Cargo starts it.
    fn program(&self, context: &TestContext) -> Program {
        let program = context.program(&self.program).env("OUT_DIR", &self.out).env("TARGET", LINUX);
        let program = program.env("CARGO_MANIFEST_DIR", self.workspace.join("builder"));
        program.env_remove("EKIBEN_LAUNCHER_STD").env_remove("EKIBEN_REQUIRE_LAUNCHERS")
    }

    /// As Cargo starts it, with a toolchain.
    fn with_toolchain(&self, context: &TestContext) -> Program {
        toolchain(self.program(context)).env("CARGO", env!("CARGO")).env("RUSTC", "rustc")
    }

    fn embedded(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.out.join("launchers").join(name)).ok()
    }
}

impl Drop for BuildScript {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.out.parent().unwrap());
    }
}

/// With the homes of Cargo and rustup, which are in that of the user by default.
fn toolchain(program: Program) -> Program {
    let home = std::env::home_dir().unwrap();
    [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")].into_iter().fold(program, |program, (name, folder)| {
        let directory = std::env::var_os(name).unwrap_or_else(|| home.join(folder).into());
        program.env(name, directory)
    })
}

fn says(outcome: &Outcome, text: &str) {
    assert!(outcome.stdout.contains(text), "{outcome:#?}");
}

#[test]
fn launchers_of_a_directory_are_embedded_without_any_toolchain() {
    let context = TestContext::new();
    let script = BuildScript::new(&context);
    let directory = context.path("supplied");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join(LINUX), "\x7fELF and more").unwrap();
    let program = script.program(&context).env("EKIBEN_LAUNCHERS", &directory).env("PATH", "/nowhere");
    let outcome = program.clone().run();
    outcome.success();
    says(&outcome, "cargo::warning=no launcher for x86_64-pc-windows-msvc: could not read the launcher `");
    assert_eq!(script.embedded(LINUX).unwrap(), b"\x7fELF and more");
    assert!(script.embedded(WINDOWS).is_none());
    let reason = String::from_utf8(script.embedded("x86_64-pc-windows-msvc.missing").unwrap()).unwrap();
    assert!(reason.starts_with("could not read the launcher `"), "{reason}");

    fs::write(directory.join(WINDOWS), "text").unwrap();
    let outcome = program.clone().env("EKIBEN_REQUIRE_LAUNCHERS", "1").run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    says(&outcome, "it is not an executable");
    fs::write(directory.join(WINDOWS), "MZ").unwrap();
    program.env("EKIBEN_REQUIRE_LAUNCHERS", "1").run().success();
    assert!(script.embedded("x86_64-pc-windows-msvc.missing").is_none());
}

#[test]
fn a_launcher_is_smaller_with_a_standard_library_from_source_than_with_an_installed_one() {
    let context = TestContext::new();
    let script = BuildScript::new(&context);
    let mut sizes = Vec::new();
    for std in ["installed", "source"] {
        let outcome = script.with_toolchain(&context).env("EKIBEN_LAUNCHER_STD", std).run();
        outcome.success();
        let launcher = script.embedded(WINDOWS).unwrap_or_else(|| panic!("{outcome:#?}"));
        assert!(launcher.starts_with(b"MZ"));
        sizes.push(launcher.len());
    }
    assert!(sizes[1] * 10 < sizes[0] * 9, "installed and from source: {sizes:?}");
}

#[test]
fn another_word_for_where_the_standard_library_comes_from_is_refused() {
    let context = TestContext::new();
    let script = BuildScript::new(&context);
    let outcome = script.with_toolchain(&context).env("EKIBEN_LAUNCHER_STD", "none").run();
    assert_eq!(outcome.code, Some(1));
    says(&outcome, "EKIBEN_LAUNCHER_STD: `none` is neither `installed` nor `source`");
}
