//! As `registry::publishing`: the tests that need root.

use std::fs::{self};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use ekiben_tests::{Os, Root, TestContext};
use serde_json::{Value, json};

/// Accounts that no machine has.
const USER: u32 = 64_351;

const HOSTILE: u32 = 64_352;

#[test]
fn what_a_stranger_has_planted_is_neither_published_nor_removed() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let new = context.bundle("waits/new", Os::Linux);
    root.give(context.root(), (0, 0), 0o755);
    for publisher in [0, USER] {
        let share = context.path(format!("share-{publisher}"));
        fs::create_dir(&share).unwrap();
        root.give(&share, (0, 0), 0o1777);
        // A bundle of theirs, a program, a link, and a second name of a file of the publisher's.
        let mut planted = Vec::new();
        for (name, content) in [("old-12345678", fs::read(&new).unwrap()), ("new-abcdefgh", b"#!/bin/sh\n".to_vec())] {
            let path = share.join(format!("waits.ekiben-{name}"));
            fs::write(&path, content).unwrap();
            root.give(&path, (HOSTILE, HOSTILE), 0o755);
            planted.push(path);
        }
        let link = share.join("waits.ekiben-old-link0000");
        std::os::unix::fs::symlink(&new, &link).unwrap();
        root.give(&link, (HOSTILE, HOSTILE), 0);
        planted.push(link);
        let private = context.path(format!("private-{publisher}"));
        fs::copy(&new, &private).unwrap();
        root.give(&private, (publisher, publisher), 0o644);
        fs::hard_link(&private, share.join("waits.ekiben-old-hardlink")).unwrap();
        planted.push(share.join("waits.ekiben-old-hardlink"));

        let publish = |file: &Path| {
            let program = context.ekiben().args(["publish", "--json"]).arg(file).arg(share.join("waits"));
            root.as_account(program, publisher).run()
        };
        // One that fails: whatever was put back would stay.
        assert_eq!(publish(&context.write("text", "no bundle")).code, Some(1));
        assert!(!share.join("waits").exists());
        let published = publish(&new).json();
        assert_eq!((&published["replaced"], &published["left"]), (&Value::Null, &json!([])));
        let found = fs::metadata(share.join("waits")).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o7777), (publisher, 0o755));
        assert!(planted.iter().all(|path| path.is_symlink() || path.exists()), "{planted:?}");
    }
}
