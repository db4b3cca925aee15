//! The `ekiben` command, and the bundles it makes of the sample projects.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use ekiben_payload_fixtures::project;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::program::Program;
use crate::shared::{self, Built};

/// What a bundle is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// x86_64 Linux: runs here.
    Linux,
    /// x86_64 Windows: runs under Wine.
    Windows,
}

/// How a bundle is made of a sample project.
#[derive(Debug, Clone)]
pub struct Recipe {
    project: String,
    os: Os,
    arguments: Vec<OsString>,
}

impl Recipe {
    /// With nothing said but the target.
    pub fn new(project: &str, os: Os) -> Self {
        Self { project: project.to_owned(), os, arguments: Vec::new() }
    }

    /// With a further argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The arguments of `ekiben` that build `project` (a path) into `output`.
    pub fn arguments(&self, project: &Path, output: &Path) -> Vec<OsString> {
        let mut all: Vec<OsString> = vec!["build".into(), project.into(), "--output".into(), output.into()];
        if self.os == Os::Windows {
            all.extend(["--target".into(), "windows".into()]);
        }
        all.extend(self.arguments.iter().cloned());
        all
    }

    /// The finished bundle, shared by all tests: look, don't touch. Built when first asked for; again when the builder
    /// or the project has changed.
    ///
    /// # Panics
    /// When it can't be built.
    pub(crate) fn build(&self) -> PathBuf {
        let stem = Path::new(&self.project).file_stem().unwrap().to_str().unwrap();
        let suffix = if self.os == Os::Windows { ".exe" } else { "" };
        let name = format!("bundles/{stem}-{}", self.key());
        let directory = shared::once(&name, |directory| {
            let copied = directory.join("project").join(project(&self.project).file_name().unwrap());
            fs::create_dir_all(copied.parent().unwrap()).unwrap();
            let status = Command::new("cp").arg("-R").arg(project(&self.project)).arg(&copied).status().unwrap();
            assert!(status.success());
            let output = directory.join(format!("{stem}{suffix}"));
            environment(Program::new(ekiben())).args(self.arguments(&copied, &output)).run().success();
        });
        directory.join(format!("{stem}{suffix}"))
    }

    fn key(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(format!("{self:?}"));
        let builder = fs::metadata(ekiben()).unwrap();
        let time = builder.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
        digest.update(format!("{} {}", builder.len(), time.as_nanos()));
        for entry in WalkDir::new(project(&self.project)).sort_by_file_name() {
            let entry = entry.unwrap();
            digest.update(entry.path().as_os_str().as_encoded_bytes());
            if entry.file_type().is_file() {
                digest.update(fs::read(entry.path()).unwrap());
            }
        }
        let digest: [u8; 32] = digest.finalize().into();
        digest[..6].iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// The `ekiben` executable: `EKIBEN_TEST_BUILDER`, or the one that cargo has built beside this test. Tests of another
/// package can't make cargo build it before them, so it is built here, once; there is little to do when it exists.
pub(crate) fn ekiben() -> &'static Path {
    static EKIBEN: LazyLock<PathBuf> = LazyLock::new(|| {
        let given = std::env::var_os("EKIBEN_TEST_BUILDER").map(PathBuf::from);
        given.unwrap_or_else(|| cargo_build(&["--package", "ekiben", "--bin", "ekiben"], "ekiben"))
    });
    &EKIBEN
}

/// Has cargo build something the way this very test was built; answers where `program` is then.
pub(crate) fn cargo_build(arguments: &[&str], program: &str) -> PathBuf {
    let built = Built::here();
    let profile = if built.profile == "debug" { "dev" } else { &built.profile };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What `cargo test` says about this package would, to build scripts, be a change that calls for a rebuild.
    let about_this_package = |name: &OsString| {
        let name = name.to_string_lossy();
        ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"].iter().any(|p| name.starts_with(p))
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| about_this_package(name)) {
        cargo.env_remove(name);
    }
    let status = cargo
        .args(["build", "--quiet", "--profile", profile])
        .args(arguments)
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .arg("--target-dir")
        .arg(&built.target_dir)
        .status()
        .unwrap();
    assert!(status.success(), "could not build `{program}`");
    built.target_dir.join(built.profile).join(program)
}

/// The builder's environment: a developer's, less what would make one machine's results differ from another's.
pub(crate) fn environment(program: Program) -> Program {
    let foreign = |name: &str| {
        ["PYTHON", "EKIBEN_", "VIRTUAL_ENV", "XDG_", "CARGO", "RUST"].iter().any(|prefix| name.starts_with(prefix))
    };
    std::env::vars_os()
        .filter(|(name, _)| !name.to_str().is_some_and(foreign))
        .fold(program, |program, (name, value)| program.env(name, value))
        .env("EKIBEN_CACHE", shared::path("cache"))
        .env("UV_CACHE_DIR", shared::path("uv"))
        .env("NO_COLOR", "1")
}
