//! Kinds of projects: what each says in its own way is in the bundle.

use ekiben_tests::{Outcome, Program, TestContext};

/// A project of these files, built for this machine and run. What `ekiben build` and then the bundle said.
fn built_and_run(context: &TestContext, files: &[(&str, &str)], arguments: &[&str]) -> (Outcome, Outcome) {
    for (name, text) in files {
        context.write(format!("project/{name}"), text);
    }
    let output = context.path("app");
    let built = build(context).args(arguments).arg("--output").arg(&output).run();
    built.success();
    (built, context.program(&output).arg("one").run())
}

fn build(context: &TestContext) -> Program {
    context.ekiben().args(["build", "--compression", "fast"]).arg(context.path("project"))
}

/// Says its version, that of a dependency and what it was given.
const MODULE: &str = "import iniconfig, importlib.metadata, sys\n\
                      def main():\n    print(importlib.metadata.version('box'), iniconfig.__name__, sys.argv[1:])\n";

#[test]
fn a_project_with_only_a_setup_py_has_its_version_its_dependencies_and_its_script() {
    let context = TestContext::new();
    let setup = "from setuptools import setup\n\
                 setup(name='box', version='3.1', py_modules=['box'], install_requires=['iniconfig==2.0.0'],\n\
                 extras_require={'more': ['mdurl==0.1.2']}, entry_points={'console_scripts': ['box=box:main']})\n";
    let files = [("setup.py", setup), ("box.py", MODULE)];
    let (built, ran) = built_and_run(&context, &files, &[]);
    assert!(built.stderr.contains("built box 3.1 for "), "{built:#?}");
    assert_eq!(ran.quiet_stdout(), "3.1 iniconfig ['one']\n");
    // Nothing was left in the project.
    let left: Vec<_> = context.everything().into_iter().filter(|path| path.starts_with("project/")).collect();
    assert_eq!(left, ["project/box.py", "project/setup.py"]);
}

#[test]
fn extras_of_a_project_with_only_a_setup_py_are_chosen_on_the_command_line() {
    let context = TestContext::new();
    let setup = "from setuptools import setup\n\
                 setup(name='box', version='3.1', py_modules=['box'], extras_require={'more': ['mdurl==0.1.2']},\n\
                 entry_points={'console_scripts': ['box=box:main']})\n";
    let files = [("setup.py", setup), ("box.py", "def main():\n    import mdurl; print(mdurl.__name__)\n")];
    let (_, ran) = built_and_run(&context, &files, &["--extra", "more"]);
    assert_eq!(ran.quiet_stdout(), "mdurl\n");
    let unknown = build(&context).args(["--quiet", "--extra", "less"]).run();
    assert_eq!(context.complaint(&unknown, 1), "error: --extra: `box` has no extra `less`\nhelp: it has `more`\n");
}

#[test]
fn a_project_of_poetry_has_its_version_its_dependencies_and_its_script() {
    let context = TestContext::new();
    let pyproject = "[tool.poetry]\nname = \"box\"\nversion = \"0.4\"\ndescription = \"\"\nauthors = []\n\
                     [tool.poetry.dependencies]\npython = \"^3.11\"\niniconfig = \"^2.0\"\n\
                     [tool.poetry.scripts]\nbox = \"box:main\"\n\
                     [build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
    let (built, ran) = built_and_run(&context, &[("pyproject.toml", pyproject), ("box.py", MODULE)], &[]);
    assert!(built.stderr.contains("built box 0.4 for "), "{built:#?}");
    assert_eq!(ran.quiet_stdout(), "0.4 iniconfig ['one']\n");
}

#[test]
fn an_application_of_poetry_that_is_no_package_has_the_versions_of_its_lock() {
    let context = TestContext::new();
    let pyproject = "[tool.poetry]\npackage-mode = false\n\
                     [tool.poetry.dependencies]\npython = \"^3.11\"\niniconfig = \"^2.0\"\n";
    let lock = "[[package]]\nname = \"iniconfig\"\nversion = \"2.0.0\"\n[metadata]\nlock-version = \"2.1\"\n";
    let main = "import importlib.metadata\nprint(importlib.metadata.version('iniconfig'))\n";
    let files = [("pyproject.toml", pyproject), ("poetry.lock", lock), ("main.py", main)];
    assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "2.0.0\n");
}

