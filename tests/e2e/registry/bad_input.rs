//! What can't be built is answered with one clear error, and nothing is half-written.

use std::fs;

use ekiben_tests::{Program, TestContext, windows_builds_or_skip};

/// The error of a build that must fail, after which everything is as it was.
fn error_of(context: &TestContext, build: &Program) -> String {
    let before = context.everything();
    // What machines differ in, such as which CPython they can get, is said in notes.
    let outcome = build.clone().arg("--quiet").run();
    assert_eq!(context.everything(), before, "{outcome:#?}");
    context.complaint(&outcome, 1)
}

/// The error of building a broken sample project for this machine.
fn error_of_project(name: &str, more: &[&str]) -> String {
    let context = TestContext::new();
    let project = context.project(&format!("broken/{name}"));
    let output = context.path("never");
    error_of(&context, &context.ekiben().arg("build").arg(project).arg("--output").arg(output).args(more))
}

#[test]
fn a_directory_without_a_project() {
    let context = TestContext::new();
    let empty = context.path("empty");
    fs::create_dir(&empty).unwrap();
    assert_eq!(
        error_of(&context, &context.ekiben().arg("build").arg(&empty)),
        "error: `[DIR]/empty` is not a Python project: it has neither a pyproject.toml, a setup.py nor a script\n\
         help: name a directory with a pyproject.toml, a setup.py or a main.py, or a script\n"
    );
    assert_eq!(
        error_of(&context, &context.ekiben().arg("build").arg(context.path("nowhere"))),
        "error: there is no `[DIR]/nowhere`\n\
         help: name a directory with a pyproject.toml, a setup.py or a main.py, or a script\n"
    );
}

#[test]
fn a_project_without_an_entry_point() {
    assert_eq!(
        error_of_project("no-entry-point", &[]),
        "error: [DIR]/projects/no-entry-point/pyproject.toml: nothing says what to run\n\
         help: add `entry-point = \"broken.module:function\"` to [tool.ekiben], a script to [project.scripts], or a \
         `broken/__main__.py`\n"
    );
}

#[test]
fn a_project_with_several_entry_points() {
    let context = TestContext::new();
    let project = context.project("several");
    assert_eq!(
        error_of(&context, &context.ekiben().arg("build").arg(project)),
        "error: [DIR]/projects/several/pyproject.toml: the project has several scripts: `several-close`, \
         `several-open`\n\
         help: choose one with `--entry several-close`, or with `entry-point = \"several-close\"` in [tool.ekiben]\n"
    );
}

#[test]
fn an_entry_point_whose_module_does_not_exist() {
    assert_eq!(
        error_of_project("missing-module", &[]),
        "error: the entry point `absent.cli:main` can't be imported: ModuleNotFoundError: No module named 'absent'\n\
         help: correct the entry point, or see to it that `absent` is among the app's files\n"
    );
}

#[test]
fn an_entry_point_whose_function_does_not_exist() {
    assert_eq!(
        error_of_project("missing-function", &[]),
        "error: the entry point `broken:mian` can't be imported: AttributeError: 'broken' has no 'mian'\n\
         help: did you mean `broken:main`?\n"
    );
}

#[test]
fn an_entry_point_that_imports_an_undeclared_dependency() {
    assert_eq!(
        error_of_project("missing-dependency", &[]),
        "error: the entry point `broken:main` can't be imported: broken.py:1: ModuleNotFoundError: No module named \
         'iniconfig'\n\
         help: add `iniconfig` to the project's dependencies\n"
    );
}

#[test]
fn an_entry_point_that_fails_while_it_is_imported() {
    assert_eq!(
        error_of_project("raising-module", &[]),
        "error: the entry point `broken:main` can't be imported: broken.py:1: ValueError: not today\n\
         help: correct that; if it can only work where the app will run, build with --no-check\n"
    );
}

