//! The first start installs one directory; every later start finds it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Barrier;
use std::thread;

use ekiben_tests::{Os, TestContext};

#[test]
fn the_first_start_makes_one_version_dir_and_leaves_nothing_in_staging() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).run().quiet_stdout();
    let versions = context.versions("hello");
    assert_eq!(versions.len(), 1);
    let (version, digest) = versions[0].split_once('-').unwrap();
    assert_eq!(version, "1.0.0");
    assert!(digest.len() == 12 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    assert_eq!(
        context.everything(),
        [
            "hello".to_owned(),
            "home".to_owned(),
            "installs".to_owned(),
            "installs/hello".to_owned(),
            "installs/hello/lock".to_owned(),
            "installs/hello/staging".to_owned(),
            "installs/hello/versions".to_owned(),
            format!("installs/hello/versions/{}", versions[0]),
            "tmp".to_owned(),
        ]
    );
}

#[test]
fn a_later_start_writes_nothing() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).run().quiet_stdout();
    let version_dir = context.version_dir("hello");
    let stamp = |path: &std::path::Path| {
        let metadata = fs::metadata(path).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec())
    };
    let places = [context.installs(), context.path("installs/hello"), version_dir.clone(), context.path("home")];
    let before: Vec<_> = places.iter().map(|p| stamp(p)).collect();
    let everything = context.everything();
    context.program(&bundle).run().quiet_stdout();
    assert_eq!(places.iter().map(|p| stamp(p)).collect::<Vec<_>>(), before);
    assert_eq!(context.everything(), everything);
}

#[test]
fn a_later_start_works_on_a_read_only_install_root() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let first = context.program(&bundle).run();
    let root = context.root().as_os_str().to_owned();
    // Permissions do not bind root, which tests may run as; a mount does.
    let read_only = ["--dev-bind", "/", "/", "--ro-bind"].map(Into::into).into_iter().chain([root.clone(), root]);
    let later = context.program(&bundle).started_by("bwrap", read_only).run();
    assert_eq!(later.quiet_stdout(), first.quiet_stdout());
}

#[test]
fn starts_at_the_same_moment_install_once_and_all_run() {
    let context = TestContext::new();
    let bundle = context.bundle("probe", Os::Linux);
    let barrier = Barrier::new(6);
    let version_dirs: Vec<_> = thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    context.program(&bundle).args(["environment", "EKIBEN_VERSION_DIR"]).run().json()
                })
            })
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(version_dirs.iter().all(|v| *v == version_dirs[0]));
    assert_eq!(context.versions("probe").len(), 1);
    assert_eq!(fs::read_dir(context.path("installs/probe/staging")).unwrap().count(), 0);
}

#[test]
fn without_a_root_of_its_own_it_installs_among_the_users_programs() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).env_remove("EKIBEN_ROOT").run().quiet_stdout();
    assert!(context.path("home/.local/share/ekiben/hello/versions").is_dir());
    context.program(&bundle).env_remove("EKIBEN_ROOT").env("XDG_DATA_HOME", context.path("data")).run().quiet_stdout();
    assert!(context.path("data/ekiben/hello/versions").is_dir());
    assert_eq!(fs::read_dir(context.installs()).unwrap().count(), 0);
}

#[test]
fn a_first_start_that_was_killed_is_made_good_by_the_next() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    // What a killed first start leaves: half a tree in staging, and a lock file that nobody holds.
    context.write("installs/hello/lock", "");
    context.write("installs/hello/staging/1.0.0-0123456789ab.7-0/lib/half", "half");
    context.write("installs/hello/staging/1.0.0-0123456789ab.7-0/.ekiben/installed", "ekiben installed 1\napp hello\n");
    context.program(&bundle).run().quiet_stdout();
    assert_eq!(context.versions("hello").len(), 1);
    assert_eq!(fs::read_dir(context.path("installs/hello/staging")).unwrap().count(), 0);
}

#[test]
fn another_build_of_the_same_version_gets_a_directory_of_its_own() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).run().quiet_stdout();
    let project = context.project("hello");
    let source = fs::read_to_string(project.join("hello.py")).unwrap().replace("Hello", "Good morning");
    fs::write(project.join("hello.py"), source).unwrap();
    let rebuilt = context.path("rebuilt");
    context.ekiben().arg("build").arg(&project).arg("--output").arg(&rebuilt).run().success();
    assert_eq!(context.program(&rebuilt).run().quiet_stdout(), "Good morning, world!\n");
    assert_eq!(context.program(&bundle).run().quiet_stdout(), "Hello, world!\n");
    assert_eq!(context.versions("hello").len(), 2);
}

#[test]
fn a_tree_is_made_of_the_modes_and_links_of_a_normal_installation() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    context.program(&bundle).run().quiet_stdout();
    let version_dir = context.version_dir("hello");
    for entry in walkdir::WalkDir::new(&version_dir) {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        if entry.file_type().is_symlink() {
            let target = fs::canonicalize(entry.path()).unwrap();
            assert!(target.starts_with(fs::canonicalize(&version_dir).unwrap()), "{}", entry.path().display());
        } else {
            assert_eq!(metadata.mode() & 0o7022, 0, "{} is writable by others", entry.path().display());
        }
    }
    assert_ne!(fs::metadata(version_dir.join("python")).unwrap().mode() & 0o111, 0);
}