#[test]
fn an_old_project_of_flit_has_its_version_its_dependencies_and_its_script() {
    let context = TestContext::new();
    let pyproject = "[build-system]\nrequires = [\"flit_core >=2,<4\"]\nbuild-backend = \"flit_core.buildapi\"\n\
                     [tool.flit.metadata]\nmodule = \"box\"\nauthor = \"A\"\nrequires = [\"iniconfig==2.0.0\"]\n\
                     [tool.flit.scripts]\nbox = \"box:main\"\n";
    let module = format!("\"\"\"A box.\"\"\"\n__version__ = \"7.8\"\n{MODULE}");
    let (_, ran) = built_and_run(&context, &[("pyproject.toml", pyproject), ("box.py", &module)], &[]);
    assert_eq!(ran.quiet_stdout(), "7.8 iniconfig ['one']\n");
}

#[test]
fn a_setup_cfg_beside_a_build_system_is_read_by_it() {
    let context = TestContext::new();
    let cfg = "[metadata]\nname = box\nversion = 1.2\n[options]\npy_modules = box\ninstall_requires = iniconfig==2.0.0\n\
               [options.entry_points]\nconsole_scripts =\n    box = box:main\n";
    let pyproject = "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let files = [("pyproject.toml", pyproject), ("setup.cfg", cfg), ("box.py", MODULE)];
    assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "1.2 iniconfig ['one']\n");
}

#[test]
fn what_a_project_leaves_to_its_build_system_is_taken_from_its_wheel() {
    let context = TestContext::new();
    let pyproject = "[project]\nname = \"box\"\ndynamic = [\"version\", \"dependencies\"]\nscripts.box = \"box:main\"\n\
                     [build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n\
                     [tool.setuptools]\npy-modules = [\"box\"]\n[tool.setuptools.dynamic]\n\
                     version = { file = \"VERSION\" }\ndependencies = { file = \"requirements.txt\" }\n";
    let files = [
        ("pyproject.toml", pyproject),
        ("VERSION", "5.6"),
        ("requirements.txt", "iniconfig==2.0.0\n"),
        ("box.py", MODULE),
    ];
    assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "5.6 iniconfig ['one']\n");
}

/// A script that needs what is listed, and a module beside it.
const SCRIPT: &str = "import iniconfig, helper, sys\nprint(iniconfig.__name__, helper.NAME, __name__, sys.argv[1:])\n";

#[test]
fn a_directory_of_scripts_brings_its_requirements_and_its_modules() {
    for (list, text) in [("requirements.txt", "iniconfig==2.0.0 # small\n"), ("requirements.in", "iniconfig\n")] {
        let context = TestContext::new();
        let files = [("main.py", SCRIPT), ("helper.py", "NAME = 'beside'\n"), (list, text)];
        assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "iniconfig beside __main__ ['one']\n");
    }
}

#[test]
fn a_pipfile_brings_what_its_lock_lists() {
    let context = TestContext::new();
    let hash = "sha256:b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374";
    let lock = format!(
        "{{\"_meta\": {{\"sources\": [{{\"url\": \"https://pypi.org/simple\"}}]}},\
          \"default\": {{\"iniconfig\": {{\"version\": \"==2.0.0\", \"hashes\": [\"{hash}\"]}}}}, \"develop\": {{}}}}"
    );
    let scripts =
        [("main.py", SCRIPT), ("helper.py", "NAME = 'beside'\n"), ("Pipfile", "[packages]\niniconfig = '*'\n")];
    for (name, text) in scripts {
        context.write(format!("project/{name}"), text);
    }
    assert_eq!(
        context.complaint(&build(&context).arg("--quiet").run(), 1),
        "error: there is a `[DIR]/project/Pipfile`, but no `Pipfile.lock` beside it\nhelp: make it with `pipenv lock`\n"
    );
    let files = [("Pipfile.lock", lock.as_str())];
    assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "iniconfig beside __main__ ['one']\n");
}

#[test]
fn a_script_without_a_suffix_is_known_by_its_first_line() {
    let context = TestContext::new();
    let script = context.write("tools/greet", "#!/usr/bin/env python3\nimport sys\nprint('hello', sys.argv[1:])\n");
    context.ekiben().args(["build", "--compression", "fast"]).arg(&script).run().success();
    assert_eq!(context.program(context.path("dist/greet")).arg("you").run().quiet_stdout(), "hello ['you']\n");
}

