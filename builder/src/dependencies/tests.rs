//! Real installations from the package index that this machine uses, and the ways in which they fail.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use walkdir::WalkDir;

use super::*;
use crate::config::{Overrides, Project};
use crate::host::cache::Cache;
use crate::host::uv::Uv;
use crate::platform::Target;
use crate::report::Report;
use crate::report::failure::render;

/// A project, a cache of its own and a uv.
struct Bench {
    directory: tempfile::TempDir,
    cache: Cache,
    uv: Uv,
}

impl Bench {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = directory.path().join("project").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let cache = Cache::at(directory.path().join("cache")).unwrap();
        // One uv for all tests, fetched at most once and kept where cargo keeps what it builds.
        let here = std::env::current_exe().unwrap();
        let shared = Cache::at(here.parent().unwrap().join("ekiben-test-cache")).unwrap();
        let uv = Uv::find(&shared, &Report::silent()).unwrap();
        Self { directory, cache, uv }
    }

    fn project(&self, path: &str) -> Project {
        let path = self.directory.path().join("project").join(path);
        Project::of_files(&path, &Overrides::default()).map_err(|e| render(&e)).unwrap()
    }

    fn on<T>(
        &self,
        project: &Project,
        target: &str,
        work: impl FnOnce(BuildContext<'_>, &Runtime) -> anyhow::Result<T>,
    ) -> Result<T, String> {
        self.with(&runtime(PathBuf::new(), "3.13.2"), project, target, work)
    }

    fn with<T>(
        &self,
        runtime: &Runtime,
        project: &Project,
        target: &str,
        work: impl FnOnce(BuildContext<'_>, &Runtime) -> anyhow::Result<T>,
    ) -> Result<T, String> {
        let report = Report::silent();
        let target = target.parse().unwrap();
        let context = BuildContext { project, target, cache: &self.cache, uv: &self.uv, report: &report };
        work(context, runtime).map_err(|e| render(&e).replace(self.directory.path().to_str().unwrap(), "DIR"))
    }

    fn install(&self, target: &str) -> Result<Tree, String> {
        self.on(&self.project(""), target, install)
    }

    fn uv(&self, words: &[&str]) {
        let project = self.directory.path().join("project");
        let status = self.uv.command().current_dir(project).args(words).arg("-q").status().unwrap();
        assert!(status.success(), "uv {words:?}");
    }
}

/// What is asked of a runtime: its version, and an interpreter, if one of that version runs here.
fn runtime(interpreter: PathBuf, version: &str) -> Runtime {
    Runtime {
        glibc: None,
        runs_here: interpreter.is_file(),
        tree: interpreter.parent().unwrap_or(Path::new("")).to_owned(),
        interpreter: interpreter.file_name().unwrap_or_default().to_str().unwrap().to_owned(),
        version: version.parse().unwrap(),
        key: String::new(),
        description: String::new(),
        site_packages: String::new(),
    }
}

fn install(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Tree> {
    super::install(context, runtime, &resolve(context, runtime)?)
}

fn application(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Tree> {
    let own = super::own_wheel(context, runtime)?;
    let none = Tree { site_packages: "missing".into(), key: String::new(), distributions: Vec::new(), modules: "" };
    let installed = super::Installed { dependencies: &none, own: &own };
    super::application(context, runtime, &resolve(context, runtime)?, installed)
}

fn content(tree: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = WalkDir::new(tree).into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file());
    files.map(|e| (e.path().strip_prefix(tree).unwrap().display().to_string(), fs::read(e.path()).unwrap())).collect()
}

/// What a Python of this machine prints with these trees on its path.
fn python(trees: &[&Tree], script: &str) -> String {
    let path = std::env::join_paths(trees.iter().map(|t| &t.site_packages)).unwrap();
    let output = Command::new("python3").args(["-B", "-c", script]).env("PYTHONPATH", path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn names(tree: &Tree) -> Vec<&str> {
    tree.distributions.iter().map(|d| d.name.as_str()).collect()
}

fn script(dependencies: &str) -> String {
    format!("# /// script\n# dependencies = {dependencies}\n# ///\n")
}

fn packaged(rest: &str) -> String {
    format!(
        "[project]\nname = \"my-app\"\nversion = \"1.2\"\nrequires-python = \">=3.9\"\n\
         scripts.my-app = \"my_app:main\"\n{rest}\n\
         [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n"
    )
}

#[test]
fn listed_dependencies_are_installed_for_the_target() {
    let bench = Bench::new(&[("s.py", &script("[\"click==8.1.8\", \"numpy==2.1.3\"]"))]);
    let project = bench.project("s.py");
    let windows = bench.on(&project, "windows", install).unwrap();
    assert_eq!(names(&windows), ["click", "colorama", "numpy"]);
    assert_eq!(windows.version_of("numpy"), Some("2.1.3"));
    assert!(content(&windows.site_packages).keys().any(|f| f.ends_with(".cp313-win_amd64.pyd")));
    let linux = bench.on(&project, "linux", install).unwrap();
    assert_eq!(names(&linux), ["click", "numpy"]);
    assert_ne!(linux.key, windows.key);
    assert!(content(&linux.site_packages).keys().any(|f| f.contains("cpython-313-x86_64-linux-gnu.so")));
    assert!(linux.site_packages.join("ekiben-prefix/bin/f2py").is_file() && !linux.site_packages.join("bin").exists());
    let app = bench.on(&project, "linux", application).unwrap();
    assert_eq!(content(&app.site_packages).keys().collect::<Vec<_>>(), ["s.py"]);
    assert_eq!(fs::read_dir(bench.cache.root().join("scratch")).unwrap().count(), 0);
}

#[test]
fn a_locked_project_is_the_same_bytes_anywhere() {
    let files = [
        ("pyproject.toml", &*packaged("dependencies = [\"rich==13.9.4\"]\n[dependency-groups]\ndev = [\"click\"]")),
        ("src/my_app/__init__.py", "def main(): print('hi')\n"),
        ("src/my_app/data.txt", "x"),
    ];
    let (one, other) = (Bench::new(&files), Bench::new(&files));
    one.uv(&["lock"]);
    fs::copy(one.project("").root.join("uv.lock"), other.project("").root.join("uv.lock")).unwrap();
    let (a, b) = (one.install("linux").unwrap(), other.install("linux").unwrap());
    assert_eq!(names(&a), ["markdown-it-py", "mdurl", "pygments", "rich"]);
    assert_eq!((&a.key, content(&a.site_packages)), (&b.key, content(&b.site_packages)));
    let app_of = |bench: &Bench| bench.on(&bench.project(""), "windows", application).unwrap();
    let (app, again) = (app_of(&one), app_of(&other));
    assert_eq!((&app.key, content(&app.site_packages)), (&again.key, content(&again.site_packages)));
    let here = content(&app.site_packages);
    let files = here.keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        files,
        [
            "ekiben-prefix/Scripts/my-app.exe",
            "my_app-1.2.dist-info/METADATA",
            "my_app-1.2.dist-info/RECORD",
            "my_app-1.2.dist-info/WHEEL",
            "my_app-1.2.dist-info/entry_points.txt",
            "my_app/__init__.py",
            "my_app/data.txt",
        ]
    );
    let machine = one.directory.path().to_str().unwrap();
    assert!(here.values().all(|c| !String::from_utf8_lossy(c).contains(machine)));
    let script = "import importlib.metadata as m, rich; d = m.distribution('my-app'); \
                  print(d.version, [e.value for e in d.entry_points], [str(f) for f in d.files if not f.locate().exists()])";
    assert_eq!(python(&[&a, &app], script), "1.2 ['my_app:main'] ['../../Scripts/my-app.exe']");
    // Nothing was left in the project.
    let mut left = fs::read_dir(one.project("").root).unwrap().map(|e| e.unwrap().file_name()).collect::<Vec<_>>();
    left.sort();
    assert_eq!(left, ["pyproject.toml", "src", "uv.lock"]);
}

#[test]
fn groups_extras_and_members_of_a_workspace_come_along() {
    let root = packaged(
        "dependencies = [\"engine\"]\n[project.optional-dependencies]\ncli = [\"click==8.1.8\"]\n\
         [dependency-groups]\nextra = [\"mdurl==0.1.2\"]\n[tool.ekiben]\nextras = [\"cli\"]\ngroups = [\"extra\"]\n\
         [tool.uv.workspace]\nmembers = [\"packages/*\"]\n[tool.uv.sources]\nengine = { workspace = true }\n",
    );
    let engine = "[project]\nname = \"engine\"\nversion = \"0.1\"\ndependencies = [\"iniconfig==2.0.0\"]\n\
                  [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n";
    let member = packaged("dependencies = [\"engine\"]\n[tool.uv.sources]\nengine = { workspace = true }\n");
    let member = member.replace("my-app", "member").replace("my_app", "member");
    let bench = Bench::new(&[
        ("pyproject.toml", &*root),
        ("src/my_app/__init__.py", ""),
        ("packages/engine/pyproject.toml", engine),
        ("packages/engine/src/engine/__init__.py", "answer = 42\n"),
        ("packages/member/pyproject.toml", &member),
        ("packages/member/src/member/__init__.py", ""),
    ]);
    // First without a lock file, then with one.
    for locked in [false, true] {
        if locked {
            bench.uv(&["lock"]);
        }
        let tree = bench.install("linux").unwrap();
        assert_eq!(names(&tree), ["click", "iniconfig", "mdurl"], "locked: {locked}");
        let app = bench.on(&bench.project(""), "linux", application).unwrap();
        assert_eq!(names(&app), ["engine", "my-app"], "locked: {locked}");
    }
    let member = bench.project("packages/member");
    assert_eq!(names(&bench.on(&member, "linux", install).unwrap()), ["iniconfig"]);
    assert_eq!(names(&bench.on(&member, "linux", application).unwrap()), ["engine", "member"]);
}

#[test]
fn pylock_requirements_and_a_scripts_lock_are_taken() {
    let app = "[project]\nname = \"my-app\"\nversion = \"1\"\nscripts.my-app = \"my_app:main\"\n";
    let bench = Bench::new(&[
        ("pyproject.toml", app),
        ("my_app.py", "def main(): pass\n"),
        ("r.in", "click==8.1.8\n"),
        ("t.py", &script("[\"click==8.1.8\"]")),
    ]);
    let root = bench.project("").root;
    bench.uv(&["pip", "compile", "r.in", "--universal", "-o", "pylock.toml"]);
    let locked = bench.install("windows").unwrap();
    assert_eq!(names(&locked), ["click", "colorama"]);
    let tree = bench.on(&bench.project(""), "windows", application).unwrap();
    let script = "import importlib.metadata as m; d = m.distribution('my-app'); \
                  print(d.version, [e.value for e in d.entry_points], len(d.files), d.files[0].hash.mode)";
    assert_eq!(python(&[&tree], script), "1 ['my_app:main'] 6 sha256");

    bench.uv(&["pip", "compile", "r.in", "--universal", "--generate-hashes", "-o", "hashed.txt"]);
    for (file, target, expected) in [
        ("hashed.txt", "linux", &["click"][..]),
        ("hashed.txt", "windows", &["click", "colorama"]),
        ("r.in", "windows", &["click", "colorama"]),
    ] {
        fs::write(root.join("pyproject.toml"), format!("{app}[tool.ekiben]\nrequirements = \"{file}\"\n")).unwrap();
        assert_eq!(names(&bench.install(target).unwrap()), expected, "{file} for {target}");
    }
    bench.uv(&["lock", "--script", "t.py"]);
    assert_eq!(names(&bench.on(&bench.project("t.py"), "windows", install).unwrap()), ["click", "colorama"]);
}

#[test]
fn a_setuptools_project_is_built_beside_itself() {
    let bench = Bench::new(&[
        (
            "old/pyproject.toml",
            "[project]\nname = \"old\"\ndynamic = [\"version\"]\nscripts.old = \"old:f\"\n\
                            [build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n\
                            [tool.setuptools.dynamic]\nversion = { attr = \"old.__version__\" }\n",
        ),
        ("old/old/__init__.py", "__version__ = '4.5'\n"),
        ("old/build/lib/stale/__init__.py", ""),
        ("c/setup.py", "from setuptools import *\nsetup(name='c', version='1', ext_modules=[Extension('c', ['c.c'])])"),
        (
            "c/pyproject.toml",
            "[project]\nname = \"c\"\nversion = \"1\"\nscripts.c = \"c:f\"\n\
                              [build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
        ),
        (
            "c/c.c",
            "#include <Python.h>\nstatic struct PyModuleDef m = { PyModuleDef_HEAD_INIT, \"c\" };\n\
                   PyMODINIT_FUNC PyInit_c(void) { return PyModule_Create(&m); }\n",
        ),
    ]);
    let project = bench.project("old");
    let tree = bench.on(&project, "windows", application).unwrap();
    assert_eq!((project.version.as_deref(), tree.version_of(&project.id)), (None, Some("4.5")));
    assert!(!tree.site_packages.join("stale").exists());
    let mut left = fs::read_dir(&project.root).unwrap().map(|e| e.unwrap().file_name()).collect::<Vec<_>>();
    left.sort();
    assert_eq!(left, ["build", "old", "pyproject.toml"]);

    let error = bench.on(&bench.project("c"), "windows", application).unwrap_err();
    assert!(error.contains("could not install the app's wheel for x86_64-pc-windows-msvc"), "{error}");
    assert!(error.contains("help: a wheel with compiled code runs only on the platform"), "{error}");
}

#[test]
fn what_cannot_be_had_is_told_in_one_line() {
    let with_hash = "mdurl==0.1.2 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n";
    let closed = "--index-url http://127.0.0.1:1/simple\nclick\n";
    let conflict = "rich==13.9.4\npygments<2\n";
    for (requirements, message, help) in [
        (
            with_hash,
            "error: could not install the dependencies for x86_64-pc-windows-msvc: in `DIR/project/r.txt`: hash mismatch \
             for `mdurl==0.1.2`: expected sha256:000",
            "help: the index serves another file than the one that was listed",
        ),
        (
            "uvloop==0.21.0\n",
            "error: could not resolve the dependencies for x86_64-pc-windows-msvc: `uvloop` has no wheel that fits: \
             because uvloop==0.21.0 has no ",
            "help: ask for a version of `uvloop` that has one",
        ),
        (
            conflict,
            "error: could not resolve the dependencies for x86_64-pc-windows-msvc: the requirements contradict each \
             other: because rich==13.9.4 depends on pygments>=2.13.0,<3.0.0",
            "help: loosen one of the requirements",
        ),
        (
            "no-such-package-of-ekiben\n",
            "error: could not resolve the dependencies for x86_64-pc-windows-msvc: because no-such-package-of-ekiben \
             was not found in the package registry",
            "help: check how the name is spelled",
        ),
        (
            closed,
            "error: could not resolve the dependencies for x86_64-pc-windows-msvc: could not reach \
             `http://127.0.0.1:1/simple/click/`: connection refused",
            "help: check the network and the proxy",
        ),
    ] {
        let bench = Bench::new(&[
            ("ekiben.toml", "entry-point = \"a.py\"\nrequirements = \"r.txt\"\n"),
            ("a.py", ""),
            ("r.txt", requirements),
        ]);
        let error = bench.install("windows").unwrap_err();
        let lines = error.lines().collect::<Vec<_>>();
        assert!(lines[0].starts_with(message), "{error}");
        assert!(lines.len() == 2 && lines[1].starts_with(help), "{error}");
        assert!(!bench.cache.root().join("dependencies").exists(), "nothing half is left");
    }
}

#[test]
fn a_package_without_wheels_is_built_and_goes_where_it_will_run() {
    let bench = Bench::new(&[("s.py", &script("[\"docopt==0.6.2\"]"))]);
    let project = bench.project("s.py");
    let run = |script: &str| {
        let output = Command::new("python3").args(["-c", script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let interpreter = std::path::PathBuf::from(run("import sys; print(sys.executable)"));
    let version = run("import platform; print(platform.python_version())");
    let host = Target::host().unwrap().to_string();
    let foreign = Target::all().find(|t| !t.runs_here()).unwrap().to_string();
    let install_with = |target: &str| bench.with(&runtime(interpreter.clone(), &version), &project, target, install);
    assert_eq!(names(&install_with(&host).unwrap()), ["docopt"]);
    // Pure Python runs there too.
    assert_eq!(names(&install_with(&foreign).unwrap()), ["docopt"]);
}

#[test]
fn sources_with_compiled_code_are_refused_for_another_system() {
    // One has no wheels at all, the other has some for this system.
    for (package, message) in [
        (
            "netifaces==0.11.0",
            "could not install the dependencies for x86_64-pc-windows-msvc: `netifaces` has no wheel that \
          fits, and what its sources become here holds compiled code: `netifaces-0.11.0-",
        ),
        (
            "uvloop==0.21.0",
            "could not resolve the dependencies for x86_64-pc-windows-msvc: `uvloop` has no wheel that fits: ",
        ),
    ] {
        let bench = Bench::new(&[("s.py", &script(&format!("[\"{package}\"]")))]);
        let error = bench.on(&bench.project("s.py"), "windows", install).unwrap_err();
        assert!(error.starts_with(&format!("error: {message}")), "{error}");
    }
}

#[test]
fn a_stale_lock_is_refused() {
    let bench = Bench::new(&[("pyproject.toml", &*packaged("dependencies = []")), ("src/my_app/__init__.py", "")]);
    bench.uv(&["lock"]);
    fs::write(bench.project("").root.join("pyproject.toml"), packaged("dependencies = [\"click\"]")).unwrap();
    assert_eq!(
        bench.install("linux").unwrap_err(),
        "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: `uv.lock` does not fit \
         `pyproject.toml` any more\nhelp: run `uv lock` in the project, and build again"
    );
}

#[test]
fn an_entry_script_must_be_among_the_files() {
    let bench = Bench::new(&[("ekiben.toml", "entry-point = \"b.py\"\n"), ("a.py", "")]);
    assert_eq!(
        bench.on(&bench.project(""), "linux", application).unwrap_err(),
        "error: the entry point `b.py` is not among the app's files\n\
         help: add it with `include` in ekiben.toml, or name another entry point"
    );
}
