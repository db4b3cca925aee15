//! As `plain::scarce_resources`: the tests that need root.

use ekiben_tests::{FewProcesses, Root, TestContext, Tiny};

use crate::plain::scarce_resources::installs_and_runs;

/// An account that no machine has.
const USER: u32 = 64_331;

#[test]
fn a_build_whose_cache_has_no_room_says_so_and_does_not_blame_the_network() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let script = context.write("tool.py", "print()\n");
    let cache = context.path("cache");
    let build = context.ekiben().args(["build", "--quiet"]).arg(script).env("EKIBEN_CACHE", &cache);
    let mount = format!("mkdir '{0}'; mount -t tmpfs -o size=16m,mode=700 none '{0}'; exec \"$@\"", cache.display());
    let said = context.complaint(&root.with_mounts(build, &mount).run(), 1);
    assert!(said.contains("No space left on device") && said.contains("\nhelp: free some room on that disk"), "{said}");
    assert!(!said.contains("network"), "{said}");
}

#[test]
fn a_first_start_of_an_account_that_may_have_no_further_thread_installs_the_app() {
    let Some(root) = Root::or_skip() else { return };
    for processes in [1, 2, 3] {
        let context = TestContext::new();
        let app = context.program(Tiny::new("1.0").bundle(&context));
        root.give(context.root(), (0, 0), 0o755);
        root.give(&context.installs(), (USER, USER), 0o755);
        installs_and_runs(&context, &root.as_account_with_processes(app, USER, processes));
    }
}

#[test]
fn a_first_start_in_a_container_that_may_have_no_further_thread_installs_the_app() {
    let Some(root) = Root::or_skip() else { return };
    for processes in [1, 2, 3] {
        let Some(group) = FewProcesses::new(root, processes) else { return };
        let context = TestContext::new();
        installs_and_runs(&context, &group.around(context.program(Tiny::new("1.0").bundle(&context))));
    }
}
