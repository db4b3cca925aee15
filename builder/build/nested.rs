//! Cargo inside Cargo: one build of the launcher, shut off from the build around it, with the same bytes for the same
//! source wherever it is done.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::toolchain::{self, Toolchain};
use super::ways::{Launcher, Std, Way};

/// What a nested build makes: an executable with the name of its package.
#[derive(Clone, Copy)]
pub(crate) struct Program<'a> {
    /// Its package.
    pub(crate) package: &'a str,
    /// How it is optimised.
    pub(crate) profile: &'a str,
    /// Its features, `""` for none.
    pub(crate) features: &'a str,
}

impl Program<'_> {
    /// What stands before every payload.
    pub(crate) const LAUNCHER: Program<'static> =
        Program { package: "ekiben-launcher", profile: "launcher", features: "" };
}

/// No tables for unwinding. Of zstd's decoder, one variant of each part: without the one for windows of over 16 MiB, which no
/// bundle has, and those for newer processors. 50 KB.
const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DHUF_FORCE_DECOMPRESS_X1 \
                       -DDYNAMIC_BMI2=0";

/// SHA-256 without the processor's instructions for it, which a machine from before 2017 may lack, as a loop. 8 KB.
const SHA2_FLAGS: &[&str] = &["--cfg=sha2_backend_soft=\"compact\""];

/// A panic is a defect of the launcher, and tests look for it: it is an illegal instruction, of which the launcher says one
/// constant line (`launcher::notify::unexpected_end`). The texts of all panics, and what prints them: 28 KB (and 35 on Windows).
const ABORT_IMMEDIATELY: &[&str] =
    &["-Zbuild-std=std", "-Zpanic-immediate-abort", "--config=profile.launcher.panic=\"immediate-abort\""];

/// The compiler's own library in as many objects as it has functions, as it is otherwise: of one object, the linker for
/// Windows takes all that is in it. 21 KB.
const BUILTINS_APART: &str = "--config=profile.launcher.package.compiler_builtins.codegen-units=10000";

/// What all nested builds share.
pub(crate) struct Nested<'a> {
    workspace: &'a Path,
    /// The target directory of the nested builds.
    directory: &'a Path,
    /// The only place that the standard library may come from, if that was chosen.
    only: Option<Std>,
    /// Where this machine keeps things, and what the launcher is told instead.
    renamed: Vec<(PathBuf, &'static str)>,
}

