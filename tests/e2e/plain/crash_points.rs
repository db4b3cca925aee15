//! A first start, a clean-up and a repair, broken at each of their points (`launcher/src/install/fault`): killed, or failed by
//! a full disk. Whatever happens, the next start works, no part of a version is ever run, and nothing is left.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Outcome, Program, TestContext, Tiny, eventually, faulty_launcher};

/// Moments that a first start and a repair are killed at, together, at least.
const MOST_KILLS: usize = 200;
/// ENOSPC and EDQUOT (errno(3)).
const DISK_ERRORS: [i32; 2] = [28, 122];

/// What an app has written into an old version.
const WRITTEN: [(&str, &str); 2] = [("db.sqlite3", "a database"), ("python.ini", "settings")];

/// An install root, alone in a directory.
pub(crate) struct Installs {
    pub(crate) place: PathBuf,
    app: &'static str,
}

impl Installs {
    pub(crate) fn of(app: &'static str, place: PathBuf) -> Self {
        Self { place, app }
    }

    /// One with two older versions, in one of which the app has written something, and what a killed first start has left.
    pub(crate) fn used(app: &'static str, place: PathBuf) -> Self {
        let installs = Self::of(app, place);
        for version in ["0.8-0123456789ab", "0.9-0123456789ab"] {
            let version_dir = installs.root().join("versions").join(version);
            installs.fill(&version_dir, "end\n");
            fs::write(version_dir.join(".ekiben/seal"), "old").unwrap();
        }
        installs.fill(&installs.root().join("staging/1.0-0123456789ab.1-0"), "");
        for (path, content) in WRITTEN {
            fs::write(installs.root().join("versions/0.8-0123456789ab").join(path), content).unwrap();
        }
        installs
    }

    /// Makes two files of a version, and a list of them that ends so.
    fn fill(&self, directory: &Path, end: &str) {
        let mut list = format!("ekiben installed 1\napp {}\n", self.app);
        for file in ["python", "lib/one.py"] {
            fs::create_dir_all(directory.join(file).parent().unwrap()).unwrap();
            fs::write(directory.join(file), "old").unwrap();
            list += &format!("-\t3\t{file}\n");
        }
        fs::create_dir_all(directory.join(".ekiben")).unwrap();
        fs::write(directory.join(".ekiben/installed"), list + end).unwrap();
    }

    /// Whether all that the app had written into the old version is kept, and nothing else.
    pub(crate) fn is_kept(&self) -> bool {
        let kept = self.root().join("kept/0.8-0123456789ab");
        WRITTEN.iter().all(|(path, content)| fs::read_to_string(kept.join(path)).is_ok_and(|found| found == *content))
            && self.names("kept/0.8-0123456789ab").len() == WRITTEN.len()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.place.join(self.app)
    }

    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root().join(directory)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// The new version's dir, if it is there.
    pub(crate) fn version_dir(&self) -> Option<PathBuf> {
        let name = self.names("versions").into_iter().find(|name| name.starts_with("1.0-"))?;
        Some(self.root().join("versions").join(name))
    }

    /// Whether there is anything of the new version that is unfinished.
    pub(crate) fn is_staged(&self) -> bool {
        self.names("staging").iter().any(|name| name.starts_with("1.0-"))
    }

    /// Whether only one version is there, and nothing in staging.
    pub(crate) fn is_tidy(&self) -> bool {
        self.names("staging").is_empty() && self.names("versions").len() == 1
    }

    /// Waits for the clean-up.
    pub(crate) fn are_tidy(&self) {
        eventually("a clean-up", || self.is_tidy());
    }
}

/// The points that were passed, as the launcher wrote them down.
pub(crate) fn passed(log: &Path) -> Vec<String> {
    fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn with_fault(bundle: &Program, installs: &Installs, fault: &str, log: &Path) -> Outcome {
    bundle
        .clone()
        .env("EKIBEN_ROOT", &installs.place)
        .env("EKIBEN_TEST_FAULT", fault)
        .env("EKIBEN_TEST_FAULT_LOG", log)
        .run()
}

#[test]
fn killed_at_any_point_of_a_first_start_or_a_clean_up_the_next_start_makes_it_good() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").keep(1).faulty();
    let bundle = context.program(tiny.bundle(&context));
    let whole = Installs::used("tiny", context.path("whole"));
    assert_eq!(with_fault(&bundle, &whole, "none:0", &context.path("log")).quiet_stdout(), "ran 1.0\n");
    whole.are_tidy();
    let points = passed(&context.path("log"));
    for name in [
        "lock file",
        "leftover",
        "staging dir",
        "file",
        "directory",
        "link",
        "seal",
        "publish",
        "claimed",
        "discarded",
        "keep",
    ] {
        assert!(points.iter().any(|point| point == name), "{name}: {points:?}");
    }

    let mut kills = 0;
    for point in 1..=points.len() {
        let installs = Installs::used("tiny", context.path(format!("killed-{point}")));
        let log = context.path(format!("log-{point}"));
        let broken = with_fault(&bundle, &installs, &format!("kill:{point}"), &log);
        if broken.signal != Some(9) {
            // The clean-up is another process. Threads race, so now and then there is a point less.
            assert_eq!(broken.quiet_stdout(), "ran 1.0\n");
            eventually("the clean-up's end", || passed(&log).len() >= point || installs.is_tidy());
        }
        // Another thread may have passed a point more before the end came; the clean-up has one thread.
        kills += usize::from(broken.signal == Some(9) || passed(&log).len() == point);
        if let Some(version_dir) = installs.version_dir() {
            assert_eq!(tiny.damage(&version_dir), [""; 0], "published before {point}");
        }
        assert_eq!(bundle.clone().env("EKIBEN_ROOT", &installs.place).run().quiet_stdout(), "ran 1.0\n", "{point}");
        assert_eq!(tiny.damage(&installs.version_dir().unwrap()), [""; 0], "{point}");
        installs.are_tidy();
        assert!(installs.is_kept(), "{point}");
        fs::remove_dir_all(&installs.place).unwrap();
    }
    assert!(kills >= MOST_KILLS, "{kills} of {} points", points.len());
}

