//! What `python main.py` can run in a project's directory, a bundle of it runs too.

use std::fs;

use ekiben_tests::TestContext;

use super::like_python::bundle_of;

#[test]
fn a_script_imports_from_src_as_a_package() {
    let context = TestContext::new();
    let files = [
        ("main.py", "from src.core.calc import add\nprint(add(1, 2))\n"),
        ("src/core/calc.py", "from src.core import zero\n\ndef add(a, b):\n    return a + b + zero.ZERO\n"),
        ("src/core/zero.py", "ZERO = 0\n"),
    ];
    assert_eq!(context.program(bundle_of(&context, &files, &["--compression", "fast"])).run().quiet_stdout(), "3\n");
}

#[test]
fn a_script_in_a_directory_imports_what_is_beside_it_and_so_do_its_workers() {
    let context = TestContext::new();
    let script = "import multiprocessing, helper\n\nif __name__ == '__main__':\n    \
                  with multiprocessing.get_context('spawn').Pool(1) as pool:\n        print(pool.map(helper.double, [2]))\n";
    let files =
        [("dev-tools/run.py", script), ("dev-tools/helper.py", "def double(x):\n    return 2 * x\n"), ("a.py", "")];
    let arguments = ["--entry", "dev-tools/run.py", "--compression", "fast"];
    assert_eq!(context.program(bundle_of(&context, &files, &arguments)).run().quiet_stdout(), "[4]\n");
}

/// What the app does with a module that is called like one of the standard library.
const OWN: [(&str, &str); 3] = [
    (
        "seats.py",
        "import calendar, os, sys\nprint(calendar.NAME, open(os.path.join(sys.path[0], 'names.txt')).read())\n",
    ),
    ("calendar.py", "NAME = 'my own'\n"),
    ("names.txt", "the window"),
];

#[test]
fn an_app_s_own_modules_win_over_those_of_the_standard_library() {
    for (entry, minimal) in [("seats.py", false), ("-m seats", false), ("-m seats", true)] {
        let context = TestContext::new();
        let settings = format!("entry-point = \"{entry}\"\ninclude = [\"*.py\", \"names.txt\"]\n");
        let files: Vec<_> = OWN.into_iter().chain([("ekiben.toml", &*settings)]).collect();
        let arguments: &[&str] =
            if minimal { &["--compression", "fast", "--minimal"] } else { &["--compression", "fast"] };
        let bundle = bundle_of(&context, &files, arguments);
        assert_eq!(context.program(bundle).run().quiet_stdout(), "my own the window\n", "{entry} {minimal}");
    }
    // To other programs in the same Python, the standard library's is the one they want.
    let context = TestContext::new();
    let bundle = bundle_of(
        &context,
        &[&OWN[..], &[("ekiben.toml", "entry-point = \"seats.py\"\n")]].concat(),
        &["--compression", "fast"],
    );
    context.program(bundle).run();
    let python = context.program(context.version_dir("seat-finder").join("python"));
    let said = python.args(["-c", "import calendar, seats"]).run();
    assert!(said.stderr.contains("module 'calendar' has no attribute 'NAME'"), "{said:#?}");
}

#[test]
fn hidden_and_empty_directories_inside_a_package_are_part_of_it() {
    let context = TestContext::new();
    let code = "from pathlib import Path\nhere = Path(__file__).parent\n\
                print((here / '.themes/x.css').read_text(), (here / 'node_modules/x.js').read_text(), \
                (here / 'spool').is_dir(), (here / '.git').exists())\n";
    let project = context.path("projects/seat-finder");
    fs::create_dir_all(project.join("seats/spool")).unwrap();
    let files = [
        ("main.py", "import seats\n"),
        ("seats/__init__.py", code),
        ("seats/.themes/x.css", "css"),
        ("seats/node_modules/x.js", "js"),
        ("seats/.git/config", ""),
    ];
    let bundle = bundle_of(&context, &files, &["--compression", "fast"]);
    assert_eq!(context.program(bundle).run().quiet_stdout(), "css js True False\n");
}

#[test]
fn a_build_imports_what_a_script_imports_and_runs_nothing_of_the_app() {
    let context = TestContext::new();
    let build = |files: &[(&str, &str)]| {
        let project = context.path("project");
        _ = fs::remove_dir_all(&project);
        files.iter().for_each(|(name, text)| drop(context.write(project.join(name), text)));
        let source = if files.len() == 1 { project.join(files[0].0) } else { project };
        context
            .ekiben()
            .args(["build", "--quiet", "--compression", "fast", "--output"])
            .arg(context.path("app"))
            .arg(source)
            .run()
    };
    let begin = "error: the entry point `main.py` can't be imported: ";
    let helper = "import os, json\nraise SystemExit('the app runs')\nimport nothing_of_that_name.at_all\n";
    let missing = build(&[("main.py", "import helper\n"), ("helper.py", helper)]);
    assert_eq!(
        context.complaint(&missing, 1),
        format!(
            "{begin}helper.py:3: ModuleNotFoundError: No module named 'nothing_of_that_name'\n\
             help: add `nothing-of-that-name` to the project's dependencies\n"
        )
    );
    // Both of the standard library and of the app.
    let name = build(&[("main.py", "\nfrom json import nothing\n"), ("helper.py", "")]);
    assert!(
        context
            .complaint(&name, 1)
            .starts_with(&format!("{begin}main.py:2: ImportError: cannot import name 'nothing'"))
    );
    let own = build(&[("main.py", "import box.one.two\n"), ("box/one/__init__.py", "")]);
    assert!(
        context
            .complaint(&own, 1)
            .starts_with(&format!("{begin}main.py:1: ModuleNotFoundError: No module named 'box.one.two'"))
    );
    // What need not be there, and what the app sees to itself.
    let fine = "try:\n    import none_of_these\nexcept ImportError:\n    pass\n\ndef f():\n    import none_of_these\n\n\
                import sys, os.path\nsys.path.append('elsewhere')\nimport none_of_these\n";
    build(&[("main.py", fine), ("helper.py", "")]).success();
    // A script that is built without what is beside it.
    context.write("project/helper.py", "");
    context.write("project/main.py", "import helper\n");
    let alone = context.ekiben().args(["build", "--quiet", "--name", "x"]).arg(context.path("project/main.py")).run();
    assert_eq!(
        context.complaint(&alone, 1),
        format!(
            "{begin}main.py:1: ModuleNotFoundError: No module named 'helper'\nhelp: a script is built alone: to take \
             `helper` along, build its directory with `ekiben build [DIR]/project --entry main.py`\n"
        )
    );
}
