//! The targets a bundle can be built for: one table, one entry each.
//!
//! A further target (aarch64 Linux, macOS) is one more entry here, and one more in `builder/build/`,
//! which builds its launcher.

use std::fmt;
use std::str::FromStr;

use object::Architecture;

use crate::report::failure::Failure;

/// What a bundle is built for. The names are those of uv's `--python-platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(&'static Facts);

/// The operating system family of a target: what decides the layout of its CPython tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `python` at the top, `lib/python3.13/`, symbolic links, executable bits.
    Unix,
    /// `python.exe` at the top, `Lib\`, none of these.
    Windows,
}

#[derive(Debug, PartialEq, Eq)]
struct Facts {
    triple: &'static str,
    short: &'static str,
    family: Family,
    /// uv's key for a python-build-standalone build of it is `cpython-<version>-<this>`.
    uv_platform: &'static str,
    /// `std::env::consts` of a machine that runs it.
    os: &'static str,
    arch: &'static str,
    /// What its executables are made for.
    machine: Architecture,
    /// The platform tags of the wheels it takes, as how they begin and how they end.
    wheel_platforms: &'static [[&'static str; 2]],
}

const TARGETS: &[Facts] = &[
    Facts {
        triple: "x86_64-unknown-linux-gnu",
        short: "linux",
        family: Family::Unix,
        uv_platform: "linux-x86_64-gnu",
        os: "linux",
        arch: "x86_64",
        machine: Architecture::X86_64,
        wheel_platforms: &[["linux_", "x86_64"], ["manylinux", "_x86_64"]],
    },
    Facts {
        triple: "x86_64-pc-windows-msvc",
        short: "windows",
        family: Family::Windows,
        uv_platform: "windows-x86_64-none",
        os: "windows",
        arch: "x86_64",
        machine: Architecture::X86_64,
        wheel_platforms: &[["win_", "amd64"]],
    },
];

impl Target {
    /// Every target, in the order of the table.
    pub fn all() -> impl Iterator<Item = Target> {
        TARGETS.iter().map(Target)
    }

    /// The target that this machine runs.
    ///
    /// # Errors
    /// When no entry of the table fits this machine.
    pub fn host() -> Result<Target, Failure> {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        Self::all().find(|t| t.0.os == os && t.0.arch == arch).ok_or_else(|| {
            Failure::new(format!("ekiben makes no bundles for {os} on {arch} yet"))
                .help(format!("choose one of the targets it knows with --target: {}", Self::names()))
        })
    }

    /// Its triple, as uv and Rust write it: `x86_64-unknown-linux-gnu`.
    pub fn triple(self) -> &'static str {
        self.0.triple
    }

    /// What decides the layout of its CPython tree.
    pub fn family(self) -> Family {
        self.0.family
    }

    /// The last part of uv's key for its CPython builds: `linux-x86_64-gnu`.
    pub fn uv_platform(self) -> &'static str {
        self.0.uv_platform
    }

    /// What its executables are made for.
    pub fn machine(self) -> Architecture {
        self.0.machine
    }

    /// Whether a wheel with this platform tag, `win_amd64`, runs on it.
    pub fn takes_wheels_for(self, platform: &str) -> bool {
        let fits = |[start, end]: &[&str; 2]| platform.strip_prefix(start).is_some_and(|rest| rest.ends_with(end));
        platform == "any" || self.0.wheel_platforms.iter().any(fits)
    }

    /// Whether this machine can run its programs.
    pub fn runs_here(self) -> bool {
        self.0.os == std::env::consts::OS && self.0.arch == std::env::consts::ARCH
    }

    /// What its executables' names end with: `.exe` or nothing.
    pub fn exe_suffix(self) -> &'static str {
        match self.family() {
            Family::Unix => "",
            Family::Windows => ".exe",
        }
    }

    fn names() -> String {
        TARGETS.iter().map(|t| format!("{} ({})", t.triple, t.short)).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for Target {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        Self::all().find(|t| t.0.triple == name || t.0.short == name).ok_or_else(|| {
            Failure::new(format!("unknown target `{name}`")).help(format!("the targets are {}", Self::names()))
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.triple)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_target_mean_the_same() {
        assert_eq!("windows".parse::<Target>().unwrap().triple(), "x86_64-pc-windows-msvc");
        assert_eq!("x86_64-unknown-linux-gnu".parse::<Target>().unwrap(), "linux".parse().unwrap());
    }

    #[test]
    fn an_unknown_target_is_answered_with_the_known_ones() {
        let failure = "beos".parse::<Target>().unwrap_err();
        assert!(failure.to_string().contains("`beos`"));
        assert!(failure.help_text().is_some_and(|h| h.contains("windows")));
    }
}
