//! The whole way, with real interpreters and archives: this host's CPythons, the embeddable package of the
//! package index, and a local server that has an archive in python-build-standalone's layout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::*;
use crate::host::cache::Cache;
use crate::host::uv::Uv;
use crate::platform::{LINUX, OLDEST};
use crate::report::Report;
use crate::report::failure::render;
use crate::runtime::bytecode::SourcePolicy;
use interpreters::Interpreter;

mod isolation;
mod served;

/// A cache of its own.
struct Place {
    dir: tempfile::TempDir,
    cache: Cache,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().join("cache")).unwrap();
        Self { dir, cache }
    }

    fn prepare(&self, request: &RuntimeRequest) -> anyhow::Result<Runtime> {
        prepare(request, Tools { uv: &uv(), cache: &self.cache, report: &Report::silent() })
    }

    fn preparation<'a>(&'a self, uv: &'a Uv, report: &'a Report) -> Preparation<'a> {
        preparation(Tools { uv, cache: &self.cache, report })
    }
}

/// What several tests use, made once: a uv, if this machine has none, and the host's interpreters as runtimes.
/// Those are prepared anew by each run of the tests.
fn shared() -> &'static Cache {
    static SHARED: LazyLock<Cache> = LazyLock::new(|| {
        let root = std::env::current_exe().unwrap().with_file_name("runtime-tests-cache");
        if std::env::var_os("EKIBEN_TEST_CACHE").is_none() {
            let _ = fs::remove_dir_all(root.join("runtimes"));
        }
        Cache::at(root).unwrap()
    });
    &SHARED
}

fn uv() -> Uv {
    Uv::find(shared(), &Report::silent()).unwrap()
}

/// A runtime made from this host's interpreter of a minor version, or of the newest. Not to be changed.
fn host_runtime(minor: Option<&str>) -> Runtime {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    host_runtime_in(shared(), minor)
}

fn host_runtime_in(cache: &Cache, minor: Option<&str>) -> Runtime {
    let interpreter = host::find(&Wanted::new(minor, None).unwrap(), cache).expect("a CPython on this host");
    let source = Source::host(interpreter, LINUX).unwrap();
    let (uv, report) = (uv(), Report::silent());
    preparation(Tools { uv: &uv, cache, report: &report }).prepare(&source).unwrap()
}

