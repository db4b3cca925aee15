//! A package instead of a project: by a requirement, a wheel, an sdist or a commit, started by the command it installs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::{Program, TestContext, windows_builds_or_skip};

pub(crate) fn build(context: &TestContext) -> Program {
    context.ekiben().args(["build", "--compression", "fast"])
}

/// Makes a wheel of these files, by Python.
pub(crate) fn wheel(context: &TestContext, tag: &str, files: &[(&str, &[u8])]) -> PathBuf {
    const MAKE: &str = "import sys, zipfile, pathlib\n\
        out, tree = sys.argv[1], pathlib.Path(sys.argv[2])\n\
        with zipfile.ZipFile(out, 'w') as wheel:\n\
        \x20   names = sorted(p.relative_to(tree).as_posix() for p in tree.rglob('*') if p.is_file())\n\
        \x20   for name in names: wheel.write(tree / name, name)\n\
        \x20   wheel.writestr('box-1.5.dist-info/RECORD', ''.join(f'{n},,\\n' for n in names))\n";
    let (tree, out) = (context.path("tree"), context.path(format!("box-1.5-{tag}.whl")));
    let info = [
        ("box-1.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: box\nVersion: 1.5\n".to_owned()),
        ("box-1.5.dist-info/WHEEL", format!("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")),
    ];
    info.iter().for_each(|(name, text)| drop(context.write(format!("tree/{name}"), text)));
    files.iter().for_each(|(name, bytes)| drop(context.write(format!("tree/{name}"), bytes)));
    let status = Command::new("python3").args(["-c", MAKE]).arg(&out).arg(&tree).status().unwrap();
    assert!(status.success());
    fs::remove_dir_all(tree).unwrap();
    out
}

#[test]
fn a_package_of_the_index_is_built_into_the_current_directory_and_again() {
    let context = TestContext::new();
    for _ in 0..2 {
        // The second time there is a file of that name: the bundle.
        let built = build(&context).arg("cowsay").run();
        built.success();
        assert!(built.stderr.contains("built cowsay "), "{built:#?}");
        assert!(built.stderr.matches("note: ").count() <= 1, "{built:#?}");
    }
    let said = context.program(context.path("cowsay")).args(["-t", "hi"]).run();
    assert!(said.quiet_stdout().contains("| hi |"), "{said:#?}");
}

#[test]
fn a_version_and_packages_beside_it_are_asked_for() {
    let context = TestContext::new();
    let entry = ["--with", "iniconfig==2.0.0", "--entry", "iniconfig:IniConfig", "--name", "beside"];
    let built = build(&context).arg("cowsay==6.1").args(entry).run();
    built.success();
    assert!(built.stderr.contains("built beside 6.1 "), "{built:#?}");
    // A class is called without its argument: it is there.
    let outcome = context.program(context.path("beside")).run();
    assert!(outcome.stderr.contains("IniConfig.__init__() missing 1 required"), "{outcome:#?}");
}

#[test]
fn a_directory_wins_over_a_package_of_the_same_name() {
    let context = TestContext::new();
    context.write("cowsay/main.py", "print('ours')\n");
    build(&context).arg("cowsay").run().success();
    assert_eq!(context.program(context.path("cowsay/dist/cowsay")).run().quiet_stdout(), "ours\n");
}

#[test]
fn a_package_with_several_commands_lists_them_and_starts_the_one_that_is_named() {
    let context = TestContext::new();
    let entry_points = "[console_scripts]\none = box:one\ntwo = box:two\n";
    let module = "def one(): print('1')\ndef two(): print('2')\n";
    let files = [("box.py", module.as_bytes()), ("box-1.5.dist-info/entry_points.txt", entry_points.as_bytes())];
    let wheel = wheel(&context, "py3-none-any", &files);
    assert_eq!(
        context.complaint(&build(&context).arg("--quiet").arg(&wheel).run(), 1),
        "error: `[DIR]/box-1.5-py3-none-any.whl` has several commands: `one`, `two`\n\
         help: choose one with `ekiben build --from '[DIR]/box-1.5-py3-none-any.whl' one`\n"
    );
    assert_eq!(
        context.complaint(&build(&context).arg("--quiet").arg("--from").arg(&wheel).arg("three").run(), 1),
        "error: `[DIR]/box-1.5-py3-none-any.whl` has no command `three`\nhelp: it has `one`, `two`\n"
    );
    let built = build(&context).arg("--from").arg(&wheel).arg("two").run();
    built.success();
    assert!(built.stderr.contains("built two 1.5 "), "{built:#?}");
    assert_eq!(context.program(context.path("two")).run().quiet_stdout(), "2\n");
}

