//! Updates and rollbacks that are killed at any point, or meet a full disk, a broken network or each other: a program that runs
//! is in place at every moment, and the next attempt completes.
//!
//! strace makes the faults: it kills the launcher, the updater and the new version's trial at their n-th call that changes
//! a file. A sample of these points is enough for CI; `EKIBEN_ALL_POINTS=1` takes every one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::release_server::{Pace, ReleaseServer, Reply};
use ekiben_tests::{Outcome, Program, Publisher, TestContext};

/// Calls that change a file system.
const CHANGES: &str = "write,pwrite64,sendfile,copy_file_range,openat,ftruncate,rename,renameat,renameat2,link,linkat,\
                       unlink,unlinkat,mkdir,mkdirat,fsync,symlink,symlinkat,fchmod,utimensat";

/// An installed app, of which there are as many copies as a test needs.
struct App<'a> {
    context: &'a TestContext,
    /// Bundle and install root.
    whole: PathBuf,
    number: u32,
}

/// One copy.
struct Copy {
    directory: PathBuf,
    app: Program,
}

impl<'a> App<'a> {
    /// Version 1.0 is installed, and 2.0 published.
    fn new(context: &'a TestContext) -> Self {
        let publisher = Publisher::new(context, "updates");
        let source = format!("file://{}", publisher.folder.display());
        let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, &source).bundle(context));
        publisher.release(&[&one], &[]).success();
        publisher.release(&[&two], &[]).success();
        let whole = context.path("whole");
        fs::create_dir(&whole).unwrap();
        fs::copy(one, whole.join("app")).unwrap();
        let app = Self { context, whole, number: 0 };
        assert_eq!(app.program(&app.whole).run().stdout, "ran 1.0\n");
        app
    }

    fn program(&self, directory: &Path) -> Program {
        self.context.program(directory.join("app")).env("EKIBEN_ROOT", directory.join("installs"))
    }

    fn copy(&mut self) -> Copy {
        self.number += 1;
        let directory = self.context.path(format!("copy-{}", self.number));
        let copied = Command::new("cp").arg("-a").arg(&self.whole).arg(&directory).status().unwrap();
        assert!(copied.success());
        Copy { app: self.program(&directory), directory }
    }
}

impl Copy {
    /// Does it with a fault, as strace injects it.
    fn with_fault(&self, words: &[&str], fault: &str) -> Outcome {
        let log = self.directory.join("strace");
        let arguments = ["-f", "-qq", "-o", log.to_str().unwrap(), "-e"].map(Into::into);
        let traced = [&format!("trace={CHANGES}"), "-e", &format!("inject={CHANGES}:{fault}")].map(Into::into);
        let app = self.app.clone().arg("self").args(words.iter().copied());
        app.started_by("strace", arguments.into_iter().chain(traced)).run()
    }

    /// The most calls that one of the processes makes.
    fn calls(&self, words: &[&str]) -> usize {
        self.with_fault(words, "delay_enter=1:when=65535").success();
        let log = fs::read_to_string(self.directory.join("strace")).unwrap();
        let of = |process: &str| log.lines().filter(|line| line.split(' ').next() == Some(process)).count();
        let processes: std::collections::BTreeSet<_> = log.lines().filter_map(|line| line.split(' ').next()).collect();
        processes.into_iter().map(of).max().unwrap()
    }

    fn version(&self) -> String {
        let ran = self.app.run();
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ran.stdout.trim_start_matches("ran ").trim_end().to_owned()
    }

