//! `app self update` and `app self rollback` on Windows, as far as Wine shows it: from a web server, a directory and a share.

use std::fs;
use std::path::PathBuf;

use bundle::record::Policy;
use ekiben_tests::release_server::ReleaseServer;
use ekiben_tests::{Outcome, Program, Publisher, TestContext, Tiny, Wine, windows_path, windows_program};

use crate::registry::updates::{build, is_on_probation};

/// What plays the interpreter: says which version it is, and stays until its input ends.
fn app(publisher: &Publisher<'_>, version: &str, source: &str, program: &[u8]) -> Tiny {
    publisher.app_with(version, source, Policy::Manual).windows().running(program.to_vec())
}

/// A first version that is installed, and the second one published where `source` says.
struct Story<'a> {
    context: &'a TestContext,
    app: Program,
    place: PathBuf,
    two: PathBuf,
}

impl<'a> Story<'a> {
    fn new(context: &'a TestContext, wine: &Wine, publisher: &Publisher<'_>, source: &str) -> Self {
        let stays = windows_program(context, "stays", &[]);
        let [one, two] = ["1.0", "2.0"].map(|version| app(publisher, version, source, &stays).bundle(context));
        publisher.release(&[&one], &[]).success();
        publisher.release(&[&two], &[]).success();
        let place = context.path("app.exe");
        fs::copy(one, &place).unwrap();
        Self { context, app: wine.program(context, place.clone()).stdin(""), place, two }
    }

    fn command(&self, words: &[&str]) -> Outcome {
        self.app.clone().arg("self").args(words.iter().copied()).run()
    }

    /// Looks, updates while the old version runs, and goes back.
    fn is_told(&self) {
        let mut old = self.app.start();
        assert_eq!(old.line().trim_end(), "ran 1.0");
        assert_eq!(self.command(&["update", "--check"]).quiet_stdout(), "tiny 2.0 is available; this is 1.0\n");
        assert_eq!(self.command(&["update"]).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
        assert!(fs::read(&self.place).unwrap() == fs::read(&self.two).unwrap());
        let mut new = self.app.start();
        assert_eq!(new.line().trim_end(), "ran 2.0");
        assert!(!old.has_ended());
        assert_eq!((old.wait().code, new.wait().code), (Some(0), Some(0)));
        assert_eq!(self.command(&["update"]).quiet_stdout(), "tiny 2.0 is up to date\n");

        assert_eq!(self.command(&["rollback"]).quiet_stdout(), "tiny is 1.0 again; it was 2.0\n");
        assert_eq!(self.app.run().stdout.trim_end(), "ran 1.0");
        assert_eq!(self.command(&["update"]).quiet_stdout(), "tiny 1.0 is up to date\n");
        let left: Vec<_> = self.context.everything().into_iter().filter(|path| path.ends_with(".old")).collect();
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn an_app_on_windows_updates_itself_from_a_web_server_and_fetches_only_what_has_changed() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let server = ReleaseServer::of_folder(publisher.folder.clone());
    let story = Story::new(&context, wine, &publisher, &server.url);
    story.is_told();
    let asked = server.asked();
    let sent: usize = asked.iter().filter(|(request, _)| request.range.is_some()).map(|(_, sent)| sent).sum();
    assert!(sent > 0 && sent < 100_000, "{sent}: {asked:?}");
}

#[test]
fn an_app_on_windows_updates_itself_from_a_directory_and_from_a_share() {
    let Some(wine) = Wine::or_skip() else { return };
    for is_share in [false, true] {
        let context = TestContext::new();
        let publisher = Publisher::new(&context, "updates");
        fs::create_dir(&publisher.folder).unwrap();
        let share = is_share.then(|| wine.share(&publisher.folder));
        let source = match &share {
            Some(share) => share.path("").to_str().unwrap().trim_end_matches('\\').to_owned(),
            None => format!("file:///{}", windows_path(&publisher.folder)),
        };
        Story::new(&context, wine, &publisher, &source).is_told();
    }
}

#[test]
fn a_version_for_windows_whose_first_starts_fail_is_left_for_the_one_before() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let source = format!("file:///{}", windows_path(&publisher.folder));
    let [one, two] = ["1.0", "2.0"].map(|version| build(&context, &publisher, version, &source, "windows"));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &[]).success();
    let app = context.path("seats.exe");
    fs::copy(one, &app).unwrap();
    is_on_probation(&context, &wine.program(&context, app), false);
}

#[test]
fn a_bundle_that_a_power_cut_left_beside_its_place_returns_there_when_it_is_started() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let stays = windows_program(&context, "stays", &[]);
    let one = app(&publisher, "1.0", "https://localhost", &stays).bundle(&context);
    let (place, aside) = (context.path("app.exe"), context.path("app.exe.0123456789abcdef.old.exe"));
    fs::rename(one, &aside).unwrap();
    assert_eq!(wine.program(&context, &aside).run().stdout.trim_end(), "ran 1.0");
    assert!(place.exists() && !aside.exists());
    assert_eq!(wine.program(&context, &place).run().stdout.trim_end(), "ran 1.0");
}
