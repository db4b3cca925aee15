//! As `registry::publishing`: the tests that need Wine.

use ekiben_tests::{Os, Wine};

use crate::registry::publishing::Share;

#[test]
fn a_running_app_on_windows_is_replaced_and_runs_on() {
    let Some(wine) = Wine::or_skip() else { return };
    let share = Share::new(Os::Windows);
    share.publishes_while_it_runs(|| wine.program(&share.context, &share.place));
}
