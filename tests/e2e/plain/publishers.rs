//! Two apps with the same id, of different publishers: neither uses, evicts or uninstalls the other's versions.

use std::fs;

use ekiben_tests::{Program, TestContext, Tiny, eventually, eventually_some};

#[test]
fn apps_of_one_id_and_two_publishers_leave_each_others_versions_alone() {
    let context = TestContext::new();
    let start = |tiny: Tiny| {
        let bundle = context.program(tiny.keep(1).bundle(&context));
        bundle.run().quiet_stdout();
        bundle
    };
    let versions = |wanted: &[&str]| {
        eventually("a clean-up", || {
            let found = context.versions("tiny");
            found.iter().map(|name| name.split_once('-').unwrap().0).collect::<Vec<_>>() == wanted
        });
    };
    start(Tiny::new("1.0").by("Alice"));
    start(Tiny::new("1.5"));
    start(Tiny::new("2.0").by("Bob & \"Co\" ü"));
    versions(&["1.0", "1.5", "2.0"]);
    let bob = start(Tiny::new("3.0").by("Bob & \"Co\" ü"));
    versions(&["1.0", "1.5", "3.0"]);
    let alice = start(Tiny::new("4.0").by("Alice"));
    versions(&["1.5", "3.0", "4.0"]);

    let log = context.write("installs/tiny/logs/app.log", "of both");
    let data = context.write("installs/tiny/data/x", "of both");
    for option in ["--yes", "--purge"] {
        let said = uninstalled(&bob, &[option]);
        let said = context.redact(&said);
        assert!(said.starts_with("removed [DIR]/installs/tiny\n"), "{said}");
        for left in ["versions/1.5-[DIGEST]", "versions/4.0-[DIGEST]"] {
            let line = format!("left    [DIR]/installs/tiny/{left}: it is another publisher's\n");
            assert!(said.contains(&line), "{said}");
        }
        assert!(said.contains("left    [DIR]/installs/tiny/data: another publisher's app may use it\n"), "{said}");
        versions(&["1.5", "4.0"]);
        assert!(log.exists() && data.exists());
    }
    uninstalled(&alice, &[]);
    versions(&["1.5"]);
    uninstalled(&start(Tiny::new("1.5")), &["--purge"]);
    assert!(!context.path("installs/tiny").exists());
}

/// Uninstalls, when the clean-up of the start before is done, which holds the lock.
fn uninstalled(bundle: &Program, options: &[&str]) -> String {
    let uninstall = bundle.clone().args(["self", "uninstall", "--yes"]).args(options.iter().copied());
    eventually_some("its turn", || {
        let said = uninstall.run();
        (!said.stderr.contains("is being installed by")).then(|| said.quiet_stdout().to_owned())
    })
}

#[test]
fn a_new_version_takes_no_files_of_another_publishers() {
    use std::os::unix::fs::MetadataExt as _;
    let context = TestContext::new();
    let names = |tiny: Tiny, version: &str| {
        context.program(tiny.bundle(&context)).run().quiet_stdout();
        let name = context.versions("tiny").into_iter().find(|name| name.starts_with(version)).unwrap();
        fs::metadata(context.path("installs/tiny/versions").join(name).join("bin/python3")).unwrap().nlink()
    };
    assert_eq!(names(Tiny::new("1.0").by("Alice"), "1.0-"), 1);
    assert_eq!(names(Tiny::new("2.0").by("Bob"), "2.0-"), 1);
    assert_eq!(names(Tiny::new("3.0").by("Alice"), "3.0-"), 2);
}
