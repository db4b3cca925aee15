//! The targets a bundle can be built for: one table, one entry each; and what their operating systems decide, one file each.
//!
//! A further target (aarch64 Linux, macOS) is one more entry here, and one more in `builder/build/`,
//! which builds its launcher. A further operating system is one more file that implements [`Platform`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bundle::entry_path::EntryPath;
use object::Architecture;

use crate::report::failure::Failure;

mod ballast;
mod detect;
mod glibc;
mod linux;
mod python_version;
mod windows;

pub use glibc::Glibc;
pub use python_version::{NEWEST_TESTED, OLDEST, PythonVersion};

/// What a bundle is built for. The names are those of uv's `--python-platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(&'static Facts);

/// The platform of 64-bit Linux with glibc.
pub const LINUX: &dyn Platform = &linux::Linux;
/// The platform of Windows 10 and later.
pub const WINDOWS: &dyn Platform = &windows::Windows;

/// The directory in a tree of packages whose content is moved to the top of a version dir, which is `sys.prefix`.
pub const PREFIX: &str = "ekiben-prefix";

/// What a target's operating system decides: one file of this directory for each. Paths are relative to a version dir and
/// have `/` between their parts, unless something else is said.
pub trait Platform: fmt::Debug + Sync {
    /// For people.
    fn name(&self) -> &'static str;
    /// What names of executables end with.
    fn exe_suffix(&self) -> &'static str;
    /// What its executables are.
    fn executable_format(&self) -> ExecutableFormat;
    /// How a project's symbolic links are bundled.
    fn bundled_links(&self) -> BundledLinks;
    /// Whether a file may be executable or not. A bundle is the same from every host: none has a bit that its target lacks.
    fn has_executable_bits(&self) -> bool;
    /// What two paths have in common when they name one file.
    fn file_key(&self, path: &EntryPath) -> String {
        path.as_str().to_owned()
    }
    /// The interpreter of a prepared tree.
    fn interpreter(&self) -> &'static str;
    /// The interpreter that opens no console, if there is one.
    fn windowed_interpreter(&self) -> Option<&'static str>;
    /// The directory of the standard library.
    fn stdlib(&self, version: &PythonVersion) -> String;
    /// What of a path is below the standard library's directory, whatever the version.
    fn in_stdlib<'p>(&self, path: &'p str) -> Option<&'p str>;
    /// Whether a file, by its path, is an extension module: code that is imported under its name.
    fn is_extension_module(&self, path: &str) -> bool;
    /// Whether a file, by its name, is a shared library. Extension modules are, too.
    fn is_shared_library(&self, name: &str) -> bool;
    /// The directory of packages.
    fn site_packages(&self, version: &PythonVersion) -> String {
        format!("{}/site-packages", self.stdlib(version))
    }
    /// The directory of the commands that packages install.
    fn commands(&self) -> &'static str;
    /// Where modules that are not packages are looked for, in this order.
    fn module_directories(&self, version: &PythonVersion) -> Vec<String>;
    /// Name and content of the `._pth` file of a tree. The first line is the zip archive that is first in every CPython, and
    /// in most of them is not there: programs take the first entry of `sys.path` for the script's directory, and remove it.
    fn path_file(&self, tree: &Path, version: &PythonVersion) -> (String, String);
    /// Whether no application needs this file or directory of a CPython installation.
    fn is_ballast(&self, path: &str) -> bool;
    /// How an installation becomes a tree that runs anywhere.
    fn preparation(&self) -> &'static [PreparationStep];
    /// The CPython installation whose directory this is.
    fn installed(&self, root: &Path) -> Option<InstalledPython>;
    /// Whether distributions install CPython among other software, in several places below `/usr`.
    fn is_spread_over_prefixes(&self) -> bool;
    /// The end of a sentence: what a bundle needs that holds a copy of this machine's CPython.
    fn limit_of_a_host_copy(&self) -> &'static str;
    /// What environment markers compare with.
    fn marker(&self) -> Marker;
    /// What the start script does to `sys.argv` before anything else.
    fn start_script_prologue(&self) -> &'static str {
        ""
    }
}

impl PartialEq for dyn Platform {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for dyn Platform {}

/// All platforms.
pub fn all() -> impl Iterator<Item = &'static dyn Platform> {
    [LINUX, WINDOWS].into_iter()
}

/// What an executable file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutableFormat {
    /// It has no icon and no signature of its own.
    Elf,
    /// It has resources and a code signature.
    Pe,
}

/// How symbolic links are bundled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundledLinks {
    /// They stay links.
    Kept,
    /// What they lead to is packed in their place.
    Followed,
}

/// One step from an installation to a tree that runs anywhere. `runtime::normalise` does them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreparationStep {
    /// The standard library is unpacked from its zip archive. This comes before anything is trimmed.
    UnpackLibrary,
    /// The usual names of the interpreter become links to it.
    LinkInterpreter,
    /// Shared libraries are brought along and found by relative paths, where this machine is the target's.
    Relocate,
    /// `libpython` goes where the interpreter does not need it.
    DropUnusedLibpython,
    /// Virtual environments with a copy of the interpreter get a copy of `libpython`.
    CopyLibpythonToVenvs,
    /// Symbols that the loader does not read go.
    Strip,
    /// The build machine's paths go out of what `sysconfig` reads.
    NeutraliseSysconfig,
}

/// A CPython installation, as its files tell it.
#[derive(Debug, Clone)]
pub struct InstalledPython {
    /// Its interpreter.
    pub interpreter: PathBuf,
    /// Its version, with the patch if some file tells it.
    pub version: PythonVersion,
}

/// What environment markers compare with
/// (<https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers>).
#[derive(Debug, Clone, Copy)]
pub struct Marker {
    /// `os.name`
    pub os_name: &'static str,
    /// `sys.platform`
    pub sys_platform: &'static str,
    /// `platform.system()`
    pub platform_system: &'static str,
    /// `platform.machine()` of an x86-64 machine, which each system calls something else.
    machine_x86_64: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
struct Facts {
    triple: &'static str,
    short: &'static str,
    platform: &'static dyn Platform,
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
        platform: LINUX,
        uv_platform: "linux-x86_64-gnu",
        os: "linux",
        arch: "x86_64",
        machine: Architecture::X86_64,
        wheel_platforms: &[["linux_", "x86_64"], ["manylinux", "_x86_64"]],
    },
    Facts {
        triple: "x86_64-pc-windows-msvc",
        short: "windows",
        platform: WINDOWS,
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

    /// Its short name: `linux`.
    pub fn short(self) -> &'static str {
        self.0.short
    }

    /// What its operating system decides.
    pub fn platform(self) -> &'static dyn Platform {
        self.0.platform
    }

    /// The platform by which uv chooses wheels that run with this glibc, if the target has one.
    pub fn wheels_for(self, glibc: Option<Glibc>) -> String {
        match glibc.filter(|_| self.platform().executable_format() == ExecutableFormat::Elf) {
            Some(glibc) => glibc.uv_platform(self.0.arch),
            None => self.triple().to_owned(),
        }
    }

    /// `platform.machine()` on it.
    pub fn platform_machine(self) -> &'static str {
        if self.0.arch == "x86_64" { self.0.platform.marker().machine_x86_64 } else { self.0.arch }
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
        self.0.platform.exe_suffix()
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
