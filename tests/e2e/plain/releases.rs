//! `ekiben keygen`, `ekiben release` and `ekiben root`: a publisher's side of updates.

use std::fs;

use ekiben_tests::{Publisher, TestContext, Tiny};

const SOURCE: &str = "https://example.com/tiny";

#[test]
fn publishing_the_same_again_changes_nothing_and_what_was_published_never_changes() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let one = publisher.app("1.0", SOURCE).bundle(&context);
    let said = publisher.release(&[&one], &[]);
    assert_eq!(said.quiet_stdout(), "tiny 1.0 in the channel stable, serial 1: published\n");
    let before = fs::read(publisher.folder.join("stable.json")).unwrap();
    let said = publisher.release(&[&one], &[]);
    assert_eq!(said.quiet_stdout(), "tiny 1.0 in the channel stable, serial 1: unchanged\n");
    assert_eq!(fs::read(publisher.folder.join("stable.json")).unwrap(), before);

    let other_bytes = publisher.app("1.0", SOURCE).files(40);
    let two = publisher.app("2.0", SOURCE).bundle(&context);
    publisher.release(&[&two], &["--rollout", "10%"]).success();
    for (bundle, complaint) in [
        (other_bytes, "error: version 1.0 for x86_64-unknown-linux-gnu is published already, with other bytes"),
        (
            publisher.app("1.5", SOURCE),
            "error: version 1.5 is older than 2.0, which is published in the channel `stable`",
        ),
        (Tiny::new("3.0"), "tiny-3.0` was built without [tool.ekiben.update]"),
        (Publisher::new(&context, "stranger").app("3.0", SOURCE), "has a root 1 that is not the one of `"),
        (publisher.app("3.0", SOURCE).named("other"), "is for another app, `tiny`"),
        (publisher.app("latest", SOURCE), "`latest` is not a version as PEP 440 has them"),
    ] {
        let said = publisher.release(&[&bundle.bundle(&context)], &[]);
        assert!(said.one_error(1).contains(complaint), "{said:#?}");
    }
    let check = context.ekiben().args(["release", "check"]).arg(&publisher.folder).run();
    check.success();
    fs::write(publisher.folder.join("1.0/tiny-1.0-x86_64-unknown-linux-gnu"), "other bytes").unwrap();
    let check = context.ekiben().args(["release", "check"]).arg(&publisher.folder).run();
    assert!(check.code == Some(1) && check.stdout.contains("it is not the file that was published"), "{check:#?}");
}

#[test]
fn a_release_is_signed_as_minisign_does_it_and_only_with_a_key_that_is_listed() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let one = publisher.app("1.0", SOURCE).bundle(&context);
    let stranger = Publisher::new(&context, "stranger");
    let ekiben = |key| context.ekiben().arg("release").arg(&publisher.folder).arg(&one).arg("--key").arg(key).run();
    let said = ekiben(&stranger.key);
    assert!(said.one_error(1).contains("is none of the keys that may sign `root/1.json`"), "{said:#?}");
    assert!(!publisher.folder.join("stable.json").exists());
    ekiben(&publisher.key).success();
    let signature = fs::read_to_string(publisher.folder.join("stable.json.minisig")).unwrap();
    let lines: Vec<_> = signature.lines().collect();
    assert_eq!(lines.len(), 4, "{signature}");
    assert!(lines[0].starts_with("untrusted comment: ") && lines[2].starts_with("trusted comment: "), "{signature}");

    // A key in a variable, for CI; and none at all.
    let two = publisher.app("2.0", SOURCE).bundle(&context);
    let ci = context.ekiben().arg("release").arg(&publisher.folder).arg(&two);
    let said = ci.clone().env_remove("EKIBEN_SIGNING_KEY").run();
    assert_eq!(said.one_error(1), "error: there is no key to sign with");
    ci.env("EKIBEN_SIGNING_KEY", fs::read_to_string(&publisher.key).unwrap()).run().success();
}

#[test]
fn a_key_with_a_password_signs_with_the_right_one_alone() {
    let context = TestContext::new();
    let key = context.path("key");
    let keygen = context.ekiben().arg("keygen").arg(&key).env("EKIBEN_SIGNING_PASSWORD", "right").run();
    assert!(keygen.success().stdout.contains("[tool.ekiben.update]\nkeys = [\"RW"), "{keygen:#?}");
    let public = fs::read_to_string(context.path("key.pub")).unwrap().lines().last().unwrap().to_owned();
    let add = context.ekiben().args(["root", "add"]).arg(context.path("updates")).arg(&public).args(["--app", "tiny"]);
    let add = add.arg("--key").arg(&key);
    let said = add.clone().env("EKIBEN_SIGNING_PASSWORD", "wrong").run();
    assert!(said.one_error(1).contains("could not use the key in `"), "{said:#?}");
    let said = add.env("EKIBEN_SIGNING_PASSWORD", "right").run();
    assert_eq!(said.quiet_stdout(), "root/1.json: published\n");
}