#[test]
fn an_unknown_key() {
    assert_eq!(
        error_of_project("unknown-key", &[]),
        "error: [DIR]/projects/unknown-key/pyproject.toml:11: unknown key `entry-piont` in [tool.ekiben]\n\
         help: did you mean `entry-point`?\n"
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    assert_eq!(
        error_of_project("wrong-type", &[]),
        "error: [DIR]/projects/wrong-type/pyproject.toml:11: `python` must be a string, not a float\n\
         help: write `python = \"3.13\"`\n"
    );
}

#[test]
fn a_file_that_is_no_toml() {
    assert_eq!(
        error_of_project("not-toml", &[]),
        "error: [DIR]/projects/not-toml/pyproject.toml:10:13: unclosed table, expected `]`\n\
         help: this is not valid TOML; correct the line\n"
    );
}

#[test]
fn a_dependency_that_does_not_exist() {
    assert_eq!(
        error_of_project("no-such-package", &[]),
        "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: because \
         ekiben-test-no-such-package was not found in the package registry and broken depends on \
         ekiben-test-no-such-package, we can conclude that your requirements are unsatisfiable\n\
         help: check how the name is spelled, and that UV_DEFAULT_INDEX or UV_INDEX names the index that has it\n"
    );
}

#[test]
fn what_is_wrong_with_the_dependencies_is_said_before_what_is_wrong_with_the_build_of_the_app() {
    let context = TestContext::new();
    let project = context.project("broken/no-such-package");
    let text = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    let broken = format!("{text}\n[build-system]\nrequires = []\nbuild-backend = \"nowhere\"\n");
    fs::write(project.join("pyproject.toml"), broken).unwrap();
    let error =
        error_of(&context, &context.ekiben().arg("build").arg(project).arg("--output").arg(context.path("never")));
    assert!(error.contains("ekiben-test-no-such-package was not found"), "{error}");
    assert!(!error.contains("nowhere"), "{error}");
}

#[test]
fn a_dependency_without_wheels_for_a_foreign_target() {
    if !windows_builds_or_skip() {
        return;
    }
    assert_eq!(
        error_of_project("foreign-wheels-only", &["--target", "windows"]),
        "error: could not resolve the dependencies for x86_64-pc-windows-msvc: `uvloop` has no wheel that fits: \
         because uvloop==0.21.0 has no usable wheels and broken depends on uvloop==0.21.0, we can conclude that \
         your requirements are unsatisfiable\n\
         help: ask for a version of `uvloop` that has one; leave it out there with a marker, as in `uvloop; \
         sys_platform == 'linux'`; or build on the target's own platform, where sources can be compiled\n"
    );
}

#[test]
fn a_dependency_with_another_hash() {
    assert_eq!(
        error_of_project("wrong-hash", &[]),
        "error: could not install the dependencies for x86_64-unknown-linux-gnu: in \
         `[DIR]/projects/wrong-hash/requirements.txt`: hash mismatch for `iniconfig==2.0.0`: expected \
         sha256:[DIGEST], found sha256:[DIGEST]\n\
         help: the index serves another file than the one that was listed; if that is right, make the list (or the \
         lock file) again\n"
    );
}

#[test]
fn a_lock_that_does_not_fit_the_project() {
    assert_eq!(
        error_of_project("stale-lock", &[]),
        "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: `uv.lock` does not fit \
         `pyproject.toml` any more\n\
         help: run `uv lock` in the project, and build again\n"
    );
}

#[test]
fn an_unreachable_index() {
    let context = TestContext::new();
    let project = context.project("locked/pylock");
    fs::remove_file(project.join("pylock.toml")).unwrap();
    // Nothing listens on the discard port.
    let build = context.ekiben().arg("build").arg(project).env("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple");
    let build = build.env("UV_CACHE_DIR", context.path("tmp/uv")).env("UV_HTTP_RETRIES", "0").arg("--quiet");
    assert_eq!(
        context.complaint(&build.run(), 1),
        "error: could not resolve the dependencies for x86_64-unknown-linux-gnu: could not reach \
         `http://127.0.0.1:9/simple/iniconfig/`: connection refused (os error 111)\n\
         help: check the network and the proxy, or name another index in UV_DEFAULT_INDEX; for a certificate of \
         your organisation, set SSL_CERT_FILE\n"
    );
}

#[test]
fn no_uv_and_no_way_to_get_one() {
    let context = TestContext::new();
    let project = context.project("hello");
    let build = context.ekiben().arg("build").arg(project).env("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple");
    let build = build.env("PATH", context.path("home")).env("EKIBEN_CACHE", context.path("tmp/cache"));
    assert_eq!(
        context.complaint(&build.run(), 1),
        "error: there is no uv, and none could be fetched: could not read the package index at \
         `http://127.0.0.1:9/simple/uv/`: Connection refused (os error 111)\n\
         help: install uv where ekiben finds it, for example with `pipx install uv` or `python3 -m pip install uv`, \
         and try again; or check the network and the proxy, or name another index in UV_DEFAULT_INDEX\n"
    );
}

#[test]
fn a_runtime_that_is_no_archive() {
    let context = TestContext::new();
    let project = context.project("hello");
    let archive = context.write("python.tar.gz", "<html>moved</html>");
    let build = context.ekiben().arg("build").arg(&project).arg("--runtime");
    assert_eq!(
        error_of(&context, &build.clone().arg(&archive)),
        "error: `[DIR]/python.tar.gz` is not an archive that ekiben can unpack\n\
         help: give a .tar.gz, a .tar.zst or a .zip that holds a CPython installation\n"
    );
    assert_eq!(
        error_of(&context, &build.clone().arg(context.path("nothing.tar.gz"))),
        "error: could not read the archive `[DIR]/nothing.tar.gz`: No such file or directory (os error 2)\n\
         help: give the path or the URL of an archive, or the directory of a CPython installation\n"
    );
    assert_eq!(
        error_of(&context, &build.clone().arg(&project)),
        "error: `[DIR]/projects/hello` holds no CPython installation\n\
         help: what works: python-build-standalone's `install_only` archives, python.org's embeddable zip, and the \
         directory of an installed CPython\n"
    );
    let hashed = build.arg(&archive).arg("--runtime-sha256");
    assert_eq!(
        error_of(&context, &hashed.clone().arg("0".repeat(64))),
        "error: SHA-256 mismatch: expected [DIGEST], got [DIGEST]: `[DIR]/python.tar.gz`\n\
         help: the file is not the one that was chosen: find out why it changed before you trust it\n"
    );
    assert_eq!(
        error_of(&context, &hashed.arg("0".repeat(63))),
        "error: --runtime-sha256: `000000000000000000000000000000000000000000000000000000000000000` is not a SHA-256\n\
         help: a SHA-256 is 64 hexadecimal digits; `sha256sum FILE` prints one\n"
    );
}

#[test]
fn an_unknown_target() {
    let context = TestContext::new();
    let project = context.project("hello");
    for verb in ["build", "run"] {
        let build = context.ekiben().arg(verb).arg(&project).args(["--target", "beos"]);
        assert_eq!(
            error_of(&context, &build),
            "error: unknown target `beos`\n\
             help: the targets are x86_64-unknown-linux-gnu (linux), x86_64-pc-windows-msvc (windows)\n"
        );
    }
}

#[test]
fn an_output_that_can_not_be_written() {
    let context = TestContext::new();
    let project = context.project("hello");
    let build = context.ekiben().arg("build").arg(&project).arg("--output");
    let file = context.write("file", "mine");
    assert_eq!(
        error_of(&context, &build.clone().arg(file.join("hello"))),
        "error: could not write `[DIR]/file/hello`: `[DIR]/file` is not a directory\n\
         help: choose a file in another directory with -o\n"
    );
    assert_eq!(
        error_of(&context, &build.clone().arg(file.join("deeper/hello"))),
        "error: could not write `[DIR]/file/deeper/hello`: `[DIR]/file` is not a directory\n\
         help: choose a file in another directory with -o\n"
    );
    // A directory that nobody may write to: permissions do not bind root, a read-only mount does.
    let place = context.path("read only");
    fs::create_dir(&place).unwrap();
    let bwrap = ["--dev-bind", "/", "/", "--ro-bind"].map(Into::into).into_iter();
    let sealed = build.arg(place.join("hello")).started_by("bwrap", bwrap.chain([place.clone().into(), place.into()]));
    assert_eq!(
        error_of(&context, &sealed),
        "error: could not write `[DIR]/read only/hello`: read-only filesystem or storage medium\n\
         help: choose a file in another directory with -o\n"
    );
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn a_failed_build_leaves_no_new_directory() {
    let context = TestContext::new();
    let project = context.project("broken/missing-module");
    let build = context.ekiben().arg("build").arg(&project);
    error_of(&context, &build.clone().arg("--output").arg(context.path("a/new/directory/never")));
    error_of(&context, &build.directory(&project));
}

#[test]
fn a_failed_build_leaves_the_earlier_file_as_it_was() {
    let context = TestContext::new();
    let project = context.project("broken/missing-module");
    let output = context.write("earlier", "the earlier file");
    error_of(&context, &context.ekiben().arg("build").arg(project).arg("--output").arg(&output));
    assert_eq!(fs::read_to_string(output).unwrap(), "the earlier file");
}
