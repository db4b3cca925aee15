//! A first start of a new version takes what has not changed from the old one beside it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Program, TestContext};
use walkdir::WalkDir;

/// Another build of `hello`, which says something else.
pub(crate) fn changed(context: &TestContext, windows: bool) -> PathBuf {
    let project = context.project("hello");
    let source = fs::read_to_string(project.join("hello.py")).unwrap().replace("Hello", "Good morning");
    fs::write(project.join("hello.py"), source).unwrap();
    let output = context.path(if windows { "changed.exe" } else { "changed" });
    let target: &[&str] = if windows { &["--target", "windows"] } else { &[] };
    context.ekiben().arg("build").arg(project).arg("--output").arg(&output).args(target).run().success();
    output
}

/// The regular files of a version dir, but for our own: their paths, and what names them on the disk.
pub(crate) fn files(version_dir: &Path) -> BTreeMap<PathBuf, (u64, Vec<u8>)> {
    let walk = WalkDir::new(version_dir).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    walk.map(|entry| {
        let path = entry.path().strip_prefix(version_dir).unwrap().to_owned();
        (path, (entry.metadata().unwrap().ino(), fs::read(entry.path()).unwrap()))
    })
    .filter(|(path, _)| !path.starts_with(".ekiben"))
    .collect()
}

/// Installs `old`, then `new`; both say what they should, share most files, and each has its own of the others.
pub(crate) fn shares(context: &TestContext, old: &Program, new: &Program) {
    let said = old.run().quiet_stdout().to_owned();
    let versions = context.path("installs/hello/versions");
    let old_dir = context.version_dir("hello");
    let before = files(&old_dir);
    let started = new.run();
    assert_eq!(started.quiet_stdout(), said.replace("Hello", "Good morning"));
    let new_dir = context.versions("hello").into_iter().map(|name| versions.join(name)).find(|dir| *dir != old_dir);
    let after = files(&new_dir.unwrap());
    assert_eq!(files(&old_dir), before, "the old version is as it was");
    let same = after.iter().filter(|(path, file)| before.get(*path) == Some(file)).count();
    assert!(same * 10 > after.len() * 9, "{same} of {}", after.len());
    for (path, (inode, content)) in &after {
        let other = before.get(path);
        let shared = other.is_some_and(|(other, _)| other == inode);
        assert!(!shared || other.is_some_and(|(_, other)| other == content), "{}", path.display());
    }
    assert_eq!(old.run().quiet_stdout(), said);
}

#[test]
fn a_new_version_shares_unchanged_files_with_the_old_one() {
    let context = TestContext::new();
    let old = context.program(context.bundle("hello", Os::Linux));
    let new = context.program(changed(&context, false));
    shares(&context, &old, &new);
}

#[test]
fn a_file_that_the_user_changed_in_the_old_version_does_not_spread() {
    let context = TestContext::new();
    context.program(context.bundle("hello", Os::Linux)).run().quiet_stdout();
    let os = walkdir::WalkDir::new(context.version_dir("hello"))
        .into_iter()
        .map(Result::unwrap)
        .find(|entry| entry.file_name() == "argparse.pyc")
        .unwrap();
    let original = fs::read(os.path()).unwrap();
    fs::write(os.path(), [b"#".as_slice(), &original[1..]].concat()).unwrap();
    let below = os.path().strip_prefix(context.version_dir("hello")).unwrap().to_owned();
    let old_dir = context.version_dir("hello");
    context.program(changed(&context, false)).run().quiet_stdout();
    let versions = context.path("installs/hello/versions");
    let new_dir = context.versions("hello").into_iter().map(|name| versions.join(name)).find(|dir| *dir != old_dir);
    assert!(fs::read(new_dir.unwrap().join(below)).unwrap() == original);
}