#[test]
fn a_script_that_a_wheel_brings_is_started() {
    let context = TestContext::new();
    let script = b"#!python\nimport box, sys\nprint(box.NAME, __name__, sys.argv[1:])\nsys.exit(3)\n";
    let files = [("box.py", &b"NAME = 'box'\n"[..]), ("box-1.5.data/scripts/box", script)];
    let wheel = wheel(&context, "py3-none-any", &files);
    build(&context).arg(wheel).run().success();
    let outcome = context.program(context.path("box")).args(["a", "b"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), "box __main__ ['a', 'b']\n"), "{outcome:#?}");
    // Nothing in it names the machine on which it was built.
    let script = context.program("find").arg(context.version_dir("box")).args(["-path", "*/bin/box"]).run();
    let text = fs::read_to_string(script.quiet_stdout().trim()).unwrap();
    assert!(text.starts_with("#!/bin/sh\n'''exec' \"$(dirname "), "{text}");
}

#[test]
fn a_program_that_a_wheel_brings_takes_the_place_of_the_interpreter() {
    let context = TestContext::new();
    let program = fs::read("/bin/sh").unwrap();
    let files = [("box.py", &b""[..]), ("box-1.5.data/scripts/box", &program)];
    let wheel = wheel(&context, "py3-none-linux_x86_64", &files);
    build(&context).arg(&wheel).run().success();
    let outcome = context.program(context.path("box")).args(["-c", "echo $0 $1; exit 7", "it", "runs"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(7), "it runs\n"), "{outcome:#?}");
    let refused = build(&context).arg("--quiet").arg(wheel).arg("--minimal").run();
    assert_eq!(
        context.complaint(&refused, 1),
        "error: `minimal` follows imports, and `bin/box` is not a program in Python\nhelp: build it without `minimal`\n"
    );
}

/// The sources of a package, as an sdist or a repository has them.
fn sources(context: &TestContext, directory: &str) -> PathBuf {
    let pyproject = "[project]\nname = \"box\"\nversion = \"1.5\"\nscripts.box = \"box:main\"\n\
                     [build-system]\nrequires = [\"flit_core\"]\nbuild-backend = \"flit_core.buildapi\"\n";
    let pyproject = pyproject.replace("version = \"1.5\"", "version = \"1.5\"\ndescription = \"A box\"");
    context.write(format!("{directory}/pyproject.toml"), pyproject);
    context.write(format!("{directory}/PKG-INFO"), "Metadata-Version: 2.1\nName: box\nVersion: 1.5\n");
    context.write(format!("{directory}/box.py"), "def main(): print('from its sources')\n");
    context.path(directory)
}

fn command(context: &TestContext, directory: &Path, words: &[&str]) -> String {
    context.program(words[0]).directory(directory).args(&words[1..]).run().quiet_stdout().trim().to_owned()
}

#[test]
fn an_sdist_is_built_and_started() {
    let context = TestContext::new();
    sources(&context, "box-1.5");
    command(&context, context.root(), &["tar", "czf", "box-1.5.tar.gz", "box-1.5"]);
    build(&context).arg("box-1.5.tar.gz").run().success();
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "from its sources\n");
}

#[test]
fn a_commit_of_a_repository_is_built_and_started() {
    let context = TestContext::new();
    let repository = sources(&context, "repository");
    let git = |words: &[&str]| {
        let settings = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
        command(&context, &repository, &[&settings, words].concat())
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one"]);
    let commit = git(&["rev-parse", "HEAD"]);
    // A later commit is another thing.
    context.write("repository/box.py", "def main(): print('later')\n");
    git(&["commit", "--quiet", "-am", "two"]);
    let built = build(&context).arg(format!("git+file://{}@{commit}", repository.display())).run();
    built.success();
    assert!(built.stderr.contains("note: without a hash, so not checked: box @ git+file://"), "{built:#?}");
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "from its sources\n");
}

