//! What all contestants are given: one interpreter, one uv, and for each app one lock, one copy of the packages that it
//! names, and a virtual environment with them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben::host::cache::Cache;
use ekiben::host::uv::Uv;
use ekiben::report::Report;
use ekiben_tests::TestContext;

use crate::options::Options;
use crate::samples::Sample;
use crate::{Failure, kept};

/// Raised when the ground is to be laid anew.
const RECIPE: u32 = 1;

/// The tools of the peers that are Python packages. One list for all, so that they are the same with each app.
const TOOLS: [&str; 6] = ["pyinstaller", "nuitka", "zstandard", "pex", "shiv", "pip"];

/// What does not depend on the app.
pub(crate) struct Ground {
    /// The `ekiben` command.
    pub(crate) builder: PathBuf,
    /// The CPython that all of them get.
    pub(crate) python: PathBuf,
    /// Its `sys.base_prefix`.
    pub(crate) prefix: PathBuf,
    /// `3.13.0`
    pub(crate) python_version: String,
    /// A directory with `uv` in it.
    tools: PathBuf,
    uv: Uv,
    /// Minutes after which a build is given up.
    pub(crate) limit: u64,
}

/// What all contestants are given for one app.
pub(crate) struct AppGround {
    /// The project with its lock: to copy.
    pub(crate) project: PathBuf,
    /// A virtual environment with the app and its packages.
    pub(crate) venv: PathBuf,
    /// A virtual environment with its packages and the peers' tools.
    pub(crate) tools: PathBuf,
    /// The lock as pip knows it.
    pub(crate) requirements: PathBuf,
    /// A directory with its packages.
    pub(crate) packages: PathBuf,
    /// All versions: packages and tools.
    pub(crate) versions: Vec<(String, String)>,
    /// What the app prints.
    pub(crate) output: Vec<u8>,
}

impl AppGround {
    /// The version of a package or tool.
    pub(crate) fn version_of(&self, name: &str) -> String {
        let found = self.versions.iter().find(|(other, _)| other == name);
        found.map(|(_, version)| version.clone()).unwrap_or_default()
    }
}

