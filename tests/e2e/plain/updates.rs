//! `app self update` and `app self rollback`, from a web server and from a directory.

use std::fs;

use ekiben_tests::release_server::{Pace, ReleaseServer, Reply};
use ekiben_tests::{Program, Publisher, TestContext};

/// A first version that is installed, the second one published, and the server.
struct Story<'a> {
    publisher: Publisher<'a>,
    server: ReleaseServer,
    app: Program,
}

impl<'a> Story<'a> {
    fn new(context: &'a TestContext) -> Self {
        let publisher = Publisher::new(context, "updates");
        let server = ReleaseServer::of_folder(publisher.folder.clone());
        let one = publisher.app("1.0", &server.url).bundle(context);
        let two = publisher.app("2.0", &server.url).bundle(context);
        publisher.release(&[&one], &[]).success();
        publisher.release(&[&two], &[]).success();
        let app = context.path("app");
        fs::copy(one, &app).unwrap();
        Self { publisher, server, app: context.program(app) }
    }

    fn update(&self, options: &[&str]) -> ekiben_tests::Outcome {
        self.app.clone().args(["self", "update"]).args(options.iter().copied()).run()
    }
}

#[test]
fn an_update_replaces_the_bundle_and_a_rollback_brings_it_back() {
    let context = TestContext::new();
    let story = Story::new(&context);
    assert_eq!(story.app.run().stdout, "ran 1.0\n");
    let check = story.update(&["--check"]);
    assert_eq!(check.quiet_stdout(), "tiny 2.0 is available; this is 1.0\n");
    assert_eq!(story.app.run().stdout, "ran 1.0\n");
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    assert_eq!(story.app.run().stdout, "ran 2.0\n");
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny 2.0 is up to date\n");
    let published = story.publisher.folder.join("2.0/tiny-2.0-x86_64-unknown-linux-gnu");
    assert_eq!(fs::read(story.app.path()).unwrap(), fs::read(published).unwrap());

    let back = story.app.clone().args(["self", "rollback"]).run();
    assert_eq!(back.quiet_stdout(), "tiny is 1.0 again; it was 2.0\n");
    assert_eq!(story.app.run().stdout, "ran 1.0\n");
    // Who went back does not get it again, unless it is asked for.
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny 1.0 is up to date\n");
    assert_eq!(story.update(&["--to", "2"]).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    let left: Vec<_> =
        context.everything().into_iter().filter(|path| path.contains(".new") || path.contains(".old")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn only_what_has_changed_is_fetched_and_as_a_whole_where_there_are_no_ranges() {
    let context = TestContext::new();
    let story = Story::new(&context);
    story.server.asked();
    story.update(&[]).success();
    let asked = story.server.asked();
    let sent: usize = asked.iter().map(|(_, sent)| sent).sum();
    assert!(asked.len() <= 4 && sent < 60_000, "{sent}: {asked:?}");

    let folder = story.publisher.folder.clone();
    let without_ranges = ReleaseServer::start(move |request| {
        Reply::from_folder(&folder, &ekiben_tests::release_server::Request { range: None, ..request.clone() })
    });
    let other = context.path("other");
    fs::copy(story.publisher.app("1.0", &without_ranges.url).bundle(&context), &other).unwrap();
    let other = context.program(other);
    assert_eq!(other.clone().args(["self", "update"]).run().quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    assert_eq!(other.run().stdout, "ran 2.0\n");
}

#[test]
fn a_directory_is_a_source_and_answers_are_json() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let source = format!("file://{}", publisher.folder.display());
    let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, &source).bundle(&context));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &["--critical"]).success();
    let app = context.program(one);
    let size = fs::metadata(&two).unwrap().len();
    let check = app.clone().args(["self", "update", "--check", "--json"]).run().json();
    assert_eq!(check["current"], "1.0");
    assert_eq!(check["available"], serde_json::json!({ "version": "2.0", "critical": true, "size": size }));
    let updated = app.clone().args(["self", "update", "--json"]).run().json();
    assert_eq!((&updated["updated"], &updated["from"]), (&"2.0".into(), &"1.0".into()));
    assert_eq!(app.run().stdout, "ran 2.0\n");
}

#[test]
fn a_version_that_does_not_start_is_not_installed_and_not_tried_again() {
    let context = TestContext::new();
    let story = Story::new(&context);
    let broken = b"#!/bin/sh\necho 'no such module' >&2\nexit 3\n".to_vec();
    let three = story.publisher.app("3.0", &story.server.url).running(broken).bundle(&context);
    story.publisher.release(&[&three], &[]).success();
    let said = story.update(&[]);
    assert_eq!(
        said.one_error(1),
        "error: version 3.0 does not start on this machine, and was not installed: exit status: 3: no such module"
    );
    assert_eq!(story.app.run().stdout, "ran 1.0\n");
    // The newest that does is next.
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny 2.0 is up to date\n");
}

#[test]
fn withdrawn_versions_are_left_and_too_old_ones_refused() {
    let context = TestContext::new();
    let story = Story::new(&context);
    story.update(&[]).success();
    story.publisher.release(&[], &["--withdraw", "2.0"]).success();
    let said = story.update(&["--to", "2.0"]);
    assert!(said.one_error(1).ends_with("version 2.0 was withdrawn by its publisher"), "{said:#?}");
    assert_eq!(story.update(&[]).quiet_stdout(), "tiny is now 1.0; it was 2.0\n");
    story.publisher.release(&[], &["--minimum", "1.5"]).success();
    let said = story.update(&["--to", "1.0"]);
    assert!(said.one_error(1).contains("version 1.0 is older than 1.5"), "{said:#?}");
}