fn preparation(tools: Tools<'_>) -> Preparation<'_> {
    Preparation { target: Target::host().unwrap(), stdlib_sources: StdlibSources::Dropped, tools }
}

fn request(target: &str, location: RuntimeLocation) -> RuntimeRequest {
    RuntimeRequest {
        target: target.parse().unwrap(),
        python: None,
        requires_python: None,
        location,
        stdlib_sources: StdlibSources::Dropped,
    }
}

/// The minor versions that this host has, ekiben supports and were built from source.
fn minors_here(cache: &Cache) -> Vec<String> {
    let all = Interpreter::all(cache);
    let mut minors: Vec<_> = all
        .iter()
        .filter(|i| i.version >= OLDEST && i.prefix != Path::new("/usr"))
        .map(|i| i.version.minor())
        .collect();
    minors.dedup();
    minors
}

fn python(runtime: &Runtime) -> Command {
    Command::new(runtime.tree.join(&runtime.interpreter))
}

fn stdout(output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Every file of a tree with its content, links with where they lead.
fn content(tree: &Path) -> Vec<(String, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = walk.filter(|entry| !entry.file_type().is_dir()).map(|entry| {
        let bytes = if entry.path_is_symlink() {
            fs::read_link(entry.path()).unwrap().to_str().unwrap().into()
        } else {
            fs::read(entry.path()).unwrap()
        };
        (trim::relative(tree, entry.path()).unwrap(), bytes)
    });
    files.collect()
}

fn size(tree: &Path) -> usize {
    content(tree).iter().map(|(_, bytes)| bytes.len()).sum()
}

const IMPORTS: &str = "
import asyncio, bz2, ctypes, curses, decimal, hashlib, lzma, multiprocessing, readline, sqlite3, ssl, uuid, zlib
import concurrent.futures, email, json, unittest, urllib.request, venv, xml.etree.ElementTree, zoneinfo
sqlite3.connect(':memory:').execute('select 1'); ssl.create_default_context(); hashlib.sha256(b'x'); lzma.compress(b'x')
import sys; print('.'.join(map(str, sys.version_info[:3])))
";

#[test]
fn a_host_interpreter_runs_where_there_is_nothing_but_libc() {
    for minor in minors_here(shared()) {
        let runtime = host_runtime(Some(&minor));
        let mut jail = Command::new("bwrap");
        jail.args(["--unshare-all", "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev", "--clearenv"]);
        for library in ["ld-linux-x86-64", "libc", "libm", "libdl", "libpthread", "librt", "libutil", "libresolv"] {
            for folder in ["/lib64", "/lib/x86_64-linux-gnu"] {
                for version in ["so.2", "so.6", "so.1"] {
                    let file = format!("{folder}/{library}.{version}");
                    jail.args(["--ro-bind-try", &file, &file]);
                }
            }
        }
        jail.arg("--ro-bind").arg(&runtime.tree).args(["/tmp/a b", "/tmp/a b/python", "-c", IMPORTS]);
        assert_eq!(stdout(jail.output().unwrap()), runtime.version.to_string());
        assert!(size(&runtime.tree) < 100 << 20, "{minor}: {} bytes", size(&runtime.tree));
    }
}

#[test]
fn a_distribution_s_own_interpreter_is_taken_out_of_its_shared_prefix() {
    let place = Place::new();
    let own =
        Interpreter::all(&place.cache).into_iter().filter(|i| i.prefix == Path::new("/usr") && i.version >= OLDEST);
    for interpreter in own {
        let version = interpreter.version;
        let (uv, report) = (uv(), Report::silent());
        let preparation = place.preparation(&uv, &report);
        let runtime = preparation.prepare(&Source::host(interpreter, LINUX).unwrap()).unwrap();
        assert_eq!(stdout(python(&runtime).args(["-c", IMPORTS]).output().unwrap()), version.to_string());
        fs::write(runtime.tree.join(&runtime.site_packages).join("ours.pth"), "import sys; sys.ours = 1\n").unwrap();
        // Nothing is found twice, under both names of its directory of packages.
        let code = "import sys; print(sys.ours, [path.rpartition('/')[2] for path in sys.path if '-packages' in path])";
        assert_eq!(stdout(python(&runtime).args(["-c", code]).output().unwrap()), "1 ['site-packages']");
        // The whole prefix as a directory means the same.
        let again = place.prepare(&request("linux", RuntimeLocation::Directory("/usr".into()))).unwrap();
        assert_eq!(again.version, version);
        assert!(size(&again.tree) < 100 << 20);
    }
}

#[test]
fn two_preparations_in_different_directories_give_the_same_bytes() {
    let (one, other) = (Place::new(), Place::new());
    let [a, b] = [&one, &other].map(|place| content(&host_runtime_in(&place.cache, None).tree));
    assert!(a.iter().any(|(name, _)| name.ends_with("/json/__pycache__/__init__.cpython-313.pyc")) || a.len() > 500);
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a.0, b.0);
        assert!(a.1 == b.1, "`{}` differs", a.0);
        for place in [&one, &other] {
            let path = place.dir.path().to_str().unwrap().as_bytes();
            assert!(!a.1.windows(path.len()).any(|window| window == path), "`{}` names its place", a.0);
        }
    }
    assert_eq!(a.len(), b.len());
}

#[test]
fn a_prepared_runtime_is_found_again_without_work() {
    let first = host_runtime(None);
    // Made anew, the tree would be another directory of the same name.
    let made = fs::metadata(&first.tree).unwrap().modified().unwrap();
    assert_eq!(host_runtime(None), first);
    assert_eq!(fs::metadata(&first.tree).unwrap().modified().unwrap(), made);
}

#[test]
fn an_unreachable_site_is_answered_with_the_host_s_interpreter() {
    let place = Place::new();
    // The builder must cope whatever the network is like: nothing listens on this port.
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "runtime::tests::prepares_as_told_by_its_environment",
        "--include-ignored",
        "--nocapture",
    ]);
    command.env("EKIBEN_TEST_CACHE", place.cache.root()).env("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:9/pbs");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("note: python-build-standalone is not available") && text.contains("host interpreter 3."),
        "{text}"
    );
}

/// Runs in a process of its own, started by other tests, as its environment decides what happens.
#[test]
fn prepares_as_told_by_its_environment() {
    let Some(cache) = std::env::var_os("EKIBEN_TEST_CACHE") else { return };
    let cache = Cache::at(cache.into()).unwrap();
    let report = Report::new(crate::report::Verbosity::Normal);
    let target = std::env::var("EKIBEN_TEST_TARGET").unwrap_or_else(|_| "linux".to_owned());
    let mut request = request(&target, RuntimeLocation::Managed);
    request.python = std::env::var("EKIBEN_TEST_PYTHON").ok();
    let runtime =
        prepare(&request, Tools { uv: &uv(), cache: &cache, report: &report }).map_err(|e| render(&e)).unwrap();
    eprintln!("description: {}", runtime.description);
}