/// Takes away, cuts off, zeroes and replaces some files of a version dir. Its seal then says this.
fn damage(version_dir: &Path, seal: &str) {
    let path = |name: &str| version_dir.join(name);
    fs::remove_file(path("bin/python3")).unwrap();
    fs::remove_file(path("python")).unwrap();
    fs::remove_dir(path("empty")).unwrap();
    fs::write(path("lib/part7/module7.py"), "").unwrap();
    fs::write(path("lib/part1/module1.py"), [0; 16]).unwrap();
    fs::remove_dir_all(path("lib/part3")).unwrap();
    fs::remove_dir_all(path("lib/part4")).unwrap();
    fs::write(path("lib/part4"), "a file where a directory was").unwrap();
    fs::write(path(".ekiben/seal"), seal).unwrap();
}

#[test]
fn killed_at_any_point_of_a_repair_the_next_start_repairs_the_rest() {
    // After a power cut; and of a version that was whole before somebody deleted files of it.
    for seal in ["boot another\n", "settled\n"] {
        is_repaired_with(seal);
    }
}

fn is_repaired_with(seal: &str) {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").faulty();
    let bundle = context.program(tiny.bundle(&context));
    let installs = Installs::of("tiny", context.installs());
    bundle.run().quiet_stdout();
    let version_dir = installs.version_dir().unwrap();
    let mut kills = 0;
    for point in 1.. {
        damage(&version_dir, seal);
        assert!(tiny.damage(&version_dir).len() > 20);
        let log = context.path(format!("log-{point}"));
        let broken = with_fault(&bundle, &installs, &format!("kill:{point}"), &log);
        if broken.signal != Some(9) {
            assert_eq!(broken.quiet_stdout(), "ran 1.0\n");
            assert_eq!(tiny.damage(&version_dir), [""; 0], "{point}");
            break;
        }
        kills += 1;
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n", "{point}");
        assert_eq!(tiny.damage(&version_dir), [""; 0], "{point}");
        eventually("a clean-up", || installs.names("staging").is_empty());
    }
    assert!(kills > 30, "{kills}");
}

#[test]
fn a_disk_that_is_full_at_any_point_makes_the_start_go_elsewhere_and_leaves_nothing() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").keep(1).faulty();
    let bundle = context.program(tiny.bundle(&context));
    let whole = Installs::used("tiny", context.path("whole"));
    with_fault(&bundle, &whole, "none:0", &context.path("log")).quiet_stdout();
    let points = passed(&context.path("log")).len();
    // Every seventh: the others write one more file each.
    for (point, number) in (1..=points).step_by(7).zip(DISK_ERRORS.into_iter().cycle()) {
        let installs = Installs::used("tiny", context.path(format!("full-{point}")));
        let home = context.path(format!("home-{point}"));
        let bundle = bundle.clone().env("HOME", &home);
        let log = context.path(format!("log-{point}"));
        let outcome = with_fault(&bundle, &installs, &format!("error:{point}:{number}"), &log);
        assert_eq!(outcome.quiet_stdout(), "ran 1.0\n", "{point}");
        let elsewhere = Installs::of("tiny", home.join(".local/share/ekiben"));
        let version_dirs: Vec<_> = [&installs, &elsewhere].into_iter().filter_map(Installs::version_dir).collect();
        assert!(!version_dirs.is_empty(), "{point}");
        for version_dir in version_dirs {
            assert_eq!(tiny.damage(&version_dir), [""; 0], "{point}");
        }
        eventually("nothing is staged", || !installs.is_staged() && !elsewhere.is_staged());
    }
}

#[test]
fn no_launcher_that_is_shipped_has_fault_points() {
    let has = |launcher: &[u8]| launcher.windows(17).any(|bytes| bytes == b"EKIBEN_TEST_FAULT");
    assert!(has(&faulty_launcher(Os::Linux)));
    for target in ekiben::platform::Target::all() {
        let shipped = ekiben::executable::launchers::for_target(target);
        assert!(!shipped.is_ok_and(has), "{target}");
    }
}
