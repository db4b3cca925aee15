//! File systems that can't rename directories, machines that do not say which boot this is, clocks that are wrong, and
//! cleaners of temporary files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ekiben_tests::{Program, TestContext, Tiny};

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

/// Sets the time at which every file of a tree was changed, as if the clock had been ahead when it was installed.
fn installed_at(version_dir: &Path, time: SystemTime) {
    for entry in walkdir::WalkDir::new(version_dir).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        File::options().write(true).open(entry.path()).unwrap().set_modified(time).unwrap();
    }
}

#[test]
fn a_file_that_was_changed_after_a_clock_was_set_back_is_not_taken_by_a_new_version() {
    let context = TestContext::new();
    context.program(Tiny::new("1.0").bundle(&context)).run().quiet_stdout();
    let old = context.version_dir("tiny");
    // The list was written when the clock was a year ahead; the file is changed now, to another text of the same length.
    let ahead = SystemTime::now() + Duration::from_secs(365 * 86400);
    for own in fs::read_dir(old.join(".ekiben")).unwrap() {
        File::options().write(true).open(own.unwrap().path()).unwrap().set_modified(ahead).unwrap();
    }
    let changed = old.join("bin/python3");
    let text = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, text.replace("echo \"ran", "echo \"RAN")).unwrap();
    assert_eq!(context.program(Tiny::new("2.0").bundle(&context)).run().quiet_stdout(), "ran 2.0\n");
}

#[test]
fn a_file_system_that_shifts_all_times_by_hours_hides_no_file_from_a_new_version() {
    use std::os::unix::fs::MetadataExt as _;
    let context = TestContext::new();
    context.program(Tiny::new("1.0").bundle(&context)).run().quiet_stdout();
    let old = context.version_dir("tiny");
    let installed = fs::metadata(old.join("bin/python3")).unwrap().modified().unwrap();
    // As a memory stick with FAT does, which keeps local time, when summer begins.
    installed_at(&old, installed + Duration::from_secs(3600));
    context.program(Tiny::new("2.0").bundle(&context)).run().quiet_stdout();
    assert_eq!(fs::metadata(old.join("bin/python3")).unwrap().nlink(), 2);
}