#[test]
fn a_script_beside_a_list_of_requirements_is_named_and_brings_them() {
    let context = TestContext::new();
    context.write("project/other.py", SCRIPT);
    context.write("project/helper.py", "NAME = 'beside'\n");
    context.write("project/requirements.txt", "iniconfig==2.0.0\n");
    let build = context.ekiben().args(["build", "--compression", "fast"]);
    build.arg(context.path("project/other.py")).run().success();
    let bundle = context.program(context.path("project/dist/other"));
    assert_eq!(bundle.run().quiet_stdout(), "iniconfig beside __main__ []\n");
}

#[test]
fn a_typo_in_a_requirement_is_told_with_its_file_and_line() {
    let context = TestContext::new();
    context.write("project/main.py", "");
    context.write("project/requirements.txt", "# ours\n-r more.txt\n");
    context.write("project/more.txt", "iniconfig\nclick=>8\n");
    assert_eq!(
        context.complaint(&build(&context).arg("--quiet").run(), 1),
        "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: [DIR]/project/more.txt:2: `click=>8` is \
         not a requirement: no such comparison operator \"=>\", must be one of ~= == != <= >= < > ===\n\
         help: write it as `name`, `name==1.2` or `name>=1.2,<2`\n"
    );
}

#[test]
fn a_project_is_found_from_a_directory_inside_and_its_bundle_goes_to_its_own_dist() {
    let context = TestContext::new();
    context.write("project/pyproject.toml", "[project]\nname = \"box\"\nversion = \"1\"\nscripts.box = \"box:main\"\n");
    context.write("project/box/__init__.py", "def main(): print('found')\n");
    context.write("project/box/deep/notes.txt", "");
    // The settings of tools make no project.
    context.write("project/box/pyproject.toml", "[tool.ruff]\nline-length = 100\n");
    let build = context.ekiben().args(["build", "--compression", "fast"]);
    build.clone().directory(context.path("project/box/deep")).run().success();
    assert_eq!(context.program(context.path("project/dist/box")).run().quiet_stdout(), "found\n");
    std::fs::remove_file(context.path("project/dist/box")).unwrap();
    // And a project that is named, from elsewhere.
    build.arg(context.path("project")).run().success();
    assert_eq!(context.program(context.path("project/dist/box")).run().quiet_stdout(), "found\n");
    assert!(!context.path("dist").exists());
}

#[test]
fn a_project_that_has_only_dependencies_starts_one_of_them() {
    let context = TestContext::new();
    let pyproject = "[project]\nname = \"box\"\nversion = \"1\"\ndependencies = [\"cowsay==6.1\"]\n\
                     [tool.ekiben]\nentry-point = \"cowsay.__main__:cli\"\n";
    let (_, ran) = built_and_run(&context, &[("pyproject.toml", pyproject)], &[]);
    assert!(ran.stderr.contains("usage: "), "{ran:#?}");
    // Without dependencies, code was forgotten.
    let text = pyproject.replace("dependencies = [\"cowsay==6.1\"]\n", "");
    context.write("project/pyproject.toml", text);
    let error = context.complaint(&build(&context).arg("--quiet").run(), 1);
    assert!(error.starts_with("error: `[DIR]/project` has no Python modules\nhelp: put the code there"), "{error}");
}

#[test]
fn what_the_app_requires_and_its_list_forgets_is_named() {
    let context = TestContext::new();
    let pyproject = "[project]\nname = \"box\"\nversion = \"1\"\nscripts.box = \"box:main\"\n\
                     dependencies = [\"iniconfig>=2\", \"colorama ; sys_platform == 'win32'\"]\n\
                     [tool.ekiben]\nrequirements = \"r.txt\"\n";
    let files = [("pyproject.toml", pyproject), ("box.py", "def main(): print('runs')\n"), ("r.txt", "mdurl==0.1.2\n")];
    let (built, ran) = built_and_run(&context, &files, &[]);
    assert_eq!(ran.quiet_stdout(), "runs\n");
    let notes: Vec<_> = built.stderr.lines().filter(|line| line.contains(" requires ")).collect();
    assert_eq!(notes, ["note: `box` requires `iniconfig>=2`, which is not in the bundle"], "{built:#?}");
}

