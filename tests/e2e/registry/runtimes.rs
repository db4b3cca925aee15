//! A CPython of the user's own choice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use ekiben_tests::{Os, Recipe, TestContext, sha256, windows_builds_or_skip, windows_complete, windows_embeddable};

pub(crate) fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A CPython tree for Linux, as `ekiben extract` gives it, in the layout of a python-build-standalone archive:
/// `python/bin/python3`, `python/lib/…`.
fn standalone_tree(context: &TestContext) -> PathBuf {
    let bundle = context.bundle("hello", Os::Linux);
    let tree = context.path("standalone/python");
    context.ekiben().arg("extract").arg(&bundle).arg(&tree).run().success();
    tree
}

/// The tree as an archive with this name.
pub(crate) fn archive(tree: &Path, name: &str) -> PathBuf {
    let file = tree.parent().unwrap().parent().unwrap().join(name);
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(tree.parent().unwrap());
    let tar = if name.ends_with(".zst") { tar.args(["-I", "zstd -1"]) } else { tar.arg("-z") };
    done(tar.arg("-cf").arg(&file).arg("python"));
    file
}

fn builds_with(context: &TestContext, runtime: &str, more: &[&str]) {
    let project = context.project("hello");
    let output = context.path("with-runtime");
    let build = context.ekiben().arg("build").arg(&project).arg("--output").arg(&output);
    build.args(["--runtime", runtime]).args(more).run().success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "Hello, world!\n");
}

#[test]
fn a_directory_is_a_runtime() {
    let context = TestContext::new();
    let tree = standalone_tree(&context);
    builds_with(&context, tree.to_str().unwrap(), &[]);
}

#[test]
fn a_tar_gz_archive_is_a_runtime() {
    let context = TestContext::new();
    let file = archive(&standalone_tree(&context), "cpython-install_only.tar.gz");
    builds_with(&context, file.to_str().unwrap(), &[]);
}

#[test]
fn a_tar_zst_archive_is_a_runtime() {
    let context = TestContext::new();
    let file = archive(&standalone_tree(&context), "cpython-install_only.tar.zst");
    builds_with(&context, file.to_str().unwrap(), &[]);
}

#[test]
fn a_url_with_its_sha256_is_a_runtime() {
    let context = TestContext::new();
    let file = archive(&standalone_tree(&context), "cpython-install_only.tar.gz");
    let digest = sha256(&file);
    let url = serve(file);
    builds_with(&context, &url, &["--runtime-sha256", &digest]);
}

#[test]
fn a_cpython_that_is_newer_than_those_that_were_tested_gets_a_note() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let project = context.project("hello");
    // There is none yet. Nothing of it runs here.
    for (minor, newer) in [(15, false), (16, true)] {
        let dll = format!("python3{minor}.dll");
        for file in ["python.exe", "pythonw.exe", &dll, "Lib/os.py", "Lib/encodings/aliases.py"] {
            context.write(Path::new("newer").join(file), "");
        }
        let recipe = Recipe::new("hello", Os::Windows).arg("--runtime").arg(context.path("newer"));
        let built = context.ekiben().args(recipe.arguments(&project, &context.path("hello.exe"))).run();
        let note = "note: CPython 3.16 is newer than those that this ekiben was tested with, 3.11 to 3.15\n";
        assert_eq!((built.code, built.stderr.contains(note)), (Some(0), newer), "{built:#?}");
    }
}

#[test]
fn an_app_that_imports_tkinter_is_told_if_the_runtime_has_none() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let script = context.write("clock.pyw", "import tkinter.ttk\n");
    let build = |runtime: PathBuf| {
        let recipe = Recipe::new("clock", Os::Windows).arg("--compression").arg("fast").arg("--runtime").arg(runtime);
        context.ekiben().args(recipe.arguments(&script, &context.path("clock.exe"))).run().success().stderr.clone()
    };
    let told = build(windows_embeddable());
    assert!(told.contains("note: `clock.pyw` imports tkinter, and the archive "), "{told}");
    assert!(told.contains(" has none; give a CPython that has tkinter with `--runtime`"), "{told}");
    let told = build(windows_complete());
    assert!(!told.contains("tkinter"), "{told}");
}

#[test]
fn an_archive_with_another_hash_is_refused() {
    let context = TestContext::new();
    let file = archive(&standalone_tree(&context), "cpython-install_only.tar.gz");
    let project = context.project("hello");
    let output = context.path("never");
    let build = context.ekiben().arg("build").arg(&project).arg("--output").arg(&output);
    let wrong = "0".repeat(64);
    for location in [file.to_str().unwrap().to_owned(), serve(file.clone())] {
        let outcome = build.clone().args(["--runtime", &location, "--runtime-sha256", &wrong]).run();
        assert_ne!(outcome.code, Some(0));
        assert!(outcome.stderr.contains(&wrong) && outcome.stderr.contains(&sha256(&file)), "{outcome:#?}");
        assert!(!output.exists());
    }
}

#[test]
fn a_file_that_is_no_archive_is_refused() {
    let context = TestContext::new();
    let project = context.project("hello");
    let output = context.path("never");
    for name in ["python.tar.gz", "python.tar.zst", "python.zip", "python.exe"] {
        let file = context.write(name, "this is no archive");
        let outcome =
            context.ekiben().arg("build").arg(&project).arg("--output").arg(&output).arg("--runtime").arg(&file).run();
        assert_ne!(outcome.code, Some(0), "{name}");
        assert!(outcome.stderr.contains(name) && outcome.stderr.contains("\nhelp: "), "{outcome:#?}");
        assert!(!output.exists());
    }
}

#[test]
fn an_archive_that_holds_no_python_is_refused() {
    let context = TestContext::new();
    let project = context.project("hello");
    let output = context.path("never");
    context.write("standalone/python/readme.txt", "no interpreter here");
    let file = archive(&context.path("standalone/python"), "empty.tar.gz");
    let outcome =
        context.ekiben().arg("build").arg(&project).arg("--output").arg(&output).arg("--runtime").arg(&file).run();
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("empty.tar.gz") && outcome.stderr.contains("\nhelp: "), "{outcome:#?}");
    assert!(!output.exists());
}

/// A server of this one file; its URL.
fn serve(file: PathBuf) -> String {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{}", server.server_addr(), file.file_name().unwrap().to_str().unwrap());
    thread::spawn(move || {
        for request in server.incoming_requests() {
            drop(request.respond(tiny_http::Response::from_file(fs::File::open(&file).unwrap())));
        }
    });
    url
}
