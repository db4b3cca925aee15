//! As `plain::power_loss`: the tests that need CPython or packages.

use std::fs::{self};

use ekiben_tests::{Os, TestContext};

use crate::plain::power_loss::Lost;

#[test]
fn a_real_app_survives_a_power_cut() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    let lost = Lost::after(&bundle, &context, "hello");
    let mut victims: Vec<_> = walkdir::WalkDir::new(&lost.version_dir)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != "seal")
        .map(walkdir::DirEntry::into_path)
        .collect();
    let whole = context.path("whole");
    assert!(std::process::Command::new("cp").arg("-R").arg(&lost.version_dir).arg(&whole).status().unwrap().success());
    victims = victims.into_iter().step_by(40).collect();
    for (at, victim) in victims.iter().enumerate() {
        match at % 3 {
            0 => fs::remove_file(victim).unwrap(),
            1 => fs::write(victim, "").unwrap(),
            _ => fs::write(victim, vec![0; fs::metadata(victim).unwrap().len() as usize]).unwrap(),
        }
    }
    lost.boot();
    assert_eq!(bundle.run().quiet_stdout(), "Hello, world!\n");
    let diff = ["-r", "--no-dereference", "--exclude=.ekiben"];
    let diff = std::process::Command::new("diff").args(diff).arg(&whole).arg(&lost.version_dir).output().unwrap();
    assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
}