#[test]
fn relative_places_for_wheels_mean_what_they_mean_to_uv() {
    let context = TestContext::new();
    // A wheel that no index has, in the project.
    context.write(
        "project/pyproject.toml",
        "[project]\nname = \"ekiben-test-part\"\nversion = \"3.1\"\n\
        [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n",
    );
    context.write("project/src/ekiben_test_part/__init__.py", "NAME = 'part'\n");
    let uv = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"];
    let made = context.ekiben().replaced("python3", uv).arg(context.path("wheels")).arg(context.path("project")).run();
    made.success();
    std::fs::remove_dir_all(context.path("project")).unwrap();
    let code = "import ekiben_test_part\ndef main(): print(ekiben_test_part.NAME)\n";
    let plain = "[project]\nname = \"box\"\nversion = \"1\"\nscripts.box = \"box:main\"\n\
                 dependencies = [\"ekiben-test-part\"]\n";
    let flat = format!("{plain}[tool.uv]\nfind-links = [\"../wheels\"]\n");
    let index = format!("{plain}[[tool.uv.index]]\nname = \"here\"\nurl = \"../wheels\"\nformat = \"flat\"\n");
    for pyproject in [flat, index] {
        let files = [("pyproject.toml", pyproject.as_str()), ("box.py", code)];
        assert_eq!(built_and_run(&context, &files, &[]).1.quiet_stdout(), "part\n", "{pyproject}");
    }
    let list = [
        ("main.py", "import ekiben_test_part as p; print(p.NAME)\n"),
        ("requirements.txt", "--find-links ../wheels\nekiben-test-part\n"),
    ];
    std::fs::remove_dir_all(context.path("project")).unwrap();
    assert_eq!(built_and_run(&context, &list, &[]).1.quiet_stdout(), "part\n");
}

#[test]
fn links_that_lead_nowhere_or_in_circles_do_not_stop_a_build_and_those_inside_stay_links() {
    let context = TestContext::new();
    let code = "from pathlib import Path\nhere = Path(__file__).parent\n\
                def main(): print((here / 'twin/big.txt').read_text(), (here / 'twin').is_symlink())\n";
    let pyproject = "[project]\nname = \"box\"\nversion = \"1\"\nscripts.box = \"box:main\"\n\
                     [tool.ekiben]\nexclude = [\"left\"]\n";
    context.write("project/box/data/big.txt", "big");
    let link =
        |target: &str, link: &str| std::os::unix::fs::symlink(target, context.path("project").join(link)).unwrap();
    link("data", "box/twin");
    link("me@here.123:456", "box/.#__init__.py");
    link("gone", "box/left");
    link("gone", "box/dangling.txt");
    link("..", "box/circle");
    let files = [("pyproject.toml", pyproject), ("box/__init__.py", code)];
    let (built, ran) = built_and_run(&context, &files, &[]);
    assert_eq!(ran.quiet_stdout(), "big True\n");
    let notes: Vec<_> = built.stderr.lines().filter(|line| line.contains("is left out")).collect();
    let expected = [
        "note: `box/circle` is left out: it is a link to a directory that it lies in",
        "note: `box/dangling.txt` is left out: it is a link that leads nowhere",
    ];
    assert_eq!(notes, expected, "{built:#?}");
}

#[test]
fn an_entry_point_with_arguments_gets_them_first_and_finds_files_of_the_app() {
    let context = TestContext::new();
    let files = [
        ("box/__init__.py", ""),
        ("box/__main__.py", "import sys\nprint(sys.argv[1:3], open(sys.argv[2]).read(), sys.argv[3:])\n"),
        ("page.py", "# a page"),
        (
            "pyproject.toml",
            "[project]\nname = \"box\"\nversion = \"1\"\n\
            [tool.ekiben]\nentry-point = \"-m box run page.py 'two words'\"\n",
        ),
    ];
    let (_, ran) = built_and_run(&context, &files, &[]);
    let page = context.version_dir("box").join("lib");
    let said = ran.quiet_stdout();
    assert!(said.starts_with(&format!("['run', '{}", page.display())), "{said}");
    assert!(said.ends_with("/page.py'] # a page ['two words', 'one']\n"), "{said}");
    let inspected = context.ekiben().arg("inspect").arg(context.path("app")).run();
    assert!(inspected.quiet_stdout().contains("-m box run page.py 'two words'"), "{inspected:#?}");
    // On the command line likewise, with a script.
    context.write("project/tool.py", "import sys\nprint(sys.argv[1:])\n");
    let (_, ran) = built_and_run(&context, &[], &["--entry", "tool.py --port 80"]);
    assert_eq!(ran.quiet_stdout(), "['--port', '80', 'one']\n");
}
