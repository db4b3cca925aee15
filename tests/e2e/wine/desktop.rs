//! As `registry::desktop`: the tests that need Wine.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use ekiben_tests::{Os, Screen, TestContext, Wine, eventually, eventually_some};

use crate::registry::desktop::another_start_is_installing;

#[test]
fn a_long_first_start_on_a_desktop_shows_a_window_that_can_be_cancelled() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let screen = Screen::new(wine);
    let lock = another_start_is_installing(&context);

    let mut cancelled = screen.launch(context.program(&bundle));
    let window = screen.window("hello");
    screen.picture("linux-first-start");
    screen.press(&window, "Escape");
    let ended = eventually_some("it is cancelled", || cancelled.try_wait().unwrap());
    assert_eq!(ended.code(), Some(120));
    assert!(context.versions("hello").is_empty());

    let mut patient = screen.launch(context.program(&bundle));
    screen.window("hello");
    drop(lock);
    assert_eq!(patient.wait().unwrap().code(), Some(0));
    assert_eq!(context.versions("hello").len(), 1);
    eventually("the window goes", || !screen.has("hello"));
}

#[test]
fn a_long_first_start_on_a_desktop_without_zenity_shows_a_notification() {
    /// A session with a bus, on which dunst is started when somebody notifies. `$1` the bundle, `$2` what was notified.
    const SESSION: &str = r#"bwrap --dev-bind / / --ro-bind /dev/null /usr/bin/zenity "$1"
status=$?
dunstctl close-all && dunstctl history >"$2"
exit $status"#;
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let screen = Screen::new(wine);
    let lock = another_start_is_installing(&context);
    let told = context.path("notified");
    let words = ["--", "sh", "-c", SESSION, "sh"];
    let mut first = screen.launch(context.program("dbus-run-session").args(words).args([&bundle, &told]));
    screen.window("Dunst");
    screen.picture("linux-notification");
    drop(lock);
    assert_eq!(eventually_some("it starts", || first.try_wait().unwrap()).code(), Some(0));
    assert_eq!(context.versions("hello").len(), 1);
    let told = fs::read_to_string(told).unwrap();
    assert!(
        told.contains(r#""data" : "Waiting for another start …""#) && told.contains(r#""data" : "hello""#),
        "{told}"
    );
}

#[test]
fn a_failure_on_a_desktop_is_told_in_a_window_in_the_users_language() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let screen = Screen::new(wine);
    let damaged = File::options().write(true).open(&bundle).unwrap();
    damaged.write_all_at(&[0; 64], damaged.metadata().unwrap().len() / 2).unwrap();
    drop(damaged);
    let failed = screen.launch(context.program(&bundle).env("LANG", "de_DE.UTF-8")).wait().unwrap();
    assert_eq!(failed.code(), Some(124));
    let window = screen.window("hello");
    screen.picture("linux-failure");
    // Nobody waits for the window, and whoever shows it ends with it.
    eventually("it is closed", || {
        screen.press_if_there(&window, "Escape");
        !screen.has("hello")
    });
}
