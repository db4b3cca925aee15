//! As `wine::windows_roots`: the tests that need root.

use std::fs;

use ekiben_tests::{Root, TestContext, Wine};

use crate::wine::windows_roots::{at_home, keeps_away};

#[test]
fn a_windows_root_of_another_account_is_neither_filled_nor_run_from() {
    let (Some(wine), Some(admin)) = (Wine::or_skip(), Root::or_skip()) else { return };
    let context = TestContext::new();
    let (app, elsewhere) = at_home(&context, wine, "tiny-foreign");
    let root = context.installs().join("tiny-foreign");
    let why = format!("{}` belongs to another account", root.to_str().unwrap().replace('/', r"\"));
    fs::create_dir(&root).unwrap();
    admin.give(&root, (4711, 4711), 0o755);
    keeps_away(&context, wine, &app, &why);
    assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
    drop(elsewhere);

    admin.give(&root, (0, 0), 0o755);
    let (app, _elsewhere) = at_home(&context, wine, "tiny-foreign");
    assert!(app.run().quiet_stdout().starts_with(r"Z:\"));
    admin.give(&root, (4711, 4711), 0o755);
    keeps_away(&context, wine, &app, &why);
}
