//! As `plain::scarce_resources`: the tests that need root.

use ekiben_tests::{FewProcesses, Root, TestContext, Tiny};

use crate::plain::scarce_resources::installs_and_runs;

/// An account that no machine has.
const USER: u32 = 64_331;

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
