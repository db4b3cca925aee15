//! As `registry::file_systems`: the tests that need nothing that is fetched.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use ekiben_tests::{TestContext, Tiny};

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
