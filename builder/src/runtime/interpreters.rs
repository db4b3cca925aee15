//! The CPython installations of this machine: found without asking uv, which starts every program on the search
//! path to learn what it is. Each interpreter is asked once; the answer is kept while the file stays the same.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use anyhow::Context as _;
use launcher::env::WITHHELD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::files;
use crate::platform::PythonVersion;

/// What the probe prints: one line of JSON.
const PROBE: &str = include_str!("probe.py");

/// Changes with what [`PROBE`] prints.
const PROBE_VERSION: &str = "2";

/// The directory in the cache with interpreters of this machine that ekiben fetched to compile bytecode.
pub(super) const OURS: &str = "interpreters-of-ours";

/// An interpreter of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Interpreter {
    /// The program, all links resolved.
    pub(crate) program: PathBuf,
    /// Its version.
    pub(crate) version: PythonVersion,
    /// Its `sys.base_prefix`.
    pub(super) prefix: PathBuf,
    /// The directory of the standard library.
    pub(super) stdlib: PathBuf,
    /// The directory of the extension modules, where there is one.
    pub(super) extensions: Option<PathBuf>,
    /// The directory of Tcl's scripts, such as `/usr/share/tcltk/tcl8.6`, if it has tkinter.
    pub(super) tcl: Option<PathBuf>,
}

impl Interpreter {
    /// All interpreters of this machine that ekiben can use, the best first: the newest version, and of two with the same version the
    /// one that depends less on its system.
    pub(crate) fn all(cache: &Cache) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for program in candidates(cache) {
            if let Some(interpreter) = Self::ask(&program, cache)
                && !found.iter().any(|known| known.program == interpreter.program)
            {
                found.push(interpreter);
            }
        }
        // Stable: of two with the same version the one that was looked for earlier stays in front.
        found.sort_by_key(|interpreter| std::cmp::Reverse(interpreter.version));
        found
    }

    /// What this program says of itself. `None` if it is no CPython, a pre-release, a debug or free-threaded
    /// build, or for another system than this builder.
    pub(super) fn ask(program: &Path, cache: &Cache) -> Option<Self> {
        let metadata = fs::metadata(program).ok()?;
        let time = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos().to_string();
        let facts = [PROBE_VERSION, &program.to_string_lossy(), &metadata.len().to_string(), &time];
        let key = format!("{}.json", digest::of_facts(facts));
        let known = fs::read(cache.entry("interpreters", &key)).ok();
        if let Some(answer) = known.and_then(|bytes| serde_json::from_slice::<Option<Self>>(&bytes).ok()) {
            return answer;
        }
        let answer = probe(program);
        if let Ok(json) = serde_json::to_vec(&answer) {
            // Without it the next build asks again; nothing else is lost.
            let _ = cache.write("interpreters", &key, &json);
        }
        answer
    }
}

/// A command that starts a Python for our own purposes: no variable of the user changes what it does.
pub(crate) fn quiet_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in WITHHELD {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().to_ascii_uppercase().starts_with("PYTHON") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a script of ours, which reads one JSON value and writes another, answers.
///
/// # Errors
/// When it can't be run or fails, with its last line.
pub(crate) fn answer<T: DeserializeOwned>(
    program: &Path,
    script: &str,
    request: &serde_json::Value,
) -> anyhow::Result<T> {
    let mut command = quiet_command(program);
    command.args(["-I", "-S", "-B", "-Xutf8", "-Wignore", "-c", script]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(request.to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::bail!("{}", said.lines().last().unwrap_or("the interpreter said nothing"));
    }
    serde_json::from_slice(&output.stdout).context("could not read the interpreter's answer")
}

fn probe(program: &Path) -> Option<Interpreter> {
    #[derive(Deserialize)]
    struct Answer {
        usable: bool,
        platform: String,
        machine: String,
        major: u8,
        minor: u8,
        patch: u8,
        prefix: PathBuf,
        stdlib: PathBuf,
        extensions: Option<PathBuf>,
        tcl: Option<PathBuf>,
    }
    let output = quiet_command(program).args(["-I", "-S", "-c", PROBE]).output().ok()?;
    let answer: Answer = serde_json::from_slice(&output.stdout).ok()?;
    let ours = answer.platform.starts_with(if cfg!(windows) { "win32" } else { env::consts::OS })
        && match env::consts::ARCH {
            "x86_64" => ["x86_64", "amd64"].contains(&answer.machine.as_str()),
            "aarch64" => ["aarch64", "arm64"].contains(&answer.machine.as_str()),
            other => answer.machine == other,
        };
    let version = PythonVersion { major: answer.major, minor: answer.minor, patch: Some(answer.patch) };
    let extensions = answer.extensions.filter(|path| path.is_dir());
    (answer.usable && ours).then(|| Interpreter {
        program: program.to_owned(),
        version,
        prefix: answer.prefix,
        stdlib: answer.stdlib,
        extensions,
        tcl: answer.tcl.filter(|path| path.join("init.tcl").is_file()),
    })
}

/// Every place where an interpreter may be, links resolved, the preferred kinds first: uv's own builds, pyenv's,
/// then what is on the search path.
fn candidates(cache: &Cache) -> Vec<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = dirs::home_dir();
    let uv = variable("UV_PYTHON_INSTALL_DIR").or_else(|| dirs::data_dir().map(|data| data.join("uv/python")));
    let pyenv = variable("PYENV_ROOT").or_else(|| home.map(|home| home.join(".pyenv")));
    let programs = variable("LOCALAPPDATA").map(|local| local.join("Programs/Python"));
    let collections = [
        uv,
        pyenv.as_ref().map(|root| root.join("versions")),
        pyenv.map(|root| root.join("pyenv-win/versions")),
        programs,
        variable("ProgramFiles"),
        Some(cache.root().join(OURS)),
    ];
    let installations = collections.into_iter().flatten().flat_map(|directory| {
        let mut below: Vec<_> = fs::read_dir(directory).into_iter().flatten().flatten().map(|e| e.path()).collect();
        below.sort();
        below
    });
    let mut programs: Vec<PathBuf> =
        installations.flat_map(|root| [root.join("bin/python3"), root.join("python.exe")]).collect();
    let path = env::var_os("PATH").unwrap_or_default();
    // pyenv's shims are scripts that choose one of the above; WindowsApps holds stubs that open a shop.
    let real = |place: &PathBuf| !place.ends_with("shims") && !place.ends_with("WindowsApps");
    for place in env::split_paths(&path).filter(real) {
        programs.extend((11..30).rev().map(|minor| place.join(format!("python3.{minor}{}", env::consts::EXE_SUFFIX))));
        programs.push(place.join(format!("python3{}", env::consts::EXE_SUFFIX)));
        programs.push(place.join(format!("python{}", env::consts::EXE_SUFFIX)));
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for program in programs.iter().filter_map(|program| files::real_path(program).ok()) {
        if !found.contains(&program) {
            found.push(program);
        }
    }
    found
}
