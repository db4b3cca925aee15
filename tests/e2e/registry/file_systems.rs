//! File systems that can't rename directories, machines that do not say which boot this is, clocks that are wrong, and
//! cleaners of temporary files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ekiben_tests::{Os, Program, TestContext, Tiny, eventually};

/// `tiny`, installed among temporary files as an account without a home, and where.
fn among_temporary_files(context: &TestContext) -> (Program, PathBuf) {
    let bundle = context.program(Tiny::new("1.0").bundle(context));
    let bundle = bundle.env_remove("EKIBEN_ROOT").env("HOME", "/dev/null");
    bundle.run().quiet_stdout();
    let private = fs::read_dir(context.path("tmp")).unwrap().next().unwrap().unwrap().path();
    let version = fs::read_dir(private.join("tiny/versions")).unwrap().next().unwrap().unwrap().path();
    (bundle, version)
}

fn aged(path: &Path, hours: u64) {
    let then = SystemTime::now() - Duration::from_secs(hours * 3600);
    File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn a_start_from_among_temporary_files_brings_back_once_a_day_what_a_cleaner_removed() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let (bundle, version_dir) = among_temporary_files(&context);
    let seal = version_dir.join(".ekiben/seal");
    for lost in ["lib/part1/module1.py", "lib/part2", ".ekiben/installed"] {
        fs::write(&seal, "settled\n").unwrap();
        let path = version_dir.join(lost);
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        aged(&seal, 23);
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
        assert!(!path.exists(), "{lost}: not looked for yet");
        aged(&seal, 25);
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
        assert_eq!(tiny.damage(&version_dir), [""; 0], "{lost}");
        assert!(path.exists(), "{lost}");
    }
    // Nothing is missing: the next day counts from now.
    fs::write(&seal, "settled\n").unwrap();
    aged(&seal, 25);
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert!(fs::metadata(&seal).unwrap().modified().unwrap().elapsed().unwrap() < Duration::from_secs(3600));
    assert_eq!(fs::read_to_string(&seal).unwrap(), "settled\n");
}

#[test]
fn a_version_among_temporary_files_that_lost_its_seal_and_its_list_is_installed_again() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let (bundle, version_dir) = among_temporary_files(&context);
    fs::write(version_dir.join("lib/part1/notes"), "the app's").unwrap();
    fs::remove_dir_all(version_dir.join(".ekiben")).unwrap();
    fs::remove_dir_all(version_dir.join("lib/part3")).unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    let root = version_dir.ancestors().nth(2).unwrap();
    assert_eq!(fs::read_dir(root.join("staging")).unwrap().count(), 0);
    let kept = root.join("kept").join(version_dir.file_name().unwrap());
    assert_eq!(fs::read_to_string(kept.join("lib/part1/notes")).unwrap(), "the app's");
    assert_eq!(walkdir::WalkDir::new(kept).into_iter().flatten().filter(|e| e.file_type().is_file()).count(), 1);
}

#[test]
fn a_list_that_a_disk_lost_is_written_again() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("hello");
    let list = version_dir.join(".ekiben/installed");
    let whole = fs::read_to_string(&list).unwrap();
    for lost in ["", &whole[..whole.len() / 2], &"\0".repeat(whole.len())] {
        fs::write(&list, lost).unwrap();
        fs::write(version_dir.join(".ekiben/seal"), "boot another-one\n").unwrap();
        bundle.run().quiet_stdout();
        eventually("the list", || fs::read_to_string(&list).unwrap() == whole);
    }
}
