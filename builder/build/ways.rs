//! The table of launchers and of the ways to build each: one entry each. The first way that this machine has all for is taken;
//! if it fails, that is the fault to mend, and no other way is tried.
//!
//! A further target is one entry here and one in `src/platform/mod.rs`; a test of `src/executable/launchers.rs` holds the two together.

/// What to build for one target of `src/platform/mod.rs`.
pub(crate) struct Launcher {
    /// The triple there, which is the name it is embedded under.
    pub(crate) target: &'static str,
    pub(crate) ways: &'static [Way],
}

/// One way to build a launcher.
pub(crate) struct Way {
    /// The triple that rustc is given. More than one makes programs for the same machines.
    pub(crate) triple: &'static str,
    pub(crate) std: Std,
    /// The name of the executable that Cargo makes.
    pub(crate) executable: &'static str,
    /// `std::env::consts::OS` of the only host it works on.
    pub(crate) host: Option<&'static str>,
    /// The C compiler for the zstd library, by its name; none where the `cc` crate knows better (MSVC).
    pub(crate) c_compiler: Option<&'static str>,
    /// The linker, where rustc's own choice is not the right one.
    pub(crate) linker: Option<&'static str>,
    pub(crate) rustflags: &'static [&'static str],
    /// Link `stub.c` as `libunwind`.
    pub(crate) stub: bool,
    /// What a reader can install to make it work.
    pub(crate) help: &'static str,
}

/// Where the standard library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Std {
    /// As it comes with the toolchain.
    Installed,
    /// Compiled with the launcher, for its size: a launcher is a third to a half smaller. Takes about a minute, once.
    /// Also the only way for a toolchain that can't get other targets (Debian's).
    Source,
}

impl Std {
    /// What `EKIBEN_LAUNCHER_STD` says.
    pub(crate) fn from_setting(value: &str) -> Result<Self, String> {
        match value {
            "installed" => Ok(Self::Installed),
            "source" => Ok(Self::Source),
            other => Err(format!("`{other}` is neither `installed` nor `source`")),
        }
    }
}

const MUSL: &str = "x86_64-unknown-linux-musl";
const GNU: &str = "x86_64-unknown-linux-gnu";
const MINGW: &str = "x86_64-pc-windows-gnu";
const MSVC: &str = "x86_64-pc-windows-msvc";

pub(crate) const LAUNCHERS: &[Launcher] = &[
    Launcher {
        target: GNU,
        // Static, so that it starts on any distribution, however old.
        ways: &[
            Way {
                triple: MUSL,
                std: Std::Installed,
                executable: "ekiben-launcher",
                host: Some("linux"),
                c_compiler: Some("musl-gcc"),
                linker: None,
                rustflags: &[
                    "-Ctarget-feature=+crt-static",
                    "-Crelocation-model=static",
                    TIGHT_SEGMENTS,
                    NO_UNWIND_TABLES,
                ],
                stub: false,
                help: "`rustup target add x86_64-unknown-linux-musl`, and the package musl-tools",
            },
            Way {
                triple: MUSL,
                std: Std::Source,
                executable: "ekiben-launcher",
                host: Some("linux"),
                c_compiler: Some("musl-gcc"),
                linker: Some("musl-gcc"),
                rustflags: &[
                    "-Ctarget-feature=+crt-static",
                    "-Crelocation-model=static",
                    "-Clink-self-contained=no",
                    TIGHT_SEGMENTS,
                    NO_UNWIND_TABLES,
                ],
                stub: true,
                help: "`rustup component add rust-src` (Debian: rustc-web, cargo-web and rust-web-src), and the package musl-tools",
            },
            // glibc is not made for this: a user without HOME is looked up through libraries of the machine, or not at all.
            Way {
                triple: GNU,
                std: Std::Installed,
                executable: "ekiben-launcher",
                host: Some("linux"),
                c_compiler: Some("cc"),
                linker: None,
                rustflags: &["-Ctarget-feature=+crt-static", "-Crelocation-model=static", NO_UNWIND_TABLES],
                stub: false,
                help: "a C compiler and the static C library (Debian: build-essential)",
            },
        ],
    },
    Launcher {
        target: MSVC,
        ways: &[
            Way {
                triple: MSVC,
                std: Std::Installed,
                executable: "ekiben-launcher.exe",
                host: Some("windows"),
                c_compiler: None,
                linker: None,
                rustflags: &["-Ctarget-feature=+crt-static", "-Ccontrol-flow-guard", "-Clink-arg=/Brepro", SLIM_ERRORS],
                stub: false,
                help: "`rustup target add x86_64-pc-windows-msvc`, and the Visual Studio build tools",
            },
            Way {
                triple: MINGW,
                std: Std::Installed,
                executable: "ekiben-launcher.exe",
                host: None,
                c_compiler: Some("x86_64-w64-mingw32-gcc"),
                linker: Some("x86_64-w64-mingw32-gcc"),
                rustflags: MINGW_FLAGS,
                stub: false,
                help: "`rustup target add x86_64-pc-windows-gnu`, and the package gcc-mingw-w64-x86-64",
            },
            Way {
                triple: MINGW,
                std: Std::Source,
                executable: "ekiben-launcher.exe",
                host: None,
                c_compiler: Some("x86_64-w64-mingw32-gcc"),
                linker: Some("x86_64-w64-mingw32-gcc"),
                rustflags: MINGW_FLAGS,
                stub: false,
                help: "`rustup component add rust-src` (Debian: rustc-web, cargo-web and rust-web-src), and the package gcc-mingw-w64-x86-64",
            },
        ],
    },
];

/// Nothing unwinds: panics abort, and there are no backtraces. 40 KB. (Windows wants the tables all the same.)
const NO_UNWIND_TABLES: &str = "-Cforce-unwind-tables=no";

/// Code and constants beside each other, in pages that nothing can write: 8 KB for filling up pages less, and two mappings
/// less for the kernel to make at each start. The price is that constants could be executed.
const TIGHT_SEGMENTS: &str = "-Clink-arg=-Wl,-z,noseparate-code";

/// No time of the build in the header; address space randomisation and no execution of data, also where the linker is
/// older than these being its defaults.
const MINGW_FLAGS: &[&str] = &[
    "-Ctarget-feature=+crt-static",
    "-Clink-arg=-Wl,--no-insert-timestamp",
    "-Clink-arg=-Wl,--dynamicbase,--nxcompat,--high-entropy-va",
    SLIM_ERRORS,
];

/// Errors of the crates `windows` and `windows-registry` are only numbers: for more, each start would load `oleaut32.dll`
/// (<https://docs.rs/windows-result>).
const SLIM_ERRORS: &str = "--cfg=windows_slim_errors";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_standard_library_comes_first() {
        for launcher in LAUNCHERS {
            let of_any_host = launcher.ways.iter().find(|way| way.host != Some("windows"));
            assert_eq!(of_any_host.map(|way| way.std), Some(Std::Installed), "{}", launcher.target);
            assert!(launcher.ways.iter().any(|way| way.std == Std::Source), "{}", launcher.target);
        }
    }

    #[test]
    fn a_setting_is_one_of_two_words() {
        assert_eq!(Std::from_setting("source"), Ok(Std::Source));
        assert_eq!(Std::from_setting("installed"), Ok(Std::Installed));
        assert_eq!(Std::from_setting("Source"), Err("`Source` is neither `installed` nor `source`".to_owned()));
    }
}
