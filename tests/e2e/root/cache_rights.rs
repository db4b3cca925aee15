//! Whose the builder's cache is: what lies there is executed, and ends up in signed bundles.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ekiben_tests::{Program, Root, TestContext};

/// Accounts that no machine has.
const USER: u32 = 64_331;
const HOSTILE: u32 = 64_332;

struct Machine {
    root: Root,
    context: TestContext,
    project: PathBuf,
}

impl Machine {
    fn or_skip() -> Option<Self> {
        let root = Root::or_skip()?;
        let context = TestContext::new();
        let project = context.project("hello");
        root.give(context.root(), (0, 0), 0o755);
        root.give(&context.path("tmp"), (0, 0), 0o1777);
        Some(Self { root, context, project })
    }

    /// A build by the user that gets as far as its runtime, which is not there.
    fn build(&self, cache: &Path) -> Program {
        let arguments = ["build", "--runtime", "/nowhere/python.zip"];
        let build = self.context.ekiben().args(arguments).arg(&self.project).env("EKIBEN_CACHE", cache);
        let output = self.directory(&format!("out-{}", cache.file_name().unwrap().display()), USER, 0o755);
        self.root.as_account(build.arg("-o").arg(output), USER)
    }

    /// A new directory of an account's.
    fn directory(&self, name: &str, owner: u32, mode: u32) -> PathBuf {
        let path = self.context.path(name);
        fs::create_dir_all(&path).unwrap();
        self.root.give(&path, (owner, owner), mode);
        path
    }

    /// Notes in a cache that a program of the hostile account's is the uv that was found lately.
    fn plant(&self, cache: &Path) -> PathBuf {
        let program = self.context.write("hostile-uv", format!("#!/bin/sh\ntouch {}\n", self.witness().display()));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(cache.join("tools")).unwrap();
        fs::write(cache.join("tools/uv-found"), format!("{}\n/usr/bin:/bin", program.display())).unwrap();
        for path in [cache.join("tools"), cache.join("tools/uv-found")] {
            self.root.give(&path, (HOSTILE, HOSTILE), 0o755);
        }
        program
    }

    fn witness(&self) -> PathBuf {
        self.context.path("tmp/was-here")
    }

    #[track_caller]
    fn refuses(&self, cache: &Path, why: &str) {
        let outcome = self.build(cache).env("PATH", "/usr/bin:/bin").run();
        let said = self.context.complaint(&outcome, 1);
        assert!(
            said.starts_with("error: another account could change what ekiben runs from its cache directory"),
            "{said}"
        );
        assert!(
            said.contains(why) && said.contains("\nhelp: set EKIBEN_CACHE to a directory that is yours alone"),
            "{said}"
        );
        assert!(!self.witness().exists());
    }
}

#[test]
fn a_cache_that_another_account_could_change_is_refused_and_nothing_in_it_is_run() {
    let Some(machine) = Machine::or_skip() else { return };
    let open = machine.directory("open", USER, 0o777);
    machine.plant(&open);
    machine.refuses(&open, "can be written by every account");

    let sticky = machine.directory("sticky", 0, 0o1777);
    machine.refuses(&sticky, "can be written by every account");

    let foreign = machine.directory("foreign", HOSTILE, 0o755);
    machine.plant(&foreign);
    machine.refuses(&foreign, "belongs to another account (uid 64332)");

    let of_a_group = machine.directory("of-a-group", USER, 0o755);
    machine.root.give(&of_a_group, (USER, HOSTILE), 0o775);
    machine.refuses(&of_a_group, "can be written by a group (gid 64332)");

    machine.directory("parent", 0, 0o777);
    let below = machine.directory("parent/cache", USER, 0o700);
    machine.refuses(&below, "can be written by every account");

    let own = machine.directory("own", USER, 0o700);
    let link = machine.context.path("tmp/link");
    symlink(&own, &link).unwrap();
    machine.root.give(&link, (HOSTILE, HOSTILE), 0);
    machine.refuses(&link, "belongs to another account");
}

#[test]
fn a_cache_is_made_for_the_account_alone_whatever_the_umask() {
    let Some(machine) = Machine::or_skip() else { return };
    let missing = |said: &str| assert!(said.contains("/nowhere/python.zip"), "{said}");
    let home = machine.directory("account", USER, 0o755);
    let cache = home.join("a/cache");
    let build = machine.build(&cache).started_by("sh", ["-c", "umask 0; exec \"$@\"", "sh"].map(Into::into));
    missing(&machine.context.complaint(&build.run(), 1));
    assert_eq!(fs::metadata(&cache).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(fs::metadata(home.join("a")).unwrap().mode() & 0o022, 0);
    // One of an earlier ekiben's is closed now.
    machine.root.give(&cache, (USER, USER), 0o755);
    missing(&machine.context.complaint(&machine.build(&cache).run(), 1));
    assert_eq!(fs::metadata(&cache).unwrap().mode() & 0o7777, 0o700);
    // In a directory where everybody may make something, and nobody may take something away.
    missing(&machine.context.complaint(&machine.build(&machine.context.path("tmp/mine")).run(), 1));
}
