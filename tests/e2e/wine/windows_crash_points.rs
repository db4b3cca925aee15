//! As `crash_points`, with a launcher for Windows under Wine: a first start and a clean-up that are killed
//! (`TerminateProcess`), or failed by a full disk.
//!
//! A start costs more there, so it is not every point: every so many-th, and one of each kind. `EKIBEN_ALL_POINTS=1` takes
//! every one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Program, Running, TestContext, Tiny, Wine, eventually, windows_path};

use crate::plain::crash_points::{Installs, passed};

/// Moments that a first start or a clean-up is killed at, at least.
const MOST_KILLS: usize = 40;
/// ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED (Microsoft's "System Error Codes").
const DISK_ERRORS: [i32; 3] = [39, 112, 1295];
/// Says which version it is and stays until its input ends: on Windows, the clean-up is a thread beside a running app.
const STAY: &str = "echo ran %EKIBEN_VERSION%& set /p X=& exit 0";

/// The app, and the Windows machine it runs on.
struct App<'a> {
    context: &'a TestContext,
    tiny: Tiny,
    bundle: Program,
}

impl<'a> App<'a> {
    fn new(context: &'a TestContext, wine: &Wine, id: &str) -> Self {
        let tiny = Tiny::new("1.0").named(id).keep(1).windows().faulty().running(wine.shell());
        let bundle = wine.program(context, tiny.bundle(context)).args(["/c", STAY]).stdin("");
        Self { context, tiny, bundle }
    }

    /// A start with a fault, until the app and the clean-up are done, or its end.
    fn with_fault(&self, installs: &Installs, fault: &str, log: &Path) -> Running {
        self.at(installs).env("EKIBEN_TEST_FAULT", fault).env("EKIBEN_TEST_FAULT_LOG", windows_path(log)).start()
    }

    fn at(&self, installs: &Installs) -> Program {
        self.bundle.clone().env("EKIBEN_ROOT", windows_path(&installs.place))
    }

    /// The points of a first start and a clean-up that nothing breaks.
    fn points(&self, app: &'static str) -> Vec<String> {
        let (installs, log) = (Installs::used(app, self.context.path("whole")), self.context.path("log"));
        runs(self.with_fault(&installs, "none:0", &log), || installs.are_tidy());
        assert_eq!(self.tiny.damage(&installs.version_dir().unwrap()), [""; 0]);
        passed(&log)
    }
}

/// The app comes up, and ends when something is done.
#[track_caller]
fn runs(mut running: Running, until: impl FnOnce()) {
    let said = running.line();
    if said == "ran 1.0\r\n" {
        until();
    }
    let ended = running.wait();
    assert_eq!(said, "ran 1.0\r\n", "{ended:#?}");
    assert_eq!(ended.quiet_stdout(), "");
}

/// Every so many-th point and the first one of each name, or every one.
fn chosen(points: &[String], step: usize) -> Vec<usize> {
    let all = std::env::var_os("EKIBEN_ALL_POINTS").is_some_and(|value| value == "1");
    let mut names = BTreeSet::new();
    let mut is_chosen = |point: usize| names.insert(&points[point - 1]) || all || point.is_multiple_of(step);
    (1..=points.len()).filter(|point| is_chosen(*point)).collect()
}

#[test]
fn killed_at_points_of_a_first_start_or_a_clean_up_on_windows_the_next_start_makes_it_good() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let app = App::new(&context, wine, "tiny");
    let points = app.points("tiny");
    for name in
        ["locked", "leftover", "staging dir", "file", "directory", "seal", "publish", "claimed", "discarded", "keep"]
    {
        assert!(points.iter().any(|point| point == name), "{name}: {points:?}");
    }

    let published = points.iter().position(|point| point == "published").unwrap() + 1;
    let mut kills = 0;
    for point in chosen(&points, 5) {
        let installs = Installs::used("tiny", context.path(format!("killed-{point}")));
        let (log, is_up) = (context.path(format!("log-{point}")), context.path(format!("up-{point}")));
        // A clean-up is killed when the app is up, which then goes with it: killed while it is made, it may never run, nor end.
        let fault = if point > published { windows_path(&is_up) } else { String::new() };
        let mut broken = app.with_fault(&installs, &format!("kill:{point}:{fault}"), &log);
        if point > published {
            assert_eq!(broken.line(), "ran 1.0\r\n");
            fs::write(is_up, "").unwrap();
        }
        eventually("a kill, or the clean-up's end", || broken.has_ended() || installs.is_tidy());
        let broken = broken.wait();
        // What `TerminateProcess` was given; or 1, where another thread was talking to Wine's server just then.
        let was_killed = matches!(broken.code, Some(9 | 1)) && broken.stderr.is_empty();
        assert!(was_killed || broken.code == Some(0), "{broken:#?}");
        kills += usize::from(was_killed);
        if let Some(version_dir) = installs.version_dir() {
            assert_eq!(app.tiny.damage(&version_dir), [""; 0], "published before {point}");
        }
        runs(app.at(&installs).start(), || installs.are_tidy());
        assert!(installs.is_kept(), "{point}");
        assert_eq!(app.tiny.damage(&installs.version_dir().unwrap()), [""; 0], "{point}");
        fs::remove_dir_all(&installs.place).unwrap();
    }
    println!("{kills} kills, of {} points", points.len());
    assert!(kills >= MOST_KILLS, "{kills} of {} points", points.len());
}

/// Removes what a test has installed on Wine's drive, which all tests share.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn a_disk_that_is_full_at_points_of_a_start_on_windows_makes_it_go_elsewhere_and_leaves_nothing() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let app = App::new(&context, wine, "tiny-full");
    let elsewhere = Installs::of("tiny-full", wine.users_programs());
    let points = app.points("tiny-full");
    let mut moved = 0;
    for (point, number) in chosen(&points, 50).into_iter().zip(DISK_ERRORS.into_iter().cycle()) {
        let removed = Removed(elsewhere.root());
        let installs = Installs::used("tiny-full", context.path(format!("full-{point}")));
        let log = context.path(format!("log-{point}"));
        let nothing_is_staged = || eventually("nothing staged", || !installs.is_staged() && !elsewhere.is_staged());
        runs(app.with_fault(&installs, &format!("error:{point}:{number}"), &log), nothing_is_staged);
        let version_dirs: Vec<_> = [&installs, &elsewhere].into_iter().filter_map(Installs::version_dir).collect();
        assert!(!version_dirs.is_empty(), "{point}");
        moved += usize::from(elsewhere.version_dir().is_some());
        for version_dir in version_dirs {
            assert_eq!(app.tiny.damage(&version_dir), [""; 0], "{point}");
        }
        drop(removed);
    }
    assert!(moved > 3, "{moved}");
}
