//! A version that an update has brought, and whose first starts fail: the next start goes back to the version before.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use ekiben_tests::release_server::ReleaseServer;
use ekiben_tests::{Program, Publisher, TestContext, eventually};

/// Can import its entry point, and does nothing but fail after that.
const BROKEN: &str = "#!/bin/sh\n[ \"$1\" = -I ] && exit 0\necho broken >&2\nexit 3\n";
/// Waits until its input ends, in its version dir, and does not say that it went well.
const SILENT: &str = "#!/bin/sh\n[ \"$1\" = -I ] && exit 0\ncd \"$EKIBEN_VERSION_DIR\"\necho \"ran $EKIBEN_VERSION\"\nread -r line\nexit 0\n";

/// An app that was updated to version 2.0, which runs this program.
struct Story<'a> {
    context: &'a TestContext,
    server: ReleaseServer,
    app: Program,
}

impl<'a> Story<'a> {
    fn new(context: &'a TestContext, program: &str) -> Self {
        let publisher = Publisher::new(context, "updates");
        let server = ReleaseServer::of_folder(publisher.folder.clone());
        let one = publisher.app("1.0", &server.url).bundle(context);
        let two = publisher.app("2.0", &server.url).running(program.into()).bundle(context);
        publisher.release(&[&one], &[]).success();
        publisher.release(&[&two], &[]).success();
        let app = context.path("app");
        fs::copy(one, &app).unwrap();
        let app = context.program(app);
        assert_eq!(app.run().stdout, "ran 1.0\n");
        app.clone().args(["self", "update"]).run().success();
        server.asked();
        Self { context, server, app }
    }

    fn probation(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.context.path("installs/tiny/update")).unwrap().flatten();
        let mut found = entries.map(|entry| entry.path());
        found.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("on-probation-"))
    }

    /// As if the last start had been a minute ago.
    fn is_over(&self) {
        let file = File::options().append(true).open(self.probation().unwrap()).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    }
}

#[test]
fn after_three_failed_starts_the_next_one_goes_back_and_the_version_is_not_downloaded_again() {
    let context = TestContext::new();
    let story = Story::new(&context, BROKEN);
    for start in 1..=3 {
        let failed = story.app.run();
        assert_eq!((failed.code, failed.stderr.as_str()), (Some(3), "broken\n"), "{start}");
    }
    story.is_over();
    let back = story.app.clone().args(["where", "a b"]).run();
    assert_eq!(back.code, Some(0), "{back:#?}");
    assert!(back.stdout.starts_with("ran 1.0\n") && back.stdout.contains("/tiny/versions/1.0-"), "{back:#?}");
    assert_eq!(back.stderr, "its last starts have failed: tiny is 1.0 again; it was 2.0\n");
    assert_eq!(story.probation(), None);
    for _ in 0..4 {
        assert_eq!(story.app.run().quiet_stdout(), "ran 1.0\n");
    }
    let update = story.app.clone().args(["self", "update"]).run();
    assert_eq!(update.quiet_stdout(), "tiny 1.0 is up to date\n");
    let asked = story.server.asked();
    assert!(asked.iter().all(|(request, _)| request.path.starts_with("stable.json")), "{asked:?}");
}

#[test]
fn a_failed_version_without_one_before_it_is_started_and_nothing_loops() {
    let context = TestContext::new();
    let story = Story::new(&context, BROKEN);
    (0..3).for_each(|_| assert_eq!(story.app.run().code, Some(3)));
    story.is_over();
    fs::remove_file(context.path("installs/tiny/update/previous")).unwrap();
    let tried = story.app.run();
    assert_eq!(tried.code, Some(3));
    assert!(
        tried.stderr.starts_with("could not go back to the version before: error: there is no earlier"),
        "{tried:#?}"
    );
    assert!(tried.stderr.ends_with("broken\n"), "{tried:#?}");
    let next = story.app.run();
    assert_eq!((next.code, next.stderr.as_str()), (Some(3), "broken\n"));
}

#[test]
fn a_version_that_went_well_once_stays() {
    let context = TestContext::new();
    let good = "#!/bin/sh\n[ \"$1\" = -I ] && exit 0\n[ \"$5\" = bad ] && exit 3\nrm -f \"${2#*=}\"\n";
    let story = Story::new(&context, good);
    story.app.clone().arg("bad").run();
    assert_eq!(fs::read(story.probation().unwrap()).unwrap(), b".");
    story.app.run().success();
    assert_eq!(story.probation(), None);
    for _ in 0..5 {
        assert_eq!(story.app.clone().args(["", "", "bad"]).run().code, Some(3));
    }
}

#[test]
fn starts_at_the_same_time_are_not_taken_for_failed_ones_and_a_long_one_went_well() {
    let context = TestContext::new();
    let story = Story::new(&context, SILENT);
    let mut running: Vec<_> = (0..4).map(|_| story.app.clone().stdin("").start()).collect();
    assert!(running.iter_mut().all(|app| app.line() == "ran 2.0\n"));
    story.is_over();
    let mut fifth = story.app.clone().stdin("").start();
    assert_eq!(fifth.line(), "ran 2.0\n");
    eventually("half a minute", || story.probation().is_none());
    running.push(fifth);
    assert!(running.into_iter().all(|app| app.wait().code == Some(0)));
}