#[test]
fn two_of_three_keys_on_different_machines_sign_one_after_another() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let (second, third) = (Publisher::new(&context, "second"), Publisher::new(&context, "third"));
    let root = |verb: &str, argument: &str, key| {
        let ekiben = context.ekiben().args(["root", verb]).arg(&publisher.folder);
        let ekiben = if argument.is_empty() { ekiben } else { ekiben.arg(argument) };
        ekiben.arg("--key").arg(key).run().success().stdout.clone()
    };
    publisher.release(&[&publisher.app("1.0", SOURCE).bundle(&context)], &[]).success();
    assert!(
        root("add", second.public.as_str(), &publisher.key)
            .starts_with("root/2.json: published\nstable.json: published")
    );
    root("add", third.public.as_str(), &publisher.key);
    // The new root needs two of its own keys.
    let said = root("threshold", "2", &publisher.key);
    assert_eq!(said, "root/4.json: 1 of 2 keys have signed\nthe other keys sign with `ekiben root sign`\n");
    assert!(!publisher.folder.join("root/4.json").exists());
    let said = root("sign", "", &second.key);
    assert_eq!(
        said,
        "root/4.json: published\nstable.json: 1 of 2 keys have signed\nthe other keys sign with `ekiben root sign`\n"
    );
    assert_eq!(root("sign", "", &third.key), "stable.json: published\n");
    assert_eq!(root("sign", "", &third.key), "nothing waits for signatures\n");
    let check = context.ekiben().args(["release", "check"]).arg(&publisher.folder).run();
    check.success();

    // What a stranger puts into `pending` is not signed by anybody.
    let (bytes, signatures) = publisher.signing_with(&third.key).changed(|channel| channel.serial += 1);
    let pending = publisher.folder.join("pending");
    fs::write(pending.join("stable.json"), bytes).unwrap();
    fs::write(pending.join("stable.json.minisig"), Publisher::new(&context, "x").sign(&signatures)).unwrap();
    let said = context.ekiben().args(["root", "sign"]).arg(&publisher.folder).arg("--key").arg(&second.key).run();
    assert!(said.one_error(1).contains("none of the known keys has signed `pending/stable.json`"), "{said:#?}");
}

#[test]
fn a_second_publisher_waits_for_the_first() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let one = publisher.app("1.0", SOURCE).bundle(&context);
    publisher.release(&[&one], &[]).success();
    let lock = fs::File::open(publisher.folder.join("ekiben.lock")).unwrap();
    lock.lock().unwrap();
    let said = publisher.release(&[&one], &[]);
    assert!(said.one_error(1).starts_with("error: another ekiben is publishing in `"), "{said:#?}");
}

#[test]
fn old_versions_are_pruned_and_what_was_never_published_stays() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    for version in ["1.0", "2.0", "3.0"] {
        publisher.release(&[&publisher.app(version, SOURCE).bundle(&context)], &[]).success();
    }
    fs::write(publisher.folder.join("1.0/notes.txt"), "mine").unwrap();
    let prune = context.ekiben().args(["release", "prune", "--keep", "1"]).arg(&publisher.folder).arg("--key");
    let said = prune.arg(&publisher.key).run();
    let file = |version| format!("{version}/tiny-{version}-x86_64-unknown-linux-gnu");
    let expected = format!("channel stable: published\nremoved {}\nremoved {}\n", file("1.0"), file("2.0"));
    assert_eq!(said.quiet_stdout(), expected);
    assert!(publisher.folder.join("1.0/notes.txt").exists() && !publisher.folder.join("2.0").exists());
    assert!(publisher.folder.join(file("3.0")).exists());
}

#[test]
fn a_diff_says_what_an_update_brings_and_costs() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, SOURCE).bundle(&context));
    let diff = |new: &std::path::Path| context.ekiben().arg("diff").arg(&one).arg(new).arg("--json").run().json();
    let found = diff(&two);
    assert_eq!((found["added"].as_array().unwrap().len(), found["changed"].as_array().unwrap().len()), (0, 90));
    assert_eq!(found["is_update"], true);
    let (transfer, size) = (found["transfer"].as_u64().unwrap(), found["size"].as_u64().unwrap());
    assert!(transfer < 60_000 && transfer < size / 10, "{transfer} of {size}");
    let fewer = diff(&publisher.app("3.0", SOURCE).files(80).bundle(&context));
    assert_eq!(fewer["removed"].as_array().unwrap().len(), 10);
    assert_eq!(diff(&publisher.app("3.0", SOURCE).named("other").bundle(&context))["is_update"], false);
}
