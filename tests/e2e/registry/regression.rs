//! CPython's own tests, in a bundle and in the interpreter that the bundle was made from: they end alike, but for the
//! differences that `regression/differences.txt` lists, each with its reason.
//!
//! A selection runs here, a small one under Wine. `EKIBEN_REGRESSION=wide` runs many more, for a quarter of an hour, and also complains of listed
//! differences that are none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use ekiben_tests::{Os, Program, TestContext, skip};

const SELECTION: &str = include_str!("regression/selection.txt");

const WIDE: &str = include_str!("regression/wide.txt");

pub(crate) const DIFFERENCES: &str = include_str!("regression/differences.txt");

pub(crate) const RESULTS: &str = include_str!("regression/results.py");

/// An app that is nothing but CPython's test runner, `python -m test`. It asks Windows for performance counters, which Wine
/// has none of.
pub(crate) const MAIN: &str = "from test.libregrtest import logger
from test.libregrtest.main import main

logger.Logger.start_load_tracker = lambda self: None
if __name__ == '__main__':
    main()
";

pub(crate) const SETTINGS: &str = "name = \"regression\"\nversion = \"1\"\nentry-point = \"main.py\"\n\
                        include = [\"main.py\", \"test\", \"*.so\"]\ncompression = \"fast\"\n";

/// A test that fails beside others on a busy machine gets this many further chances.
pub(crate) const CHANCES: usize = 2;

/// How tests ended, by their names.
pub(crate) type Results = BTreeMap<String, String>;

#[test]
fn cpythons_own_tests_end_as_in_the_plain_interpreter() {
    let context = TestContext::new();
    let Some(plain) = Plain::or_skip(&context) else { return };
    let bundle = plain.bundle(&context, &["--python".as_ref(), plain.version.as_ref()]);
    let runs = Runs {
        context: &context,
        bundle: context.program(bundle),
        plain: context.program(&plain.interpreter).args(["-m", "test"]),
        reader: &plain.interpreter,
        options: &["-j2", "--timeout", "400"],
    };
    let wide = std::env::var_os("EKIBEN_REGRESSION").is_some_and(|value| value == "wide");
    let (bundled, alone) = runs.end_alike(if wide { WIDE } else { SELECTION }, 1500);
    if wide {
        let all = different(&bundled, &alone);
        let stale: Vec<_> = listed().difference(&all).cloned().collect();
        assert!(stale.is_empty(), "listed, and no different: {stale:#?}");
    }
}

/// The interpreter of this machine that bundles for it are made from, with CPython's tests.
pub(crate) struct Plain {
    pub(crate) version: String,
    pub(crate) interpreter: PathBuf,
    pub(crate) tests: PathBuf,
}

impl Plain {
    pub(crate) fn or_skip(context: &TestContext) -> Option<Self> {
        const ASKED: &str = "import platform, sys, test.libregrtest as t\n\
                             print(platform.python_version(), sys.executable, t.__path__[0], sep='\\n')";
        let bundle = context.bundle("probe", Os::Linux);
        let facts = context.ekiben().args(["inspect", "--json"]).arg(&bundle).run().json();
        let version = facts["python"].as_str().unwrap();
        let minor = version.rsplit_once('.').unwrap().0;
        // pyenv's shims start what this variable says.
        let asked =
            Command::new(format!("python{minor}")).env("PYENV_VERSION", version).args(["-I", "-c", ASKED]).output();
        let told = asked.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
        match told.lines().collect::<Vec<_>>()[..] {
            [found, interpreter, runner] if found == version => Some(Self {
                version: found.to_owned(),
                interpreter: interpreter.into(),
                tests: Path::new(runner).parent().unwrap().to_owned(),
            }),
            _ => {
                skip("EKIBEN_REQUIRE_CPYTHON_TESTS", &format!("no CPython {version} here has its tests"));
                None
            }
        }
    }