#[test]
fn what_is_no_package_says_what_is_wrong() {
    let context = TestContext::new();
    let error = |arguments: &[&str]| context.complaint(&build(&context).arg("--quiet").args(arguments).run(), 1);
    let help = "help: write a package as `httpie`, `httpie==3.2.4`, `git+https://…@commit`, or the path of a wheel or an \
                sdist\n";
    assert_eq!(
        error(&["httpie=3"]),
        format!(
            "error: there is no `httpie=3`, and it is not a requirement: no such comparison operator \"=\", must be one of \
             ~= == != <= >= < > ===\n{help}"
        )
    );
    assert!(error(&["httpie", "--with", "rich=>2"]).starts_with("error: --with: `rich=>2` is not a requirement: "));
    assert_eq!(
        error(&["iniconfig==2.0.0"]),
        "error: `iniconfig==2.0.0` has no command that could be started\n\
         help: name a function of it with `--entry pkg.module:function`, or a module with `--entry '-m pkg'`\n"
    );
    context.write("project/main.py", "");
    assert_eq!(
        error(&["project", "--with", "rich"]),
        "error: `--with` can't be used with a project\nhelp: add the package to the project's dependencies\n"
    );
    let unknown = error(&["ekiben-test-no-such-package"]);
    assert!(
        unknown.starts_with(
            "error: there is no file `ekiben-test-no-such-package`, and no such package could be installed"
        ),
        "{unknown}"
    );
}

/// A project whose package installs commands, a script of its own and data files, and has a dependency with a program.
pub(crate) fn write_seat_finder(context: &TestContext) -> PathBuf {
    const SETUP: &str = "from setuptools import setup
setup(
    name='seat-finder', version='1', py_modules=['seats'], scripts=['seat-script'], install_requires=['ninja'],
    data_files=[('share/seats', ['plan.txt']), ('etc/seats', ['seats.cfg'])],
    entry_points={'console_scripts': ['seat-finder=seats:main', 'seat-other=seats:other']},
)
";
    const CODE: &str = "import importlib.metadata, ninja, os, subprocess, sys, sysconfig
from pathlib import Path

def main():
    print(open(sys.prefix + '/share/seats/plan.txt').read(), open(sys.prefix + '/etc/seats/seats.cfg').read())
    print(Path(ninja.BIN_DIR).resolve() == Path(sysconfig.get_path('scripts')).resolve(), flush=True)
    scripts = Path(sysconfig.get_path('scripts') if os.name == 'nt' else sys.executable).parent
    for command in ['seat-other', 'x'], ['seat-script'], ['ninja', '--version'], [scripts / 'seat-script']:
        if os.name != 'nt' or isinstance(command[0], str):
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()[:12])
    print(all(file.locate().exists() for file in importlib.metadata.files('seat-finder')))

def other():
    print(Path(sys.argv[0]).name, sys.argv[1:])
";
    let project = context.path("seat-finder");
    for (name, text) in [
        ("setup.py", SETUP),
        ("seats.py", CODE),
        ("seat-script", "#!/usr/bin/env python\nimport seats\nprint('the', seats.__name__)\n"),
        ("plan.txt", "a plan"),
        ("seats.cfg", "a setting"),
    ] {
        context.write(project.join(name), text);
    }
    project
}

#[test]
fn every_part_of_a_wheel_is_where_it_is_in_a_virtual_environment() {
    let context = TestContext::new();
    let (project, output) = (write_seat_finder(&context), context.path("app"));
    build(&context).arg(&project).arg("-o").arg(&output).run().success();
    // Wherever it is installed.
    for root in ["one", "another place"] {
        let said = context.program(&output).env("EKIBEN_ROOT", context.path(root)).run();
        let lines = said.quiet_stdout().lines().collect::<Vec<_>>();
        assert_eq!(lines[..4], ["a plan a setting", "True", "seat-other [", "the seats"], "{said:#?}");
        assert!(lines[4].starts_with("1."), "{said:#?}");
        assert_eq!(lines[5..], ["the seats", "True"], "{said:#?}");
    }
}

#[test]
fn tests_that_a_package_runs_stay_and_others_are_listed_in_the_summary() {
    let context = TestContext::new();
    let main = "from os.path import dirname, join\ndef main(): print(open(join(dirname(__file__), \"tests\", \"a.txt\")).read())\n";
    let files = |main: &str| {
        let entry_points = "[console_scripts]\nbox = box:main\n";
        let files = [
            ("box/__init__.py", main),
            ("box/tests/a.txt", "product"),
            ("box-1.5.dist-info/entry_points.txt", entry_points),
        ];
        wheel(&context, "py3-none-any", &files.map(|(name, text)| (name, text.as_bytes())))
    };
    let built = build(&context).arg(files(main)).run();
    built.success();
    assert!(!built.stderr.contains("left out the tests"), "{built:#?}");
    assert_eq!(context.program(context.path("box")).run().quiet_stdout(), "product\n");
    let built = build(&context).arg(files("def main(): pass\n")).run();
    let line = "  left out the tests of box: 1 files (`dependency-tests = true` keeps them)\n";
    assert!(built.stderr.contains(line), "{built:#?}");
}