impl<'a> Nested<'a> {
    pub(crate) fn new(workspace: &'a Path, directory: &'a Path, only: Option<Std>) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut renamed = vec![(workspace.to_owned(), "/ekiben"), (directory.to_owned(), "/target")];
        if let Some(home) = cargo_home() {
            // Each registry has its own folder, named by a hash of its address.
            let sources = home.join("registry/src");
            renamed.push((sources.clone(), "/registry"));
            for registry in sources.read_dir().into_iter().flatten() {
                renamed.push((registry?.path(), "/crates"));
            }
        }
        Ok(Self { workspace, directory, only, renamed })
    }

    /// Builds a program the first way that this machine has all for, and copies it to
    /// `to`.
    ///
    /// # Errors
    /// What each way lacks, or why that one failed.
    pub(crate) fn program(
        &self,
        launcher: &Launcher,
        toolchains: &[Toolchain],
        program: Program<'_>,
        to: &Path,
    ) -> Result<(), Vec<String>> {
        let is_for_here = |way: &&Way| way.host.is_none_or(|host| host == env::consts::OS);
        let is_chosen = |way: &&Way| self.only.is_none_or(|only| only == way.std);
        let mut lacking = Vec::new();
        for way in launcher.ways.iter().filter(is_for_here).filter(is_chosen) {
            match toolchain::fit(toolchains, way) {
                Ok(toolchain) => return self.build(toolchain, way, program, to).map_err(|reason| vec![reason]),
                Err(reason) => lacking.push(reason),
            }
        }
        Err(lacking)
    }

    /// Builds it one way.
    ///
    /// # Errors
    /// That it failed, and where Cargo's messages are.
    fn build(&self, toolchain: &Toolchain, way: &Way, program: Program<'_>, to: &Path) -> Result<(), String> {
        let kind = match way.std {
            Std::Installed => "installed",
            Std::Source => "source",
        };
        let target_directory = self.directory.join(kind);
        let log = self.directory.join(format!("{}-{}-{kind}.log", program.package, way.triple));
        let failed = |error: &dyn std::fmt::Display| {
            format!("could not build it for {}: {error}, see `{}`", way.triple, log.display())
        };
        let mut command = self.command(toolchain, way, &target_directory).map_err(|error| failed(&error))?;
        command.args(["--package", program.package, "--bin", program.package, "--features", program.features]);
        command.args(["--profile", program.profile]);
        // Until it is copied: in the target directory, it has one name whatever its features are.
        let lock = fs::File::create(self.directory.join("lock")).map_err(|error| failed(&error))?;
        lock.lock().map_err(|error| failed(&error))?;
        let messages = fs::File::create(&log).map_err(|error| failed(&error))?;
        let errors = messages.try_clone().map_err(|error| failed(&error))?;
        let status = command.stdin(Stdio::null()).stdout(messages).stderr(errors).status();
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(failed(&status)),
            Err(error) => return Err(failed(&error)),
        }
        let suffix = if way.executable.ends_with(".exe") { ".exe" } else { "" };
        let executable = format!("{}{suffix}", program.package);
        let built = target_directory.join(way.triple).join(program.profile).join(executable);
        fs::copy(built, to).map(drop).map_err(|error| failed(&error))
    }

    fn command(&self, toolchain: &Toolchain, way: &Way, target_directory: &Path) -> io::Result<Command> {
        let mut command = Command::new(&toolchain.cargo);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(belongs_to_the_build_around) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.workspace)
            .env("RUSTC", &toolchain.rustc)
            .args(["build", "--locked"])
            .args(["--target", way.triple, "--target-dir"])
            .arg(target_directory);
        if way.std == Std::Source {
            // Naming only this feature also leaves out the default one, backtraces: 141 KB.
            command.env("RUSTC_BOOTSTRAP", "1").args(["-Zbuild-std-features=optimize_for_size", BUILTINS_APART]);
            if toolchain.can_abort_immediately() {
                command.args(ABORT_IMMEDIATELY);
            } else {
                command.arg("-Zbuild-std=std,panic_abort");
            }
        }

        let mut flags: Vec<OsString> = SHA2_FLAGS.iter().chain(way.rustflags).map(OsString::from).collect();
        if way.std == Std::Source {
            // The default but for Windows: without it, the linker keeps functions that nobody calls. 8 KB.
            flags.push("-Zfunction-sections=yes".into());
        }
        if way.stub {
            flags.push(joined(["-Lnative=".as_ref(), self.stub(way)?.as_os_str()]));
        }
        let std_source = (toolchain.std_source(), "/rust");
        for (real, told) in self.renamed.iter().chain([&std_source]) {
            flags.push(joined(["--remap-path-prefix=".as_ref(), real.as_os_str(), "=".as_ref(), told.as_ref()]));
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f".as_ref()));

        let triple = way.triple.replace('-', "_");
        if let Some(linker) = way.linker {
            command.env(format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase()), linker);
        }
        if let Some(compiler) = way.c_compiler {
            command.env(format!("CC_{triple}"), compiler);
            command.env(format!("CFLAGS_{triple}"), C_FLAGS);
        }
        Ok(command)
    }

    /// Compiles `stub.c` to a `libunwind.a`; answers its folder.
    fn stub(&self, way: &Way) -> io::Result<PathBuf> {
        let folder = self.directory.join("stub");
        fs::create_dir_all(&folder)?;
        let (object, library) = (folder.join("stub.o"), folder.join("libunwind.a"));
        let source = self.workspace.join("builder/build/stub.c");
        let compiler = way.c_compiler.unwrap_or("cc");
        run(Command::new(compiler).args(["-Os", "-w", "-c", "-o"]).arg(&object).arg(source))?;
        run(Command::new("ar").arg("crsD").arg(&library).arg(&object))?;
        Ok(folder)
    }
}

/// Whether a variable says something about the build that runs this one.
///
/// What the user told Cargo stays: where its home is, how it reaches the network. So does the job server, so that both
/// builds together keep to the number of jobs.
fn belongs_to_the_build_around(name: &str) -> bool {
    const KEPT: &[&str] =
        &["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_MAKEFLAGS"];
    const DROPPED: &[&str] = &["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS"];
    // Cargo puts the folders of its own toolchain there, which must not reach another one.
    const WHOLE: &[&str] =
        &["TARGET", "HOST", "OUT_DIR", "PROFILE", "OPT_LEVEL", "DEBUG", "NUM_JOBS", "LD_LIBRARY_PATH"];
    WHOLE.contains(&name)
        || DROPPED.iter().any(|dropped| name.starts_with(dropped)) && !KEPT.iter().any(|kept| name.starts_with(kept))
}

fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

fn joined<const N: usize>(parts: [&std::ffi::OsStr; N]) -> OsString {
    parts.into_iter().collect()
}
