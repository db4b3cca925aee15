//! As `registry::share`: the tests that need nothing that is fetched.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ekiben_tests::{Program, TestContext, Tiny};

use crate::plain::concurrency::at_once;
use crate::registry::share::Stopped;

#[test]
fn two_hundred_users_start_one_file_at_once_and_disturb_nobody() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = tiny.bundle(&context);
    let share = context.path("share");
    fs::create_dir(&share).unwrap();
    let place = share.join("tiny");
    fs::rename(bundle, &place).unwrap();
    // Nobody may write there, and somebody else has locked it.
    for (path, mode) in [(&place, 0o555), (&share, 0o555)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let locked = File::open(&place).unwrap();
    locked.lock().unwrap();
    let before = (fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap());

    // Half of them on machines of their own, the others twenty to a machine.
    let root = |user: usize| context.path(format!("root-{}", if user < 100 { user } else { 100 + user / 20 }));
    let starts: Vec<Program> =
        (0..200).map(|user| context.program(&place).env("EKIBEN_ROOT", root(user)).arg("where")).collect();
    let mut places: Vec<String> = Vec::new();
    for outcome in at_once(&starts) {
        let (said, version_dir) = outcome.quiet_stdout().split_once('\n').unwrap();
        assert_eq!(said, "ran 1.0");
        places.push(version_dir.trim_end().to_owned());
    }
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 105);
    for version_dir in places {
        assert_eq!(tiny.damage(Path::new(&version_dir)), [""; 0]);
    }
    assert_eq!((fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap()), before);
    fs::set_permissions(share, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_bundle_that_is_deleted_while_it_extracts_is_installed_whole() {
    let stopped = Stopped::new();
    let running = stopped.program().start();
    stopped.has_begun();
    fs::remove_file(&stopped.bundle).unwrap();
    fs::write(&stopped.go_on, "").unwrap();
    assert_eq!(running.wait().quiet_stdout(), "ran 1.0\n");
    assert_eq!(stopped.tiny.damage(&stopped.context.version_dir("tiny")), [""; 0]);
}