#[test]
fn a_name_that_windows_forbids_is_reported_with_its_distribution() {
    let context = TestContext::new();
    let wheel = wheel(&context, "py3-none-any", &[("box/aux.py", b"")]);
    context.write("project/main.py", "");
    context.write("project/requirements.txt", format!("box @ file://{}\n", wheel.display()));
    let build = build(&context).args(["project", "--quiet", "--target", "windows"]).run();
    let said = context.complaint(&build, 1);
    assert!(said.starts_with("error: could not pack a file of `box 1.5`: "), "{said}");
    assert!(said.contains(": a device name\nhelp: "), "{said}");
}

#[test]
fn wheels_are_chosen_for_the_glibc_of_this_machine_or_for_the_one_that_is_configured() {
    let context = TestContext::new();
    for (name, tag) in [("old", "py3-none-manylinux_2_28_x86_64"), ("new", "py3-none-manylinux_2_31_x86_64")] {
        wheel(&context, tag, &[("box.py", format!("NAME = '{name}'\n").as_bytes())]);
    }
    context.write("app/requirements.txt", "--no-index\n--find-links ..\nbox\n");
    context.write("app/main.py", "import box\nprint(box.NAME)\n");
    for (settings, expected) in [("", "new"), ("glibc = \"2.30\"\n", "old"), ("glibc = \"2.31\"\n", "new")] {
        context.write("app/ekiben.toml", settings);
        let built = build(&context).arg("--force").arg(context.path("app")).run();
        built.success();
        let is_of_this_machine = built.stderr.contains("(host interpreter");
        let expected = if settings.is_empty() && !is_of_this_machine { "old" } else { expected };
        assert_eq!(context.program(context.path("app/dist/app")).run().quiet_stdout(), format!("{expected}\n"));
        // The CPython of this machine needs more than that.
        let notes = is_of_this_machine && !settings.is_empty();
        assert_eq!(built.stderr.contains("note: `glibc` is 2.3"), notes, "{built:#?}");
    }
    let shown = context.ekiben().arg("inspect").arg(context.path("app/dist/app")).run();
    let line = shown.stdout.lines().find(|line| line.starts_with("glibc ")).unwrap_or_default();
    assert!(line.ends_with(" or newer"), "{shown:#?}");
}

#[test]
fn the_summary_names_the_libraries_that_the_target_must_have() {
    let context = TestContext::new();
    let library = context.path("libmissing-here.so.5");
    let linked = context.path("box.abi3.so");
    for (out, rest) in [(&library, vec![]), (&linked, vec![library.as_os_str()])] {
        let source = context.write("empty.c", "");
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-Wl,--no-as-needed,-soname"])
            .arg(format!("-Wl,{}", out.file_name().unwrap().display()));
        assert!(compiler.arg("-o").arg(out).arg(source).args(rest).status().unwrap().success());
    }
    let code = fs::read(linked).unwrap();
    let entry_points = b"[console_scripts]\nbox = os:getcwd\n";
    let files = [("box.abi3.so", &*code), ("box-1.5.dist-info/entry_points.txt", entry_points)];
    let wheel = wheel(&context, "py3-none-linux_x86_64", &files);
    let built = build(&context).arg(&wheel).run();
    built.success();
    assert!(built.stderr.contains("  libraries of the system: libmissing-here.so.5\n"), "{built:#?}");
}

#[test]
fn a_wheel_of_pure_python_is_built_for_windows_although_path_has_shims_that_start_no_python() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    for name in ["python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"] {
        let shim = context.write(format!("shims/{name}"), "#!/bin/sh\necho command not found >&2\nexit 127\n");
        fs::set_permissions(shim, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let project = "[project]\nname = \"pure\"\nversion = \"1\"\nrequires-python = \">=3.13\"\nscripts.pure = \"pure:main\"\n\
                   [build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    context.write("pure/pyproject.toml", project);
    context.write("pure/pure.py", "def main(): pass\n");
    let path = format!("{}:{}", context.path("shims").display(), std::env::var("PATH").unwrap());
    let build = build(&context).args(["--target", "windows"]).arg(context.path("pure"));
    build.env("PATH", path).run().success();
}