impl Ground {
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let python = options.python.clone().or_else(found).ok_or("there is no CPython 3.13: name one with --python")?;
        let script = "import sys, platform; print(sys.base_prefix); print(platform.python_version())";
        let told = Command::new(&python).args(["-I", "-c", script]).output().map_err(|e| format!("{python:?}: {e}"))?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let (prefix, version) = told.trim().split_once('\n').ok_or_else(|| format!("{python:?} is no CPython"))?;
        let cache = Cache::at(kept::path("builder")).map_err(|e| format!("{e:#}"))?;
        let uv = Uv::find(&cache, &Report::silent()).map_err(|e| format!("{e:#}"))?;
        let tools = kept::path("bin");
        fs::create_dir_all(&tools).unwrap();
        drop(fs::remove_file(tools.join("uv")));
        std::os::unix::fs::symlink(uv.command().get_program(), tools.join("uv")).unwrap();
        Ok(Self {
            builder: TestContext::new().ekiben().path().to_owned(),
            python_version: version.to_owned(),
            prefix: prefix.into(),
            python,
            tools,
            uv,
            limit: options.limit,
        })
    }

    /// A program in the environment of whoever builds: a developer's, less what is about this benchmark or would lead a
    /// tool astray. Caches are in `work`.
    pub(crate) fn command(&self, program: impl AsRef<Path>, work: &Path) -> Command {
        let mut command = Command::new(program.as_ref());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if ["PYTHON", "EKIBEN_", "VIRTUAL_ENV", "XDG_", "CARGO_", "RUST", "PYAPP"]
                .iter()
                .any(|p| name.starts_with(p))
                && name != "CARGO_HOME"
                && name != "RUSTUP_HOME"
            {
                command.env_remove(&*name);
            }
        }
        let mut path = vec![self.tools.clone()];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        command.env("PATH", env::join_paths(path).unwrap()).env("NO_COLOR", "1");
        command.env("UV_CACHE_DIR", kept::path("uv")).env("UV_NO_PROGRESS", "1").env("UV_PYTHON_DOWNLOADS", "never");
        command.env("XDG_CACHE_HOME", work.join("user-cache"));
        command
    }

    /// Lays the ground for an app, or finds it laid.
    pub(crate) fn for_app(&self, sample: &Sample) -> Result<AppGround, Failure> {
        let key = format!("{RECIPE} {} {TOOLS:?} {}", self.identity(), sample.text());
        let place = kept::directory(&format!("apps/{}", sample.name), &key, |place| self.lay(sample, place))?;
        let frozen = |venv: &str| fs::read_to_string(place.join(format!("{venv}.txt"))).unwrap();
        let versions = |text: String| -> Vec<(String, String)> {
            let pinned = text.lines().filter_map(|line| line.split_once("=="));
            pinned.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
        };
        Ok(AppGround {
            project: place.join("project"),
            venv: place.join("venv"),
            tools: place.join("tools"),
            requirements: place.join("requirements.txt"),
            packages: place.join("packages"),
            versions: versions(frozen("tools")),
            output: fs::read(place.join("output")).unwrap(),
        })
    }

    /// What tells this interpreter from others.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.prefix.display(), self.python_version)
    }

    fn lay(&self, sample: &Sample, place: &Path) -> Result<(), Failure> {
        let (project, requirements) = (place.join("project"), place.join("requirements.txt"));
        sample.copy(&project);
        let uv = |arguments: &[&str], paths: &[&Path]| {
            let mut command = self.command(self.uv.command().get_program(), place);
            output(command.current_dir(&project).args(arguments).args(paths))
        };
        let python = self.python.to_str().unwrap();
        uv(&["lock", "--quiet", "--python", python], &[])?;
        let export =
            ["export", "--locked", "--no-emit-project", "--no-hashes", "--no-header", "--no-annotate", "--quiet"];
        fs::write(&requirements, uv(&[&export[..], &["--python", python]].concat(), &[])?).unwrap();
        for name in ["venv", "tools"] {
            let venv = place.join(name);
            uv(&["venv", "--quiet", "--python", python], &[&venv])?;
            let interpreter = venv.join("bin/python");
            let install =
                ["pip", "install", "--quiet", "--compile-bytecode", "--python", interpreter.to_str().unwrap()];
            let what = if name == "venv" { &["."][..] } else { &TOOLS[..] };
            uv(&[&install[..], what, &["-r"]].concat(), &[&requirements])?;
            let frozen = uv(&["pip", "freeze", "--python", interpreter.to_str().unwrap()], &[])?;
            fs::write(place.join(format!("{name}.txt")), frozen).unwrap();
        }
        let install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", python, "--target"];
        let packages = place.join("packages");
        fs::create_dir_all(&packages).unwrap();
        uv(&install, &[&packages, Path::new("-r"), &requirements])?;
        let said = output(Command::new(place.join("venv/bin").join(sample.name)).args(sample.arguments))?;
        fs::write(place.join("output"), said).unwrap();
        Ok(())
    }
}

/// pyenv's newest CPython 3.13, else the one on the search path.
fn found() -> Option<PathBuf> {
    let home = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pyenv")))?;
    let installed = fs::read_dir(home.join("versions")).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = installed
        .filter_map(|path| {
            let patch: u32 = path.file_name()?.to_str()?.strip_prefix("3.13.")?.parse().ok()?;
            Some((patch, path.join("bin/python3.13")))
        })
        .max();
    let on_path =
        || env::split_paths(&env::var_os("PATH")?).map(|place| place.join("python3.13")).find(|p| p.is_file());
    newest.map(|(_, path)| path).or_else(on_path)
}

/// What a command writes to standard output, or what it complains of.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output().map_err(|e| format!("could not start `{}`: {e}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().display();
    Err(format!("`{program}`: {}", essence(&String::from_utf8_lossy(&output.stderr), &output.status.to_string()))
        .into())
}

/// The last line that says something.
pub(crate) fn essence(text: &str, otherwise: &str) -> String {
    let line = text.lines().rev().map(str::trim).find(|line| line.chars().any(char::is_alphabetic));
    line.unwrap_or(otherwise).chars().take(200).collect()
}
