//! Mistakes that people make, each caused for real: what happened, where, and what to do.

use std::fs;

use ekiben_tests::TestContext;

/// What a build of a project of these files says.
fn error(files: &[(&str, &str)], more: &[&str]) -> String {
    let context = TestContext::new();
    for (name, text) in files {
        context.write(format!("app/{name}"), text);
    }
    let build = context.ekiben().args(["build", "--quiet"]).arg(context.path("app")).args(more).run();
    context.complaint(&build, 1)
}

const PROJECT: &str = "[project]\nname = \"box\"\nversion = \"1\"\nscripts.box = \"box:main\"\n";

#[test]
fn who_has_asked_for_an_old_python_is_named() {
    let files = [("pyproject.toml", PROJECT), ("box.py", "def main(): pass\n"), (".python-version", "3.10\n")];
    assert_eq!(
        error(&files, &[]),
        "error: [DIR]/app/.python-version: this requests CPython 3.10, but ekiben needs 3.11 or newer\n\
         help: the bundle contains its own CPython, so users need none: choose a version with `-p 3.13`, or with \
         `python = \"3.13\"` in [tool.ekiben]\n"
    );
    let option = error(&files, &["-p", "3.9"]);
    assert!(option.starts_with("error: --python: this requests CPython 3.9"), "{option}");
}

#[test]
fn settings_are_to_be_written_where_the_project_has_them() {
    let scripts = format!("{PROJECT}scripts.other = \"box:other\"\n").replace("scripts.box", "scripts.one");
    let chosen = error(&[("pyproject.toml", &scripts), ("ekiben.toml", "python = \"3.13\"\n"), ("box.py", "")], &[]);
    assert!(chosen.ends_with("or with `entry-point = \"one\"` in ekiben.toml\n"), "{chosen}");
    let chosen = error(&[("pyproject.toml", &scripts), ("box.py", "")], &[]);
    assert!(chosen.ends_with("or with `entry-point = \"one\"` in [tool.ekiben]\n"), "{chosen}");
    let named = error(&[("ekiben.toml", "name = \"con\"\n"), ("main.py", "")], &[]);
    assert!(named.contains("help: set `name` in ekiben.toml to one with"), "{named}");
    let signed = error(&[("ekiben.toml", "[sign]\ncommand = []\n"), ("main.py", "")], &[]);
    assert!(signed.contains("ekiben.toml:2: `command` names no program\n"), "{signed}");
}

#[test]
fn a_typo_in_a_requirement_is_told_with_its_line_wherever_it_stands() {
    let system = "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let typo = "is not a requirement: no such comparison operator \"=>\"";
    for (files, place) in [
        (vec![("pyproject.toml", format!("{PROJECT}dependencies = [\"click=>8\"]\n{system}"))], "pyproject.toml:5"),
        (
            vec![("pyproject.toml", format!("{PROJECT}{system}[project.optional-dependencies]\nx = [\"click=>8\"]\n"))],
            "pyproject.toml:9",
        ),
        (vec![("requirements.txt", "# ours\nclick=>8\n".to_owned()), ("main.py", String::new())], "requirements.txt:2"),
    ] {
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let said = error(&files, &[]);
        assert!(said.contains(&format!("[DIR]/app/{place}: `click=>8` {typo}")), "{said}");
        assert!(!said.contains("build system"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_not_called_damaged() {
    let context = TestContext::new();
    fs::create_dir(context.path("dist")).unwrap();
    for verb in ["inspect", "verify"] {
        let missing = context.ekiben().args([verb, "dist/box"]).run();
        assert_eq!(
            context.complaint(&missing, 1),
            "error: there is no file `dist/box`\n\
             help: check the path; `ekiben build` prints where it has written a bundle\n"
        );
        let directory = context.ekiben().args([verb, "dist"]).run();
        assert_eq!(
            context.complaint(&directory, 1),
            "error: `dist` is a directory, not a bundle\n\
             help: name the file; `ekiben build` writes it to `dist` of the project\n"
        );
    }
}
