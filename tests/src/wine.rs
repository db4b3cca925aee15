//! The Windows machine: Wine, on a drive of its own in `tests-cache`.
//!
//! What Wine can and can't show is written down where a test relies on it. Three habits of it shape this file:
//! - CPython for Windows aborts when a standard stream is a regular file, so streams are pipes or `/dev/null`;
//! - a parent outside sees only the low eight bits of an exit code, so exact codes are read by a parent inside
//!   (`probe call`);
//! - the first program brings up a dozen services, which keep its pipes open and go three seconds after the last
//!   program. One idle `cmd` holds them, for as long as the tests run.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::context::TestContext;
use crate::mingw;
use crate::program::Program;
use crate::shared;

/// Wine, ready to run.
#[derive(Debug)]
pub struct Wine {
    program: PathBuf,
    prefix: PathBuf,
    /// Reads from our end of a pipe until we are gone, however that happens.
    _keepers: Vec<Child>,
}

impl Wine {
    /// Wine, or `None` where there is none, or nothing to run in it, which is said on standard error.
    ///
    /// # Panics
    /// When there is none and `EKIBEN_REQUIRE_WINDOWS=1` demands it.
    pub fn or_skip() -> Option<&'static Self> {
        static WINE: LazyLock<Option<Wine>> = LazyLock::new(Wine::start);
        if !windows_builds_or_skip() {
            return None;
        }
        if WINE.is_none() {
            skip("there is no Wine (apt-get install wine64)");
        }
        WINE.as_ref()
    }

    /// A Windows program in the environment of a test.
    pub fn program(&self, context: &TestContext, exe: impl Into<PathBuf>) -> Program {
        let installs = windows_path(&context.installs());
        self.dressed(context.program(exe).env("EKIBEN_ROOT", installs).started_by(&self.program, []))
    }

    /// Its Windows drive.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// The bytes of its `cmd.exe`, which also runs under another name and from another place.
    ///
    /// # Panics
    /// When there is none.
    pub fn shell(&self) -> Vec<u8> {
        fs::read(self.prefix.join("drive_c/windows/system32/cmd.exe")).unwrap()
    }

    /// Runs one of Wine's own commands (`reg add …`).
    ///
    /// # Panics
    /// When it fails.
    pub fn tool(&self, arguments: &[&str]) {
        let tool = self.dressed(Program::new(&self.program)).args(arguments.iter().map(OsString::from));
        tool.run().success();
    }

    /// Where the user's programs are installed, on Wine's own drive `C:`.
    ///
    /// # Panics
    /// When the user has no local data directory.
    pub fn users_programs(&self) -> PathBuf {
        let users = fs::read_dir(self.prefix.join("drive_c/users")).unwrap().map(|entry| entry.unwrap().path());
        let mut homes = users.map(|user| user.join("AppData/Local")).filter(|local| local.is_dir());
        let local = homes.find(|local| !local.to_str().unwrap().contains("Public")).expect("a user with local data");
        let programs = local.join("Programs");
        fs::create_dir_all(&programs).unwrap();
        programs
    }

    /// A directory on a network drive, which has a name of its own there for each test.
    ///
    /// # Panics
    /// When it is not available.
    pub fn network_drive(&self, directory: &Path) -> Drive {
        let name = name_of_test(directory);
        let link = network().join(name);
        symlink(directory, &link).unwrap();
        Drive { root: format!(r"{NETWORK}\{name}"), link }
    }

    /// A directory as a share of a server, which has a name of its own for each test.
    ///
    /// # Panics
    /// When it is not available.
    pub fn share(&self, directory: &Path) -> Drive {
        let name = name_of_test(directory);
        let server = self.prefix.join("dosdevices/unc").join(name);
        fs::create_dir_all(&server).unwrap();
        symlink(directory, server.join("share")).unwrap();
        Drive { root: format!(r"\\{name}\share"), link: server }
    }

    fn start() -> Option<Self> {
        let program = ["/usr/bin/wine64", "/usr/bin/wine", "/usr/lib/wine/wine64"].map(PathBuf::from);
        let program = program.into_iter().find(|p| p.exists())?;
        let wine = |prefix: &Path, arguments: &[&str]| {
            let mut command = Command::new(&program);
            command.args(arguments).env("WINEPREFIX", prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let prefix = shared::once("wine-with-network", |prefix| {
            fs::create_dir(prefix).unwrap();
            for arguments in [&["wineboot", "-i"][..], &["winecfg", "-v", "win10"]] {
                assert!(wine(prefix, arguments).status().unwrap().success(), "{arguments:?} failed");
            }
            let network_drive = ["reg", "add", r"HKLM\Software\Wine\Drives", "/v", NETWORK, "/d", "network", "/f"];
            assert!(wine(prefix, &network_drive).status().unwrap().success());
            symlink(network(), prefix.join("dosdevices").join(NETWORK.to_lowercase())).unwrap();
            // The drive is about to be renamed: not under the feet of its server.
            assert!(server(prefix, &["-w"]), "the new drive's server did not end");
        });
        let random = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        if !random.exists() {
            let made = shared::once("bcryptprimitives.dll", |to| {
                mingw::compile("bcryptprimitives", &["-shared", "-ladvapi32"], to);
            });
            // Another test may have been faster.
            drop(fs::hard_link(made, random));
        }
        let keepers = keep(|arguments| wine(&prefix, arguments));
        Some(Self { program, prefix, _keepers: keepers })
    }

    /// A Windows drive of a test's own, with more in the user's part of the registry, as Wine writes it. It shares the files of
    /// the common one by hard links.
    pub(crate) fn own_drive(&self, purpose: &str, registry: &str) -> PathBuf {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = shared::path(&format!("wine-{purpose}-{}-{number}", std::process::id()));
        let status = Command::new("cp").arg("-al").arg(self.prefix()).arg(&prefix).status().unwrap();
        assert!(status.success());
        // Wine writes the registry into the files that are there. The common drive keeps its own.
        for (name, more) in [("system.reg", ""), ("userdef.reg", ""), ("user.reg", registry)] {
            let file = prefix.join(name);
            let known = fs::read_to_string(&file).unwrap();
            fs::remove_file(&file).unwrap();
            fs::write(&file, known + more).unwrap();
        }
        prefix
    }

    /// One of Wine's own commands, on another drive.
    pub(crate) fn on(&self, prefix: &Path, command: &[&str]) -> Program {
        self.dressed(Program::new(&self.program)).env("WINEPREFIX", prefix).args(command.iter().copied())
    }

    /// Wine looks for its server in the directory for temporary files: in another one than the keeper's, each test would
    /// bring up a server and a dozen services of its own, on the same drive.
    fn dressed(&self, program: Program) -> Program {
        program.env("TMPDIR", std::env::temp_dir()).env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all")
    }
}

/// Talks to the server of a drive: `-w` waits for its end, `-k` ends it with all that runs there. Whether there was one.
pub(crate) fn server(prefix: &Path, arguments: &[&str]) -> bool {
    let of_prefix = |server| Command::new(server).args(arguments).env("WINEPREFIX", prefix).status().ok();
    ["wineserver", "/usr/lib/wine/wineserver"].into_iter().find_map(of_prefix).is_some_and(|status| status.success())
}

/// Brings up what the first program of a Windows machine brings up, and what its first window does: it would keep the pipes of
/// whoever that is. Here they are nobody's.
pub(crate) fn keep(program: impl Fn(&[&str]) -> Command) -> Vec<Child> {
    let start = |arguments: &[&str], output: Stdio| {
        program(arguments).stdin(Stdio::piped()).stdout(output).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut keeper = start(&["cmd"], Stdio::piped());
    // Its greeting: all services are there.
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let desktop = start(&["explorer", "/desktop"], Stdio::null());
    // It looks at all windows, so it waits for the desktop.
    start(&["taskkill", "/im", "nobody.exe"], Stdio::null()).wait().unwrap();
    vec![keeper, desktop]
}

/// The letter that Wine, when asked, calls a network drive. It learns of such letters when it starts.
const NETWORK: &str = "N:";

/// Where it leads.
fn network() -> PathBuf {
    let network = shared::path("wine-network");
    fs::create_dir_all(&network).unwrap();
    network
}

/// The test's directory's, in which `directory` lies.
fn name_of_test(directory: &Path) -> &str {
    directory.parent().and_then(Path::file_name).unwrap().to_str().unwrap()
}

/// A directory of this machine on another drive of the Windows machine, until this is dropped.
#[derive(Debug)]
pub struct Drive {
    root: String,
    link: PathBuf,
}

impl Drive {
    /// How a Windows program names a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!(r"{}\{name}", self.root))
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        // A link, or a server's directory with one in it.
        if fs::remove_file(&self.link).is_err() {
            drop(fs::remove_dir_all(&self.link));
        }
    }
}

/// The user's own directories are the same for all tests there. Whoever installs the sample project `probe` in them, or
/// uninstalls it from all places, keeps the others away as long as this is held.
pub fn alone_at_home() -> MutexGuard<'static, ()> {
    static HOME: Mutex<()> = Mutex::new(());
    // A test that has failed has left nothing that the next one could not do with.
    HOME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the builder makes bundles for Windows; where it does not, that is said on standard error.
///
/// # Panics
/// When it does not and `EKIBEN_REQUIRE_WINDOWS=1` demands it.
pub fn windows_builds_or_skip() -> bool {
    let windows = "windows".parse().expect("a target that the builder knows");
    match ekiben::executable::launchers::for_target(windows) {
        Ok(_) => true,
        Err(failure) => {
            skip(ekiben::report::failure::render(&failure.into()).trim_start_matches("error: "));
            false
        }
    }
}

fn skip(why: &str) {
    crate::skip::skip("EKIBEN_REQUIRE_WINDOWS", why);
}
/// How a Windows program names a file of this machine.
///
/// # Panics
/// When the path is not absolute, or no Unicode.
pub fn windows_path(path: &Path) -> String {
    assert!(path.is_absolute());
    format!("Z:{}", path.to_str().unwrap().replace('/', "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_program_runs_in_the_tests_environment() {
        let Some(wine) = Wine::or_skip() else { return };
        let context = TestContext::new();
        let program = wine.program(&context, "cmd").args(["/c", "echo %EKIBEN_ROOT%& exit 7"]);
        let outcome = program.run();
        assert_eq!(outcome.code, Some(7));
        assert_eq!(outcome.stdout.trim_end(), windows_path(&context.installs()));
    }
}