    /// The next attempt completes, and leaves nothing but what it should.
    fn completes(&self, words: &[&str], version: &str, when: &str) {
        let done = self.app.clone().arg("self").args(words.iter().copied()).run();
        assert!(done.code == Some(0) || done.stderr.contains("no earlier version"), "{when}: {done:#?}");
        assert_eq!(self.version(), version, "{when}");
        let names = |directory: &str| -> Vec<String> {
            let entries = fs::read_dir(self.directory.join(directory)).into_iter().flatten().flatten();
            let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let beside: Vec<_> = names(".").into_iter().filter(|name| name != "strace").collect();
        assert_eq!(beside, ["app", "installs"], "{when}");
        assert_eq!(names("installs/tiny/update/download"), [""; 0], "{when}");
        let known = ["download", "previous", "state.json", "updating"];
        let unknown: Vec<_> =
            names("installs/tiny/update").into_iter().filter(|name| !known.contains(&&**name)).collect();
        // A killed write of a small file leaves its new name: `self uninstall` knows it.
        assert!(unknown.iter().all(|name| name.starts_with("state.json.")), "{when}: {unknown:?}");
    }

    fn remove(self) {
        fs::remove_dir_all(self.directory).unwrap();
    }
}

/// All points, or some that are spread over them.
fn points(calls: usize, some: usize) -> impl Iterator<Item = usize> {
    let step = if std::env::var_os("EKIBEN_ALL_POINTS").is_some() { 1 } else { calls.div_ceil(some) };
    (1..=calls).step_by(step.max(1))
}

#[test]
fn killed_at_any_point_of_an_update_a_version_runs_and_the_next_update_completes() {
    let context = TestContext::new();
    let mut app = App::new(&context);
    let calls = app.copy().calls(&["update"]);
    assert!(calls > 100, "{calls}");
    for point in points(calls, 14) {
        let copy = app.copy();
        copy.with_fault(&["update"], &format!("signal=KILL:when={point}"));
        let version = copy.version();
        assert!(version == "1.0" || version == "2.0", "{point}: {version}");
        copy.completes(&["update"], "2.0", &format!("killed at {point} of {calls}"));
        copy.remove();
    }
}

#[test]
fn killed_at_any_point_of_a_rollback_a_version_runs_and_the_next_rollback_completes() {
    let context = TestContext::new();
    let mut app = App::new(&context);
    app.program(&app.whole).args(["self", "update"]).run().success();
    assert_eq!(app.program(&app.whole).run().stdout, "ran 2.0\n");
    let calls = app.copy().calls(&["rollback"]);
    for point in points(calls, 8) {
        let copy = app.copy();
        copy.with_fault(&["rollback"], &format!("signal=KILL:when={point}"));
        // One that was killed after its rename has come to its end.
        if copy.version() == "2.0" {
            copy.completes(&["rollback"], "1.0", &format!("killed at {point} of {calls}"));
        }
        copy.completes(&["update", "--to", "2.0"], "2.0", &format!("after {point} of {calls}"));
        copy.remove();
    }
}

#[test]
fn a_disk_that_is_full_at_any_stage_of_an_update_leaves_the_version_and_the_next_update_completes() {
    let context = TestContext::new();
    let mut app = App::new(&context);
    let calls = app.copy().calls(&["update"]);
    for point in points(calls, 10) {
        let copy = app.copy();
        let writes = "write,pwrite64,copy_file_range,sendfile,ftruncate,mkdir,mkdirat,link,linkat,fsync";
        let log = copy.directory.join("strace");
        let fault = format!("inject={writes}:error=ENOSPC:when={point}+");
        let traced = ["-f", "-qq", "-o", log.to_str().unwrap(), "-P", copy.directory.to_str().unwrap(), "-e", &fault];
        let update = copy.app.clone().args(["self", "update"]);
        let said = update.started_by("strace", traced.map(Into::into)).run();
        let is_told = said.code == Some(0) || said.stderr.contains("No space left on device");
        assert!(is_told && !said.stderr.contains("connection"), "{point}: {said:#?}");
        let version = copy.version();
        assert!(version == "1.0" || version == "2.0", "{point}: {version}");
        copy.completes(&["update"], "2.0", &format!("full at {point} of {calls}"));
        copy.remove();
    }
}

#[test]
fn a_download_goes_on_when_the_network_is_back() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let (folder, down) = (publisher.folder.clone(), context.path("down"));
    let is_down = down.clone();
    let server = ReleaseServer::start(move |request| {
        let reply = Reply::from_folder(&folder, request);
        let breaks = is_down.exists() && request.path.starts_with("2.0/");
        Reply { pace: if breaks { Pace::Cut(reply.body.len() / 3) } else { Pace::Whole }, ..reply }
    });
    let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, &server.url).bundle(&context));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &[]).success();
    let app = context.program(one);
    let update = || app.clone().args(["self", "update"]).run();
    fs::write(&down, "").unwrap();
    let said = update();
    assert!(said.one_error(1).contains("the connection broke again and again"), "{said:#?}");
    assert_eq!(app.run().stdout, "ran 1.0\n");
    fs::remove_file(down).unwrap();
    server.asked();
    assert_eq!(update().quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    assert_eq!(app.run().stdout, "ran 2.0\n");
}

#[test]
fn of_many_updates_at_once_one_is_made_while_the_app_runs() {
    let context = TestContext::new();
    let mut app = App::new(&context);
    let copy = app.copy();
    let mut running = copy.app.clone().args(["stay"]).stdin("").start();
    assert_eq!(running.line(), "ran 1.0\n");
    let updates: Vec<_> = (0..6).map(|_| copy.app.clone().args(["self", "update"]).start()).collect();
    let said: Vec<_> = updates.into_iter().map(ekiben_tests::Running::wait).collect();
    let made = said.iter().filter(|said| said.stdout == "tiny is now 2.0; it was 1.0\n").count();
    let others = |said: &&Outcome| {
        said.stderr.contains("another update of this app is under way") || said.stdout == "tiny 2.0 is up to date\n"
    };
    assert_eq!((made, said.iter().filter(others).count()), (1, 5), "{said:#?}");
    assert_eq!(copy.version(), "2.0");
    assert!(!running.has_ended());
    running.wait().success();
}

#[test]
fn a_clock_that_is_set_back_does_not_revive_metadata_that_expired() {
    let context = TestContext::new();
    let mut app = App::new(&context);
    let copy = app.copy();
    copy.app.clone().args(["self", "update", "--check"]).run().success();
    let state = copy.directory.join("installs/tiny/update/state.json");
    let mut remembered: serde_json::Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    // The latest time that was signed: the clock is a year behind it.
    let latest = remembered["latest"].as_u64().unwrap();
    remembered["latest"] = (latest + 365 * 86_400).into();
    fs::write(&state, remembered.to_string()).unwrap();
    let said = copy.app.clone().args(["self", "update"]).run();
    assert!(said.one_error(1).contains("`stable.json` expired 275 days ago"), "{said:#?}");
    assert!(said.stderr.contains("help: check this computer's clock"), "{said:#?}");
    assert_eq!(copy.version(), "1.0");
}
