//! Where an app is installed on Windows, as far as Wine shows it: it has drives and folders, and one account with an admin's
//! rights. A file's mode it shows as an access list (what others may write, everybody may change), and its owner as this
//! account or another one, never as the group of admins: what follows from that is decided in
//! `launcher/src/sys/access/rights.rs`, whose own tests have all cases.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ekiben_tests::{Program, TestContext, Tiny, Wine, windows_path};

/// Removes what a test has installed on Wine's drive, which all tests share.
pub(crate) struct Removed(pub(crate) PathBuf);

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
fn a_windows_root_that_can_not_be_used_is_passed_over_for_the_users_programs() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let file = context.write("a-file", "");
    let removed = Removed(wine.users_programs().join("tiny"));
    let app = wine.program(&context, Tiny::new("1.0+fallback").windows().bundle(&context));
    let user = removed.0.ancestors().nth(4).and_then(|user| user.file_name()).unwrap().to_str().unwrap().to_owned();
    runs_below(
        &context,
        &app.env("EKIBEN_ROOT", windows_path(&file)),
        &format!(r"C:\users\{user}\AppData\Local\Programs"),
    );
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
    assert!(!wine.users_programs().join("tiny/versions").read_dir().is_ok_and(|mut versions| {
        versions.any(|version| version.unwrap().file_name().to_str().unwrap().contains("portable"))
    }));
}

/// An app that says where it runs, in an install root of its own; where it goes when it does not run there.
pub(crate) fn at_home(context: &TestContext, wine: &Wine, id: &str) -> (Program, Removed) {
    let tiny = Tiny::new("1.0").named(id).windows().running(wine.shell());
    let app = wine.program(context, tiny.bundle(context)).args(["/c", "echo %EKIBEN_VERSION_DIR%"]);
    (app, Removed(wine.users_programs().join(id)))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Where an admin's account does not install, or run what is there; and what it says about it.
#[track_caller]
pub(crate) fn keeps_away(context: &TestContext, wine: &Wine, app: &Program, why: &str) {
    assert!(app.run().quiet_stdout().starts_with(r"C:\users\"), "{why}");
    let exe = app.arguments().next().unwrap();
    let doctor = wine.program(context, exe).args(["self", "doctor"]).run();
    assert!(doctor.stdout.contains(&format!("refused: not safe: `Z:{why}")), "{why}: {}", doctor.stdout);
}

#[test]
fn a_windows_root_that_ordinary_users_may_write_is_neither_filled_nor_run_from_by_an_admin() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (app, elsewhere) = at_home(&context, wine, "tiny-open");
    let (installs, root) = (context.installs(), context.installs().join("tiny-open"));
    let open = |path: &Path| {
        let why = r"can be changed by Everyone";
        format!("{}` {why}", path.to_str().unwrap().replace('/', r"\"))
    };

    mode(&installs, 0o777);
    keeps_away(&context, wine, &app, &open(&installs));
    assert_eq!(fs::read_dir(&installs).unwrap().count(), 0);
    drop(elsewhere);

    mode(&installs, 0o755);
    let (app, _elsewhere) = at_home(&context, wine, "tiny-open");
    assert!(app.run().quiet_stdout().starts_with(r"Z:\"));
    mode(&root, 0o777);
    keeps_away(&context, wine, &app, &open(&root));
}

#[test]
fn a_windows_version_that_ordinary_users_may_change_or_replace_is_not_run() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (app, _elsewhere) = at_home(&context, wine, "tiny-changed");
    assert!(app.run().quiet_stdout().starts_with(r"Z:\"));
    let version_dir = context.version_dir("tiny-changed");
    let changed = ["python.exe", ".ekiben/seal", ".", ".."].map(|path| version_dir.join(path));
    for path in changed.iter().chain([&context.installs(), &context.root().to_path_buf()]) {
        let before = fs::metadata(path).unwrap().permissions();
        mode(path, 0o757);
        assert!(app.run().quiet_stdout().starts_with(r"C:\users\"), "{}", path.display());
        fs::set_permissions(path, before).unwrap();
        assert!(app.run().quiet_stdout().starts_with(r"Z:\"), "{}", path.display());
    }
}
