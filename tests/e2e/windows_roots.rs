//! Where an app is installed on Windows, as far as Wine shows it: it has drives and folders, and one account.

use std::fs;
use std::path::PathBuf;

use ekiben_tests::{Program, TestContext, Tiny, Wine, windows_path};

/// Removes what a test has installed on Wine's drive, which all tests share.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What plays the interpreter ends with 122 and names itself.
#[track_caller]
fn runs_below(context: &TestContext, app: &Program, parent: &str) {
    let said = context.complaint(&app.run(), 122);
    let start = format!("error: could not use the bundle `{}\\tiny\\versions\\", context.redact(parent));
    // Wine may have a word to say before it.
    assert!(said.contains(&start) && said.contains("\\python.exe`: no payload found"), "{said}");
}

#[test]
fn a_windows_root_that_can_not_be_used_is_passed_over_for_the_local_data_directory() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let file = context.write("a-file", "");
    let removed = Removed(wine.local_data().join("tiny"));
    let app = wine.program(&context, Tiny::new("1.0+fallback").windows().bundle(&context));
    let user = removed.0.ancestors().nth(3).and_then(|user| user.file_name()).unwrap().to_str().unwrap().to_owned();
    runs_below(&context, &app.env("EKIBEN_ROOT", windows_path(&file)), &format!(r"C:\users\{user}\AppData\Local"));
    assert!(removed.0.join("versions").is_dir());
}

#[test]
fn a_marker_beside_a_windows_app_keeps_everything_on_its_drive() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = Tiny::new("1.0+portable").windows().bundle(&context);
    context.write("ekiben.here", "");
    let app = wine.program(&context, exe).env_remove("EKIBEN_ROOT");
    for _ in 0..2 {
        runs_below(&context, &app, &windows_path(context.root()));
    }
    assert!(!wine.local_data().join("tiny/versions").read_dir().is_ok_and(|mut versions| {
        versions.any(|version| version.unwrap().file_name().to_str().unwrap().contains("portable"))
    }));
}