    /// The app, built with these arguments.
    pub(crate) fn bundle(&self, context: &TestContext, arguments: &[&Path]) -> PathBuf {
        let project = context.path("project");
        fs::create_dir(&project).unwrap();
        fs::write(project.join("main.py"), MAIN).unwrap();
        fs::write(project.join("ekiben.toml"), SETTINGS).unwrap();
        copy(&self.tests, &project.join("test"));
        // A runtime comes without the extension modules that are there for these tests alone.
        for module in fs::read_dir(self.tests.with_file_name("lib-dynload")).unwrap() {
            let (path, name) = module.map(|module| (module.path(), module.file_name())).unwrap();
            if ["_test", "_ctypes_test", "xxlimited"].iter().any(|start| text(Path::new(&name)).starts_with(start)) {
                copy(&path, &project.join(name));
            }
        }
        let bundle = context.path("regression.exe");
        context.ekiben().arg("build").arg(&project).arg("--output").arg(&bundle).args(arguments).run().success();
        bundle
    }
}

pub(crate) struct Runs<'a> {
    pub(crate) context: &'a TestContext,
    pub(crate) bundle: Program,
    pub(crate) plain: Program,
    /// What reads reports.
    pub(crate) reader: &'a Path,
    pub(crate) options: &'a [&'a str],
}

impl Runs<'_> {
    /// That the tests in these files, of which so many pass at least, end alike but for what is listed.
    pub(crate) fn end_alike(&self, files: &str, passed: usize) -> (Results, Results) {
        let (mut bundled, mut alone) = self.both(&files.split_whitespace().collect::<Vec<_>>(), &[]);
        assert!(bundled.values().filter(|end| *end == "passed").count() > passed, "{bundled:#?}");
        let mut left = unlisted(&bundled, &alone);
        for _ in 0..CHANCES {
            if left.is_empty() {
                break;
            }
            let files: BTreeSet<_> = left.iter().filter_map(|test| test.split('.').nth(1)).collect();
            let (again_bundled, again_alone) = self.both(&Vec::from_iter(files), &left);
            bundled.extend(again_bundled);
            alone.extend(again_alone);
            left = unlisted(&bundled, &alone);
        }
        let ends: Vec<_> = left.iter().map(|test| (test, bundled.get(test), alone.get(test))).collect();
        assert!(ends.is_empty(), "(test, bundle, plain interpreter): {ends:#?}");
        (bundled, alone)
    }

    /// How the tests in these files end in a bundle, and in the plain interpreter, at the same time; only those with these
    /// names, if there are any.
    pub(crate) fn both(&self, files: &[&str], names: &[String]) -> (Results, Results) {
        thread::scope(|scope| {
            let bundled = scope.spawn(|| self.results(&self.bundle, "bundle", files, names));
            let alone = self.results(&self.plain, "plain", files, names);
            (bundled.join().unwrap(), alone)
        })
    }

    pub(crate) fn results(&self, program: &Program, name: &str, files: &[&str], names: &[String]) -> Results {
        let directory = self.context.path(format!("{name}-directory"));
        fs::create_dir_all(&directory).unwrap();
        let matching = names.iter().flat_map(|name| ["-m", name]);
        let told = program.clone().directory(&directory).args(self.options).args(["--junit-xml", "report.xml"]);
        let outcome = told.args(matching).args(files).run();
        let results = self.context.write(format!("{name}-results.py"), RESULTS);
        let read = self.context.program(self.reader).arg("-I").arg(results).arg(directory.join("report.xml")).run();
        assert_eq!(read.code, Some(0), "{name}: {outcome:#?}\n{read:#?}");
        read.stdout
            .lines()
            .filter_map(|l| l.split_once(' '))
            .map(|(test, end)| (test.to_owned(), end.to_owned()))
            .collect()
    }
}

pub(crate) fn listed() -> BTreeSet<String> {
    DIFFERENCES.lines().filter(|line| line.starts_with("test.")).map(str::to_owned).collect()
}

/// Tests that did not end alike, or ran in one of both only.
pub(crate) fn different(bundled: &Results, alone: &Results) -> BTreeSet<String> {
    let all = bundled.keys().chain(alone.keys());
    all.filter(|test| bundled.get(*test) != alone.get(*test)).cloned().collect()
}

pub(crate) fn unlisted(bundled: &Results, alone: &Results) -> Vec<String> {
    different(bundled, alone).difference(&listed()).cloned().collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-R").args([from, to]).status().unwrap().success());
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
