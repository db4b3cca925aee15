//! CPython's own tests, in a bundle and in the interpreter that the bundle was made from: they end alike, but for the
//! differences that `regression/differences.txt` lists, each with its reason.
//!
//! A selection runs here. `EKIBEN_REGRESSION=wide` runs many more, for a quarter of an hour, and also complains of listed
//! differences that are none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use ekiben_tests::{Os, Program, TestContext, skip};

const SELECTION: &str = include_str!("regression/selection.txt");
const WIDE: &str = include_str!("regression/wide.txt");
const DIFFERENCES: &str = include_str!("regression/differences.txt");
const RESULTS: &str = include_str!("regression/results.py");

/// An app that is nothing but CPython's test runner, `python -m test`.
const MAIN: &str = "from test.libregrtest.main import main\n\nif __name__ == '__main__':\n    main()\n";
const SETTINGS: &str = "name = \"regression\"\nversion = \"1\"\nentry-point = \"main.py\"\n\
                        include = [\"main.py\", \"test\", \"*.so\"]\ncompression = \"fast\"\n";
/// A test that fails beside others on a busy machine gets this many further chances.
const CHANCES: usize = 2;

/// How tests ended, by their names.
type Results = BTreeMap<String, String>;

#[test]
fn cpythons_own_tests_end_as_in_the_plain_interpreter() {
    let context = TestContext::new();
    let bundle = context.bundle("probe", Os::Linux);
    let facts = context.ekiben().args(["inspect", "--json"]).arg(&bundle).run().json();
    let version = facts["python"].as_str().unwrap();
    let Some((plain, tests)) = interpreter_with_tests(version) else {
        return skip("EKIBEN_REQUIRE_CPYTHON_TESTS", &format!("there is no CPython {version} here that has its tests"));
    };

    let project = context.path("project");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("main.py"), MAIN).unwrap();
    fs::write(project.join("ekiben.toml"), format!("{SETTINGS}python = \"{version}\"\n")).unwrap();
    copy(&tests, &project.join("test"));
    // A runtime comes without the extension modules that are there for these tests alone.
    for module in fs::read_dir(tests.with_file_name("lib-dynload")).unwrap() {
        let (path, name) = module.map(|module| (module.path(), module.file_name())).unwrap();
        if ["_test", "_ctypes_test", "xxlimited"].iter().any(|start| text(Path::new(&name)).starts_with(start)) {
            copy(&path, &project.join(name));
        }
    }
    let bundle = context.path("regression");
    context.ekiben().arg("build").arg(&project).arg("--output").arg(&bundle).run().success();

    let runs = Runs { context: &context, bundle: context.program(bundle), plain: context.program(plain) };
    let wide = std::env::var_os("EKIBEN_REGRESSION").is_some_and(|value| value == "wide");
    let selection: Vec<_> = if wide { WIDE } else { SELECTION }.split_whitespace().collect();
    let (mut bundled, mut alone) = runs.both(&selection, &[]);
    assert!(bundled.len() > 2000 && bundled.values().filter(|end| *end == "passed").count() > 1500, "{bundled:#?}");

    let listed: BTreeSet<_> = DIFFERENCES.lines().filter(|line| line.starts_with("test.")).map(str::to_owned).collect();
    let mut unlisted: Vec<_> = different(&bundled, &alone).difference(&listed).cloned().collect();
    for _ in 0..CHANCES {
        if unlisted.is_empty() {
            break;
        }
        let files: BTreeSet<_> = unlisted.iter().filter_map(|test| test.split('.').nth(1)).collect();
        let (again_bundled, again_alone) = runs.both(&Vec::from_iter(files), &unlisted);
        bundled.extend(again_bundled);
        alone.extend(again_alone);
        unlisted = different(&bundled, &alone).difference(&listed).cloned().collect();
    }
    let ends: Vec<_> = unlisted.iter().map(|test| (test, bundled.get(test), alone.get(test))).collect();
    assert!(ends.is_empty(), "(test, bundle, plain interpreter): {ends:#?}");
    if wide {
        let all = different(&bundled, &alone);
        let stale: Vec<_> = listed.difference(&all).collect();
        assert!(stale.is_empty(), "listed, and no different: {stale:#?}");
    }
}

struct Runs<'a> {
    context: &'a TestContext,
    bundle: Program,
    plain: Program,
}

impl Runs<'_> {
    /// How the tests in these files end in a bundle, and in the plain interpreter, at the same time; only those with these
    /// names, if there are any.
    fn both(&self, files: &[&str], names: &[String]) -> (Results, Results) {
        let plain = self.plain.clone().args(["-m", "test"]);
        thread::scope(|scope| {
            let bundled = scope.spawn(|| self.results(self.bundle.clone(), "bundle", files, names));
            let alone = self.results(plain, "plain", files, names);
            (bundled.join().unwrap(), alone)
        })
    }

    fn results(&self, program: Program, name: &str, files: &[&str], names: &[String]) -> Results {
        let temporary = self.context.path(format!("{name}-tmp"));
        fs::create_dir_all(&temporary).unwrap();
        let report = self.context.path(format!("{name}.xml"));
        let options = ["-j2", "--timeout", "400", "--tempdir", text(&temporary), "--junit-xml", text(&report)];
        let matching = names.iter().flat_map(|name| ["-m", name]);
        let outcome = program.directory(&temporary).args(options).args(matching).args(files).run();
        let results = self.context.write("results.py", RESULTS);
        let told = self.plain.clone().arg("-I").arg(results).arg(&report).run();
        assert_eq!(told.code, Some(0), "{name}: {outcome:#?}\n{told:#?}");
        told.stdout
            .lines()
            .filter_map(|l| l.split_once(' '))
            .map(|(test, end)| (test.to_owned(), end.to_owned()))
            .collect()
    }
}

/// Tests that did not end alike, or ran in one of both only.
fn different(bundled: &Results, alone: &Results) -> BTreeSet<String> {
    let all = bundled.keys().chain(alone.keys());
    all.filter(|test| bundled.get(*test) != alone.get(*test)).cloned().collect()
}

/// An interpreter of this version on this machine, and where its tests are.
fn interpreter_with_tests(version: &str) -> Option<(PathBuf, PathBuf)> {
    const ASKED: &str = "import platform, sys, test.libregrtest as t\n\
                         print(platform.python_version(), sys.executable, t.__path__[0], sep='\\n')";
    let minor = version.rsplit_once('.')?.0;
    // pyenv's shims start what this variable says.
    let told = Command::new(format!("python{minor}")).env("PYENV_VERSION", version).args(["-I", "-c", ASKED]).output();
    let told = String::from_utf8(told.ok()?.stdout).ok()?;
    let [found, interpreter, runner] = told.lines().collect::<Vec<_>>()[..] else { return None };
    (found == version).then(|| (PathBuf::from(interpreter), Path::new(runner).parent().unwrap().to_owned()))
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-R").args([from, to]).status().unwrap().success());
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
