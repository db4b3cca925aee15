//! The Rust toolchains and C compilers of this machine, and which of them fits a way.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ways::{Std, Way};

/// A Cargo with its rustc.
pub(crate) struct Toolchain {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    /// Of its version, 1.<minor>.
    minor: u32,
    sysroot: PathBuf,
}

impl Toolchain {
    /// The one that builds this workspace, then the distribution's, which may have what the first one lacks.
    pub(crate) fn all(cargo: &Path, rustc: &Path) -> Vec<Self> {
        let system = (Path::new("/usr/bin/cargo"), Path::new("/usr/bin/rustc"));
        let mut all: Vec<Self> = Vec::new();
        for (cargo, rustc) in [(cargo, rustc), system] {
            if let Some(found) = Self::ask(cargo, rustc)
                && all.iter().all(|known| known.sysroot != found.sysroot)
            {
                all.push(found);
            }
        }
        all
    }

    fn ask(cargo: &Path, rustc: &Path) -> Option<Self> {
        output(Command::new(cargo).arg("--version"))?;
        let sysroot = output(Command::new(rustc).args(["--print", "sysroot"]))?.into();
        let minor = minor_version(&output(Command::new(rustc).arg("--version"))?)?;
        Some(Self { cargo: cargo.to_owned(), rustc: rustc.to_owned(), minor, sysroot })
    }

    /// Where the source of the standard library would be.
    pub(crate) fn std_source(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib/src/rust")
    }

    /// Whether it knows panics that do nothing but end the process: Rust 1.92 or later, see
    /// <https://doc.rust-lang.org/unstable-book/compiler-flags/panic-immediate-abort.html>.
    pub(crate) fn can_abort_immediately(&self) -> bool {
        self.minor >= 92
    }

    fn has(&self, std: Std, triple: &str) -> bool {
        match std {
            Std::Installed => {
                let libraries = self.sysroot.join("lib/rustlib").join(triple).join("lib");
                let is_std = |name: &str| name.starts_with("libstd-") && name.ends_with(".rlib");
                libraries.read_dir().is_ok_and(|mut files| {
                    files.any(|file| file.is_ok_and(|file| file.file_name().to_str().is_some_and(is_std)))
                })
            }
            Std::Source => self.std_source().join("library/std/Cargo.toml").is_file(),
        }
    }
}

/// The 95 of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn minor_version(told: &str) -> Option<u32> {
    told.split_whitespace().nth(1)?.split('.').nth(1)?.parse().ok()
}

/// The first toolchain that has what a way needs.
///
/// # Errors
/// What is missing, and how to get it.
pub(crate) fn fit<'a>(toolchains: &'a [Toolchain], way: &Way) -> Result<&'a Toolchain, String> {
    let missing = |what: String| format!("{what} (to get it: {})", way.help);
    for tool in way.c_compiler.iter().chain(&way.linker) {
        if output(Command::new(tool).arg("--version")).is_none() {
            return Err(missing(format!("there is no `{tool}`")));
        }
    }
    toolchains.iter().find(|toolchain| toolchain.has(way.std, way.triple)).ok_or_else(|| {
        missing(match way.std {
            Std::Installed => format!("no toolchain has the standard library for {}", way.triple),
            Std::Source => "no toolchain has the source of the standard library".to_owned(),
        })
    })
}

/// What a program prints, if it can be run and succeeds.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
