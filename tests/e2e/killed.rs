//! A first start that is killed, at whatever moment, is made good by the next one.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ekiben_tests::{Os, Program, TestContext, Wine, windows_path};

/// Kills a first start after `wait`. Whether it was still at work then.
fn killed_after(bundle: &Program, wait: Duration) -> bool {
    let running = bundle.start();
    // The moment is what the test is about; nothing depends on what has been done by then.
    thread::sleep(wait);
    running.signal("KILL");
    running.wait().code.is_none()
}

/// What a path below the install root holds.
fn count(installs: &Path, name: &str) -> usize {
    fs::read_dir(installs.join("terminal").join(name)).map_or(0, Iterator::count)
}

/// Kills first starts at `points` moments, spread over the time that one takes, each in an install root of its own, and
/// looks at what the next start makes of it.
fn is_made_good(context: &TestContext, bundle: &Program, points: u32, root: impl Fn(&Path) -> String) {
    let bundle = bundle.clone().arg("--version");
    let before = Instant::now();
    let said = bundle.run().quiet_stdout().to_owned();
    let duration = before.elapsed();
    let whole = context.version_dir("terminal");
    let mut half_done = 0;
    for point in 0..points {
        let wait = duration * point / points;
        let installs = context.path(format!("killed-{point}"));
        let bundle = bundle.clone().env("EKIBEN_ROOT", root(&installs));
        let killed = killed_after(&bundle, wait);
        half_done += usize::from(killed && count(&installs, "staging") > 0);
        assert!(count(&installs, "versions") <= 1, "after {wait:?}");
        assert_eq!(bundle.run().quiet_stdout(), said, "after {wait:?}");
        assert_eq!((count(&installs, "staging"), count(&installs, "versions")), (0, 1), "after {wait:?}");
        let made = installs.join("terminal/versions").join(whole.file_name().unwrap());
        let diff = Command::new("diff").args(["-r", "--no-dereference"]).arg(&whole).arg(&made).output().unwrap();
        assert!(diff.status.success(), "after {wait:?}: {}", String::from_utf8_lossy(&diff.stdout));
        fs::remove_dir_all(installs).unwrap();
    }
    assert!(half_done > 0, "no kill came in the middle of the work, which takes {duration:?}");
}

#[test]
fn a_first_start_killed_at_any_moment_is_made_good_by_the_next() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("terminal", Os::Linux));
    is_made_good(&context, &bundle, 12, |installs| installs.to_str().unwrap().to_owned());
}

#[test]
fn a_first_start_on_windows_killed_at_any_moment_is_made_good_by_the_next() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = wine.program(&context, context.bundle("terminal", Os::Windows));
    is_made_good(&context, &bundle, 3, windows_path);
}
