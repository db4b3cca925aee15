//! A bundle works wherever it lies and wherever it installs, on machines that have nothing.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, TestContext};
use serde_json::json;

/// Runs the bundle from `directory`, and from an install root in there.
fn runs_from(context: &TestContext, directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    let bundle = directory.join("probe");
    fs::rename(context.bundle("probe", Os::Linux), &bundle).unwrap();
    let installs = directory.join("installs");
    for command in ["interpreter", "child", "interpreter"] {
        let facts = context.program(&bundle).env("EKIBEN_ROOT", &installs).arg(command).run().json();
        if let Some(installs) = installs.to_str() {
            assert!(facts["executable"].as_str().unwrap().starts_with(installs), "{facts:#}");
        }
    }
}

#[test]
fn it_runs_from_a_path_with_spaces_and_letters_of_other_alphabets() {
    let context = TestContext::new();
    runs_from(&context, &context.path("Grüße aus 東京, 'quoted' \"twice\" $HOME/🍱"));
}

#[test]
fn it_runs_from_a_path_that_is_longer_than_260_characters() {
    let context = TestContext::new();
    let directory = (0..6).fold(context.root().to_owned(), |path, n| path.join(format!("{n}-{}", "long".repeat(14))));
    assert!(directory.as_os_str().len() > 340);
    runs_from(&context, &directory);
}

#[test]
fn it_runs_from_a_path_that_is_no_unicode() {
    // The file may lie there. The install root may not: CPython itself can't import an extension module from such a path.
    let context = TestContext::new();
    let directory = context.path(OsString::from_vec(b"caf\xe9".to_vec()));
    fs::create_dir(&directory).unwrap();
    let bundle = directory.join("probe");
    fs::rename(context.bundle("probe", Os::Linux), &bundle).unwrap();
    for command in ["interpreter", "child", "interpreter"] {
        let outcome = context.program(&bundle).arg(command).run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{command}");
    }
}

#[test]
fn a_symlink_to_the_bundle_starts_it() {
    let context = TestContext::new();
    let bundle = context.bundle("probe", Os::Linux);
    fs::create_dir(context.path("bin")).unwrap();
    let link = context.path("bin/renamed");
    symlink("../probe", &link).unwrap();
    let facts = context.program(&link).arg("interpreter").run().json();
    assert_eq!(facts["argv0"], json!(link));
    let direct = context.program(&bundle).arg("interpreter").run().json();
    assert_eq!(facts["executable"], direct["executable"], "the same version dir");
}

#[test]
fn a_hard_link_and_a_copy_with_another_name_share_the_version_dir() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).run().quiet_stdout();
    fs::hard_link(&bundle, context.path("other name")).unwrap();
    context.program(context.path("other name")).run().quiet_stdout();
    assert_eq!(context.versions("hello").len(), 1);
}

#[test]
fn an_execute_permission_is_all_that_the_file_needs_besides_reading() {
    use std::os::unix::fs::PermissionsExt;
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    fs::set_permissions(&bundle, fs::Permissions::from_mode(0o555)).unwrap();
    context.program(&bundle).run().quiet_stdout();
}

/// The C library's own files on this machine, and nothing else.
fn c_library() -> Vec<PathBuf> {
    let names = [
        "ld-linux-x86-64.so.2",
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libutil.so.1",
        "libresolv.so.2",
        "libgcc_s.so.1",
    ];
    let directories = ["/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"];
    let found =
        names.iter().filter_map(|name| directories.iter().map(|d| Path::new(d).join(name)).find(|p| p.exists()));
    found.collect()
}

/// `bwrap` arguments for a machine that has a C library, an empty `/tmp`, and the bundle as `/app`: not one program,
/// not one other library, no user.
fn bare_machine(bundle: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["--unshare-all", "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"].map(Into::into).into();
    for library in c_library() {
        let name = library.file_name().unwrap();
        let place = if name == "ld-linux-x86-64.so.2" { "/lib64" } else { "/lib/x86_64-linux-gnu" };
        arguments.extend(["--ro-bind".into(), library.clone().into(), Path::new(place).join(name).into()]);
    }
    arguments.extend(["--tmpfs".into(), "/tmp".into(), "--ro-bind".into(), bundle.into(), "/app".into()]);
    arguments.extend(["--chdir", "/", "--clearenv", "--setenv", "HOME", "/tmp"].map(Into::into));
    arguments
}

fn says_on_a_bare_machine(project: &str, arguments: &[&str], expected: &str) {
    let context = TestContext::new();
    let bundle = context.bundle(project, Os::Linux);
    let program = context.program("/app").args(arguments).started_by("bwrap", bare_machine(&bundle));
    assert_eq!(program.run().quiet_stdout(), expected);
}

#[test]
fn it_runs_on_a_machine_that_has_nothing_but_a_c_library() {
    says_on_a_bare_machine("hello", &[], "Hello, world!\n");
}

#[test]
fn a_terminal_app_runs_on_a_machine_that_has_nothing_but_a_c_library() {
    says_on_a_bare_machine("terminal", &["--version"], "app, version 1.4.0\n");
}

#[test]
fn every_module_of_the_standard_library_that_links_others_works_on_a_bare_machine() {
    let context = TestContext::new();
    let bundle = context.bundle("probe", Os::Linux);
    let modules = ["ssl", "sqlite3", "ctypes", "lzma", "bz2", "zlib", "uuid", "hashlib", "asyncio", "multiprocessing"];
    let program = context.program("/app").arg("imports").args(modules).started_by("bwrap", bare_machine(&bundle));
    program.run().json();
}