#[test]
fn the_embeddable_package_becomes_a_windows_runtime() {
    let place = Place::new();
    let package = embeddable::find("windows".parse().unwrap(), &Wanted::default()).unwrap();
    let (uv, report) = (uv(), Report::silent());
    let preparation = Preparation { target: "windows".parse().unwrap(), ..place.preparation(&uv, &report) };
    let runtime = preparation.prepare(&Source::embeddable(package)).unwrap();
    assert_eq!(runtime.description, "Windows embeddable 3.13.2");
    assert_eq!((runtime.interpreter.as_str(), runtime.site_packages.as_str()), ("python.exe", "Lib/site-packages"));
    for file in ["python.exe", "pythonw.exe", "python313.dll", "Lib/os.pyc", "Lib/encodings/_aliases.pyc"] {
        assert!(runtime.tree.join(file).is_file(), "{file}");
    }
    assert!(!runtime.tree.join("python313.zip").exists());
    let path = fs::read_to_string(runtime.tree.join("python313._pth")).unwrap();
    assert_eq!(path, "python313.zip\n.\nLib\nLib\\site-packages\nimport site\n");

    // Laid out in another place, the DLL tells the same version as the table.
    let found = detect::Installation::at(&runtime.tree).unwrap();
    assert_eq!(found.version, runtime.version);
}

#[test]
fn a_directory_is_copied_and_left_as_it_was() {
    let place = Place::new();
    let interpreter = host::find(&Wanted::default(), &place.cache).unwrap();
    let before = fs::read_dir(&interpreter.prefix).unwrap().count();
    let runtime = place.prepare(&request("linux", RuntimeLocation::Directory(interpreter.prefix.clone()))).unwrap();
    assert_eq!(stdout(python(&runtime).args(["-c", IMPORTS]).output().unwrap()), runtime.version.to_string());
    assert_eq!(fs::read_dir(&interpreter.prefix).unwrap().count(), before);
    assert_eq!(runtime.version, interpreter.version);

    let error = place.prepare(&request("windows", RuntimeLocation::Directory(interpreter.prefix))).unwrap_err();
    assert!(render(&error).contains("holds a CPython for Linux"), "{}", render(&error));
}

#[test]
fn a_directory_that_holds_no_cpython_is_refused() {
    let place = Place::new();
    let nothing = place.dir.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    let error = place.prepare(&request("linux", RuntimeLocation::Directory(nothing))).unwrap_err();
    let text = render(&error);
    assert!(text.contains("holds no CPython installation") && text.contains("help: "), "{text}");
}

#[test]
fn a_free_threaded_cpython_is_refused_by_name() {
    let place = Place::new();
    for (target, program, names) in [
        // As `make install` leaves it.
        ("linux", "python3.14t", &["bin/python3.14", "bin/python3.14t", "lib/python3.14t/os.py"][..]),
        ("windows", "python314t.dll", &["python.exe", "python314t.dll", "Lib/os.py"]),
    ] {
        let root = place.dir.path().join(program);
        for name in names {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let text = render(&place.prepare(&request(target, RuntimeLocation::Directory(root))).unwrap_err());
        assert!(text.contains(&format!("holds a free-threaded CPython (`{program}`)\nhelp: ekiben")), "{text}");
    }
}

#[test]
fn bytecode_compiles_and_templates_are_left_out() {
    let place = Place::new();
    let runtime = host_runtime(None);
    let tree = place.dir.path().join("packages");
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("good.py"), "VALUE = 1\n").unwrap();
    fs::write(tree.join("template.py"), "print {{ name }} !\n").unwrap();
    let compiler = runtime.compiler(&place.cache, &Report::silent()).unwrap();
    compiler.compile(&tree, &SourcePolicy::Keep, &Report::silent()).unwrap();
    let compiled: Vec<_> = fs::read_dir(tree.join("__pycache__")).unwrap().map(|e| e.unwrap().path()).collect();
    let [pyc] = compiled.as_slice() else { panic!("{compiled:?}") };
    let bytes = fs::read(pyc).unwrap();
    assert_eq!(bytes[4..8], [1, 0, 0, 0], "an unchecked hash");
    assert!(pyc.to_str().unwrap().ends_with(&format!("good.cpython-{}.pyc", runtime.version.nodot())));

    // Where sources go, those stay that are named, and those that do not compile.
    fs::remove_dir_all(tree.join("__pycache__")).unwrap();
    fs::create_dir(tree.join("kept")).unwrap();
    fs::write(tree.join("kept/named.py"), "VALUE = 1\n").unwrap();
    fs::write(tree.join("kept_not.py"), "VALUE = 1\n").unwrap();
    let sources = SourcePolicy::Drop { except: vec!["kept".to_owned()] };
    compiler.compile(&tree, &sources, &Report::silent()).unwrap();
    let named = format!("kept/__pycache__/named.cpython-{}.pyc", runtime.version.nodot());
    assert_eq!(files(&tree), ["good.pyc", named.as_str(), "kept/named.py", "kept_not.pyc", "template.py"]);
    let code =
        format!("import sys; sys.path.append({tree:?}); import good, kept_not, kept.named; print(good.__file__)");
    let found = python(&runtime).current_dir("/").args(["-c", &code]).output().unwrap();
    assert_eq!(stdout(found), tree.join("good.pyc").to_str().unwrap());
}

/// All files below a directory, by their paths from there.
fn files(directory: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| entry.path().strip_prefix(directory).unwrap().to_str().unwrap().to_owned()).collect()
}