#[test]
fn a_client_follows_keys_that_were_rotated_three_times() {
    let context = TestContext::new();
    let story = Story::new(&context);
    let mut keys = vec![story.publisher.key.clone()];
    for number in 2..=4 {
        let next = Publisher::new(&context, &format!("key{number}"));
        let last = keys.last().unwrap();
        let root = |verb: &str, key: &str, by: &[&std::path::Path]| {
            let ekiben = context.ekiben().args(["root", verb]).arg(&story.publisher.folder).arg(key);
            by.iter().fold(ekiben, |ekiben, key| ekiben.arg("--key").arg(key)).run().success().clone()
        };
        root("add", next.public.as_str(), &[last]);
        let old = fs::read_to_string(format!("{}.pub", last.display())).unwrap().lines().last().unwrap().to_owned();
        root("remove", &old, &[last, &next.key]);
        keys.push(next.key.clone());
    }
    let three = story.publisher.app("3.0", &story.server.url).bundle(&context);
    // The first key is worth nothing any more.
    let said = story.publisher.release(&[&three], &[]);
    assert!(said.one_error(1).contains("is none of the keys that may sign `stable.json`"), "{said:#?}");
    let newest = story.publisher.signing_with(&keys.pop().unwrap());
    newest.release(&[&three], &[]).success();
    let updated = story.app.clone().args(["self", "update"]).run();
    assert_eq!(updated.quiet_stdout(), "tiny is now 3.0; it was 1.0\n");
    let (bytes, _) = newest.changed(|channel| channel.serial = 0);
    let first = newest.signing_with(&keys.swap_remove(0));
    first.write("stable.json", &bytes, &first.sign(&bytes));
    let said = story.app.clone().args(["self", "update"]).run();
    assert!(said.one_error(1).contains("0 of the known keys have signed `stable.json`"), "{said:#?}");
}

#[test]
fn a_broken_download_goes_on_where_it_broke() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let folder = publisher.folder.clone();
    let server = ReleaseServer::start(move |request| {
        let reply = Reply::from_folder(&folder, request);
        let is_bundle = request.path.starts_with("2.0/") && reply.body.len() > 2_000;
        Reply { pace: if is_bundle { Pace::Cut(reply.body.len() - 1_000) } else { Pace::Whole }, ..reply }
    });
    let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, &server.url).bundle(&context));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &[]).success();
    let app = context.program(one);
    assert_eq!(app.clone().args(["self", "update"]).run().quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    let ranges: Vec<_> = server.asked().into_iter().filter_map(|(request, _)| request.range).collect();
    assert!(ranges.len() >= 2 && ranges[1].0 > ranges[0].0 && ranges[1].1 == ranges[0].1, "{ranges:?}");
}

#[test]
fn updates_can_be_switched_off_and_an_app_without_them_says_so() {
    let context = TestContext::new();
    let story = Story::new(&context);
    let said = story.app.clone().args(["self", "update"]).env("EKIBEN_NO_UPDATE", "1").run();
    assert_eq!(said.one_error(1), "error: updates are switched off by EKIBEN_NO_UPDATE, or for this whole computer");
    let plain = context.program(ekiben_tests::Tiny::new("1.0").named("plain").bundle(&context));
    let said = plain.clone().args(["self", "update"]).run();
    assert_eq!(said.one_error(1), "error: `plain` was built without updates");
    let said = story.app.clone().args(["self", "rollback"]).run();
    assert_eq!(said.one_error(1), "error: there is no earlier version to go back to");
    story.update(&[]).success();
    story.app.clone().args(["self", "uninstall", "--yes"]).run().success();
    assert!(!context.path("installs/tiny").exists());
}

#[test]
fn of_two_updaters_one_works() {
    let context = TestContext::new();
    let story = Story::new(&context);
    story.update(&["--check"]).success();
    let lock = fs::File::open(context.path("installs/tiny/update/updating")).unwrap();
    lock.lock().unwrap();
    assert_eq!(story.update(&[]).one_error(1), "error: another update of this app is under way");
    drop(lock);
    story.update(&[]).success();
}

#[test]
fn an_automatic_check_updates_beside_the_app_and_is_made_once_in_an_interval() {
    use bundle::record::Policy;
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let server = ReleaseServer::of_folder(publisher.folder.clone());
    let two = publisher.app("2.0", &server.url).bundle(&context);
    publisher.release(&[&two], &[]).success();
    let with = |policy, name: &str| {
        let app = context.path(name);
        fs::copy(publisher.app_with("1.0", &server.url, policy).bundle(&context), &app).unwrap();
        context.program(app)
    };
    let notified = with(Policy::Notify, "notified");
    assert_eq!(notified.run().quiet_stdout(), "ran 1.0\n");
    let found = context.path("installs/tiny/update/found");
    ekiben_tests::eventually("a check", || fs::read_to_string(&found).is_ok_and(|version| version == "2.0"));
    server.asked();
    assert_eq!(notified.run().quiet_stdout(), "ran 1.0\n");
    assert!(server.asked().is_empty());

    fs::remove_file(context.path("installs/tiny/update/checked")).unwrap();
    let automatic = with(Policy::Automatic, "automatic");
    assert_eq!(automatic.run().quiet_stdout(), "ran 1.0\n");
    ekiben_tests::eventually("the update", || automatic.run().stdout == "ran 2.0\n");
}
