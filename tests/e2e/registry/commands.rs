//! Several commands in one bundle.

use std::fs;
use std::path::PathBuf;

use ekiben_tests::TestContext;

use super::like_python::bundle_of;

/// A project with three scripts, each of which says what it is.
pub(crate) fn services(context: &TestContext, settings: &str, arguments: &[&str]) -> PathBuf {
    let pyproject = format!(
        "[project]\nname = \"seat-finder\"\nversion = \"1\"\n\
         [project.scripts]\nseat-finder = \"seats:main\"\nseat-worker = \"seats:work\"\n\
         [project.gui-scripts]\nseat-window = \"seats:show\"\n[tool.ekiben]\n{settings}"
    );
    let code = "import os, subprocess, sys\n\
                def say(what):\n    print(what, os.path.basename(sys.argv[0]), sys.argv[1:], os.path.basename(sys.executable))\n\
                def main(): say('main')\n\
                def work():\n    say('work')\n    sys.stdout.flush()\n    if sys.argv[1:] == ['again']:\n        \
                subprocess.run([sys.executable, sys.argv[0], 'once'], check=True)\n\
                def show(): say('show')\n";
    let arguments = [&["--compression", "fast"], arguments].concat();
    bundle_of(context, &[("pyproject.toml", &*pyproject), ("seats.py", code)], &arguments)
}

#[test]
fn the_name_of_a_link_or_of_a_copy_chooses_the_command() {
    let context = TestContext::new();
    let bundle = services(&context, "commands = [\"seat-finder\", \"seat-worker\"]\n", &[]);
    let worker = context.path("bin/seat-worker");
    fs::create_dir(context.path("bin")).unwrap();
    std::os::unix::fs::symlink(&bundle, &worker).unwrap();
    assert_eq!(context.program(&bundle).arg("x").run().quiet_stdout(), "main seat-finder ['x'] python\n");
    assert_eq!(context.program(&worker).arg("x").run().quiet_stdout(), "work seat-worker ['x'] python\n");
    let again = "work seat-worker ['again'] python\nwork seat-worker ['once'] python\n";
    assert_eq!(context.program(&worker).arg("again").run().quiet_stdout(), again);
    fs::remove_file(&worker).unwrap();
    context.program("cp").arg(&bundle).arg(&worker).run().success();
    assert_eq!(context.program(&worker).run().quiet_stdout(), "work seat-worker [] python\n");
    // Found in PATH.
    let shell = context.program("/bin/sh").args(["-c", "seat-worker again"]).env("PATH", context.path("bin"));
    assert_eq!(shell.run().quiet_stdout(), again);
    // Under another name, it is what it is by itself. All of them share one version.
    fs::rename(&worker, context.path("bin/renamed")).unwrap();
    assert_eq!(context.program(context.path("bin/renamed")).run().quiet_stdout(), "main renamed [] python\n");
    context.version_dir("seat-finder");
    let listed = context.ekiben().arg("inspect").arg(&bundle).run();
    assert!(
        listed.quiet_stdout().contains("\ncommands     seat-finder, seat-worker (by the file's name)\n"),
        "{listed:#?}"
    );
    let help = context.program(&bundle).args(["self", "help"]).run();
    assert!(help.quiet_stdout().contains("copy:\n  seat-finder\n  seat-worker\n"), "{help:#?}");
}

#[test]
fn the_first_argument_chooses_the_command_if_the_app_wants_that() {
    let context = TestContext::new();
    let bundle = services(&context, "commands = \"all\"\ncommand-argument = true\n", &[]);
    let run = |arguments: &[&str]| context.program(&bundle).args(arguments).run();
    assert_eq!(run(&["seat-finder", "x"]).quiet_stdout(), "main seat-finder ['x'] python\n");
    let again = "work seat-worker ['again'] python\nwork seat-worker ['once'] python\n";
    assert_eq!(run(&["seat-worker", "again"]).quiet_stdout(), again);
    let list = "usage: seat-finder COMMAND ...\n\ncommands:\n  seat-finder\n  seat-worker\n  seat-window\n";
    assert_eq!(run(&["--help"]).quiet_stdout(), list);
    assert_eq!(context.complaint(&run(&[]), 2), list);
    assert_eq!(context.complaint(&run(&["x"]), 2), format!("seat-finder: there is no command `x`\n{list}"));
}

#[test]
fn one_of_several_scripts_is_an_app_of_its_own_name() {
    let context = TestContext::new();
    services(&context, "", &[]);
    let project = context.path("projects/seat-finder");
    let build = context.ekiben().args(["build", "--compression", "fast"]).arg(&project);
    build.clone().run().success();
    build.args(["--entry", "seat-worker"]).run().success();
    for (name, said) in
        [("seat-finder", "main seat-finder [] python\n"), ("seat-worker", "work seat-worker [] python\n")]
    {
        assert_eq!(context.program(project.join("dist").join(name)).run().quiet_stdout(), said);
        context.version_dir(name);
    }
}

#[test]
fn a_command_that_is_no_script_of_the_project_is_refused() {
    let context = TestContext::new();
    services(&context, "", &[]);
    let project = context.path("projects/seat-finder");
    let text = fs::read_to_string(project.join("pyproject.toml")).unwrap() + "commands = [\"seat-mover\"]\n";
    context.write(project.join("pyproject.toml"), text);
    let refused = context.ekiben().args(["build", "--quiet"]).arg(&project).run();
    assert_eq!(
        context.complaint(&refused, 1),
        "error: [DIR]/projects/seat-finder/pyproject.toml:10: there is no script `seat-mover`\n\
         help: the project's scripts are `seat-finder`, `seat-worker`, `seat-window`\n"
    );
}
