//! As `registry::data_loss`: the tests that need nothing that is fetched.

use std::fs;

use ekiben_tests::{TestContext, Tiny};

use crate::registry::data_loss::{is_empty, read};

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
