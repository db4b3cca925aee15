//! ekiben removes only what it wrote: what an app, or its user, put into the install root stays, or moves to `kept/`.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{TestContext, Tiny, eventually};

/// Starts a version of `tiny`, and waits until the clean-up has left so many versions.
#[track_caller]
fn upgraded(context: &TestContext, version: &str, versions: usize) {
    let bundle = Tiny::new(version).keep(1).bundle(context);
    assert_eq!(context.program(bundle).run().quiet_stdout(), format!("ran {version}\n"));
    eventually("a clean-up", || context.versions("tiny").len() == versions && is_empty(context, "staging"));
}

pub(crate) fn is_empty(context: &TestContext, directory: &str) -> bool {
    fs::read_dir(context.path(format!("installs/tiny/{directory}"))).is_ok_and(|mut entries| entries.next().is_none())
}

pub(crate) fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    assert!(text.is_ok(), "{}: {text:?}", path.display());
    text.unwrap()
}

#[test]
fn a_first_start_leaves_what_the_app_keeps_in_staging() {
    let context = TestContext::new();
    let upload = context.write("installs/tiny/staging/upload/x", "the app's");
    let alike = context.write("installs/tiny/staging/1.0-0123456789ab.7-0/x", "the app's, named like ours");
    upgraded_beside(&context, "1.0");
    assert_eq!((read(&upload), read(&alike)), ("the app's".to_owned(), "the app's, named like ours".to_owned()));
    // And so does the clean-up of a later one.
    upgraded_beside(&context, "2.0");
    assert!(upload.exists() && alike.exists());
}

/// As [`upgraded`], where something stays in `staging/`.
#[track_caller]
fn upgraded_beside(context: &TestContext, version: &str) {
    let bundle = Tiny::new(version).keep(1).bundle(context);
    assert_eq!(context.program(bundle).run().quiet_stdout(), format!("ran {version}\n"));
    eventually("a clean-up", || context.versions("tiny").len() == 1);
}

#[test]
fn a_clean_up_leaves_directories_that_are_no_versions_of_ours() {
    let context = TestContext::new();
    let novel = context.write("installs/tiny/versions/my-drafts/novel.txt", "chapter 1");
    let alike = context.write("installs/tiny/versions/0.1-0123456789ab/novel.txt", "chapter 2");
    upgraded(&context, "1.0", 3);
    upgraded(&context, "2.0", 3);
    assert_eq!((read(&novel), read(&alike)), ("chapter 1".to_owned(), "chapter 2".to_owned()));
}

/// What apps write into their own version dir, and what is in it then.
fn write_into(version_dir: &Path) -> Vec<(PathBuf, &'static str)> {
    let written = [
        ("db.sqlite3", "a database"),
        ("lib/part1/settings.ini", "beside installed files"),
        ("media/2026/photo.jpg", "in a directory of its own"),
        ("lib/part2/module2.py", "an installed file, changed"),
        ("empty/note", "in an installed directory"),
        (".ekiben/note", "among ekiben's own files"),
    ];
    for (path, content) in written {
        let path = version_dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    // What nobody misses: bytecode of installed modules, empty directories.
    let cache = version_dir.join("lib/part3/__pycache__");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("module3.cpython-313.pyc"), "bytecode").unwrap();
    fs::create_dir_all(version_dir.join("cache/empty")).unwrap();
    written.map(|(path, content)| (PathBuf::from(path), content)).into()
}

pub(crate) fn files(directory: &Path) -> usize {
    walkdir::WalkDir::new(directory).into_iter().filter(|e| !e.as_ref().unwrap().file_type().is_dir()).count()
}

#[test]
fn what_an_app_wrote_into_a_version_dir_is_kept_when_the_version_goes() {
    let context = TestContext::new();
    upgraded(&context, "1.0", 1);
    let version = context.versions("tiny").remove(0);
    let written = write_into(&context.version_dir("tiny"));
    upgraded(&context, "2.0", 1);
    let kept = context.path("installs/tiny/kept").join(&version);
    for (path, content) in &written {
        assert_eq!(read(&kept.join(path)), *content);
    }
    assert_eq!(files(&kept), written.len());

    // The same version, installed and removed again: nothing that was kept is overwritten.
    upgraded(&context, "1.0", 1);
    write_into(&context.version_dir("tiny"));
    fs::write(context.version_dir("tiny").join("db.sqlite3"), "another one").unwrap();
    upgraded(&context, "2.0", 1);
    assert_eq!(read(&kept.join("db.sqlite3")), "a database");
    assert_eq!(read(&kept.join("db.sqlite3.1")), "another one");
    assert_eq!(files(&kept), 2 * written.len());
}

#[test]
fn a_directory_that_has_the_name_of_the_version_is_moved_aside_and_not_deleted() {
    let context = TestContext::new();
    let bundle = context.program(Tiny::new("1.0").bundle(&context));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("tiny");
    let name = version_dir.file_name().unwrap().to_owned();
    fs::remove_dir_all(&version_dir).unwrap();
    fs::create_dir(&version_dir).unwrap();
    fs::write(version_dir.join("novel.txt"), "chapter 1").unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(read(&context.path("installs/tiny/kept").join(name).join("novel.txt")), "chapter 1");
    assert!(is_empty(&context, "staging"));
}

/// After a restart of the machine, a start brings back what a disk has lost: nothing in these files was.
#[test]
fn a_start_after_a_power_cut_leaves_files_that_the_app_has_changed_and_a_repair_keeps_them() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("tiny");
    let database = version_dir.join("lib/part2/module2.py");
    fs::write(&database, "rows and rows").unwrap();
    fs::remove_file(version_dir.join("lib/part1/module1.py")).unwrap();
    // A directory of the app's where a file was, and a file where a directory was.
    fs::remove_file(version_dir.join("lib/part5/module5.py")).unwrap();
    fs::create_dir(version_dir.join("lib/part5/module5.py")).unwrap();
    fs::write(version_dir.join("lib/part5/module5.py/x"), "the app's").unwrap();
    fs::remove_dir_all(version_dir.join("lib/part4")).unwrap();
    fs::write(version_dir.join("lib/part4"), "the app's, too").unwrap();
    fs::write(version_dir.join(".ekiben/seal"), "boot another-one\n").unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), ["lib/part2/module2.py"]);
    assert_eq!(read(&database), "rows and rows");
    let kept = context.path("installs/tiny/kept").join(version_dir.file_name().unwrap());
    assert_eq!(read(&kept.join("lib/part5/module5.py/x")), "the app's");
    assert_eq!(read(&kept.join("lib/part4")), "the app's, too");

    // Whoever asks for the bundle's files gets them; what was there is kept.
    let said = bundle.clone().args(["self", "repair"]).run();
    assert!(said.quiet_stdout().contains("lib/part2/module2.py"), "{said:#?}");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    assert_eq!(read(&kept.join("lib/part2/module2.py")), "rows and rows");
}
