//! Has a launcher and an updater for every target, and leaves them where `src/executable/launchers.rs` embeds them.
//!
//! They are built from source, or, with `EKIBEN_LAUNCHERS=DIR`, taken from a directory. `docs/LAUNCHERS.md` is for people who
//! choose between the ways.
//!
//! One that can't be built on this machine is no error, because most work on the builder needs only one of them:
//! the reasons are embedded in its place, and whoever asks for that target reads them. `EKIBEN_REQUIRE_LAUNCHERS=1`
//! makes it an error.
//!
//! [`ways`] is the table of what can be tried, [`toolchain`] knows what this machine has, [`nested`] runs Cargo inside
//! Cargo, [`supplied`] takes launchers from a directory. A nested build has its own target directory beside the profiles of
//! the workspace, so that all of them share it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

mod nested;
mod supplied;
mod toolchain;
mod ways;

use nested::{Nested, Program};
use toolchain::Toolchain;
use ways::{LAUNCHERS, Launcher, Std};

/// What updates apps.
const UPDATER: Program<'static> = Program { package: "ekiben-updater", profile: "updater", features: "" };

/// Whether a launcher that is missing is an error.
const REQUIRE: &str = "EKIBEN_REQUIRE_LAUNCHERS";
/// The directory of launchers that were built before.
const SUPPLIED: &str = "EKIBEN_LAUNCHERS";
/// Where the standard library of launchers comes from: `installed` or `source`. By default, whichever [`ways`] lists first.
const STD: &str = "EKIBEN_LAUNCHER_STD";

fn main() -> ExitCode {
    match run() {
        Ok(missing) if missing == 0 || env::var_os(REQUIRE).is_none_or(|value| value.is_empty() || value == "0") => {
            ExitCode::SUCCESS
        }
        Ok(missing) => {
            println!("cargo::error={missing} launchers are missing, and {REQUIRE} is set");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("cargo::error=could not embed the launchers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Embeds them all; returns how many are missing.
fn run() -> io::Result<usize> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    let builder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = builder.parent().ok_or_else(|| io::Error::other("the builder has no workspace around it"))?;
    watch(workspace);

    if let Some(directory) = env::var_os(SUPPLIED).filter(|value| !value.is_empty()) {
        let directory = PathBuf::from(directory);
        println!("cargo::rerun-if-changed={}", directory.display());
        let have = |from: PathBuf| {
            move |launcher: &Launcher, to: &Path| supplied::copy(&from, launcher, to).map_err(|reason| vec![reason])
        };
        // Apps without updates need no updater, so those that are not supplied are no error.
        embed("updater", &out.join("updaters"), have(directory.join("updaters")))?;
        return embed("launcher", &out.join("launchers"), have(directory));
    }
    let only = env::var(STD).ok().filter(|value| !value.is_empty()).map(|value| Std::from_setting(&value)).transpose();
    let only = only.map_err(|error| io::Error::other(format!("{STD}: {error}")))?;
    let target_directory = target_directory(&out)?.join("launchers");
    let nested = Nested::new(workspace, &target_directory, only)?;
    let toolchains = Toolchain::all(Path::new(&variable("CARGO")?), Path::new(&variable("RUSTC")?));
    let mut missing = 0;
    for (program, kind) in [(Program::LAUNCHER, "launcher"), (UPDATER, "updater")] {
        missing += embed(kind, &out.join(format!("{kind}s")), |launcher, to| {
            nested.program(launcher, &toolchains, program, to)
        })?;
    }
    Ok(missing)
}

/// Puts a program for each target into the directory, or the reasons why it is missing; returns how many are missing.
fn embed(
    kind: &str,
    directory: &Path,
    have: impl Fn(&Launcher, &Path) -> Result<(), Vec<String>>,
) -> io::Result<usize> {
    fs::create_dir_all(directory)?;
    let mut missing = 0;
    for launcher in LAUNCHERS {
        let (built, absent) = (directory.join(launcher.target), directory.join(format!("{}.missing", launcher.target)));
        match have(launcher, &built) {
            Ok(()) => remove(&absent)?,
            Err(reasons) => {
                missing += 1;
                for reason in &reasons {
                    println!("cargo::warning=no {kind} for {}: {reason}", launcher.target);
                }
                fs::write(&absent, reasons.join("\n"))?;
                remove(&built)?;
                // A file that is not there makes Cargo run this again next time: perhaps the tool has been installed by then.
                println!("cargo::rerun-if-changed={}", built.display());
            }
        }
    }
    Ok(missing)
}

/// The directory that holds the profiles: above `[<triple>/]<profile>/build/<package>/out`.
///
/// Cargo doesn't tell it, and asking (`cargo metadata`) would miss a `--target-dir` on the command line.
fn target_directory(out: &Path) -> io::Result<PathBuf> {
    let unexpected = || io::Error::other(format!("no target directory above `{}`", out.display()));
    let build = out.ancestors().find(|path| path.ends_with("build")).ok_or_else(unexpected)?;
    let profiles = build.ancestors().nth(2).ok_or_else(unexpected)?;
    let triple = variable("TARGET")?;
    Ok(if profiles.ends_with(&triple) { profiles.parent().unwrap_or(profiles) } else { profiles }.to_owned())
}

fn watch(workspace: &Path) {
    for path in [
        "launcher/src",
        "launcher/Cargo.toml",
        "launcher/bundle/src",
        "launcher/bundle/Cargo.toml",
        "launcher/release/src",
        "launcher/release/Cargo.toml",
        "launcher/updater/src",
        "launcher/updater/Cargo.toml",
        "builder/build",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    for name in [REQUIRE, SUPPLIED, STD] {
        println!("cargo::rerun-if-env-changed={name}");
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("`{name}`: {error}")))
}
