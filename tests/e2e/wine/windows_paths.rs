//! Paths on Windows, as far as Wine shows them: too long, named by a variable, and files that must not be changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Program, TestContext, Tiny, Wine, alone_at_home, eventually, windows_path, windows_program};

/// What a test leaves on Wine's own drive, until it is over.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Has an admin switch long paths on or off.
fn let_paths_be_long(wine: &Wine, context: &TestContext, value: &str) {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Control\FileSystem";
    // All tests share a registry; no other one has paths that are so long.
    let add = ["add", key, "/v", "LongPathsEnabled", "/t", "REG_DWORD", "/d", value, "/f"];
    wine.program(context, "reg").args(add).run().success();
}

/// A directory for install roots, whose path has so many characters on Windows.
fn parent_of_length(context: &TestContext, length: usize) -> PathBuf {
    let mut path = context.path("d");
    while let missing @ 1.. = length.saturating_sub(windows_path(&path).len()) {
        // A name has at most 255 of them.
        let name = "d".repeat(missing.min(101).saturating_sub(1).max(1));
        path = if missing == 1 { path.with_file_name("dd") } else { path.join(name) };
    }
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_place_where_paths_would_be_too_long_is_passed_over_unless_an_admin_lets_them_be_long() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("probe", Os::Windows);
    let _alone = alone_at_home();
    let local = Removed(wine.users_programs().join("probe"));
    // The interpreter is found there, and what lies deeper is not.
    let near = parent_of_length(&context, 200);
    let at = |parent: &Path| wine.program(&context, &exe).env("EKIBEN_ROOT", windows_path(parent));
    let runs_below = |program: &Program, parent: &str| {
        let facts = program.clone().arg("interpreter").run().json();
        assert!(facts["executable"].as_str().unwrap().starts_with(parent), "{parent}: {facts:#}");
    };
    let user = r"C:\users\";
    runs_below(&at(&near), user);
    let staged = fs::read_dir(near.join("probe/staging")).map_or(0, Iterator::count);
    assert_eq!((staged, near.join("probe/versions").read_dir().map_or(0, Iterator::count)), (0, 0));
    let refused = |parent: &Path| {
        let doctor = at(parent).args(["self", "doctor"]).run();
        let refused = doctor.stdout.lines().find(|line| line.contains("characters too long")).map(str::to_owned);
        refused.unwrap_or_else(|| panic!("{doctor:#?}"))
    };
    assert!(refused(&near).starts_with("    refused: `"), "{}", refused(&near));

    let_paths_be_long(wine, &context, "1");
    runs_below(&at(&near), &windows_path(&near));
    assert_eq!(at(&near).arg("metadata").run().json()["version"], "1.2.3");
    let longest = walkdir::WalkDir::new(&near).into_iter().map(|e| windows_path(e.unwrap().path()).len()).max();
    assert!(longest > Some(260), "{longest:?}");
    // No program is started from a longer path, whatever an admin says.
    let beyond = parent_of_length(&context, 240);
    runs_below(&at(&beyond), user);
    assert!(refused(&beyond).starts_with("    refused: `"));
    let_paths_be_long(wine, &context, "0");

    drop(local);
}

#[test]
fn the_users_directory_is_the_one_that_windows_knows_and_not_the_one_that_a_variable_names() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let local = Removed(wine.users_programs().join("tiny-known"));
    let tiny = Tiny::new("1.0").named("tiny-known").windows().running(windows_program(&context, "stays", &[]));
    let exe = tiny.bundle(&context);
    let elsewhere = windows_path(&context.path("home"));
    let script = format!(
        "set EKIBEN_ROOT=& set LOCALAPPDATA={elsewhere}& set APPDATA={elsewhere}& set USERPROFILE={elsewhere}& {}",
        windows_path(&exe)
    );
    let outcome = wine.program(&context, "cmd").args(["/c", &script]).stdin("").run();
    assert_eq!(outcome.stdout.trim_end(), "ran 1.0", "{outcome:#?}");
    let versions = fs::read_dir(local.0.join("versions")).unwrap().map(|e| e.unwrap().file_name());
    assert!(versions.into_iter().any(|name| name.to_str().unwrap().starts_with("1.0-")));
    let home = fs::read_dir(context.path("home")).unwrap().map(|e| e.unwrap().file_name());
    assert!(!home.into_iter().any(|name| name == "tiny-known"));
}

/// A link of this machine stands for a junction, which Wine 8 can't make. It looks like a directory there, so what is shown is
/// that nothing asks where a path leads; what Windows does with a junction, its documents say
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/reparse-points-and-file-operations>).
#[test]
fn app_and_installation_can_be_reached_through_directories_that_lie_elsewhere() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    for (link, target) in [("given", "given-really"), ("place", "place-really")] {
        fs::create_dir(context.path(target)).unwrap();
        symlink(context.path(target), context.path(link)).unwrap();
    }
    let exe = context.path("given/tiny.exe");
    let tiny = Tiny::new("1.0").named("tiny-elsewhere").windows().running(wine.shell());
    fs::rename(tiny.bundle(&context), &exe).unwrap();
    let place = windows_path(&context.path("place"));
    let at = wine.program(&context, &exe).env("EKIBEN_ROOT", &place);
    for _ in 0..2 {
        let outcome = at.clone().args(["/c", "echo %EKIBEN_VERSION_DIR%&& echo %EKIBEN_BUNDLE%"]).run();
        let said: Vec<_> = outcome.stdout.lines().collect();
        assert!(said[0].starts_with(&format!(r"{place}\tiny-elsewhere\versions\1.0-")), "{outcome:#?}");
        assert_eq!(said[1].trim_end(), windows_path(&exe));
    }
    for verb in ["verify", "repair"] {
        at.clone().args(["self", verb]).run().success();
    }
    at.args(["self", "uninstall", "--yes"]).run().success();
    assert!(context.path("place").is_dir() && !context.path("place-really/tiny-elsewhere").exists());
}

#[test]
fn files_that_somebody_has_made_read_only_are_repaired_cleaned_up_and_uninstalled() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let stays = windows_program(&context, "stays", &[]);
    // An uninstallation looks at all places, one of which all tests share.
    let app = |version: &str| {
        let tiny = Tiny::new(version).named("tiny-read-only").keep(1).windows().running(stays.clone());
        wine.program(&context, tiny.bundle(&context)).stdin("")
    };
    let make_read_only = |version_dir: &Path| {
        for name in ["lib/part1/module1.py", "python.exe", ".ekiben/frames"] {
            fs::set_permissions(version_dir.join(name), fs::Permissions::from_mode(0o555)).unwrap();
        }
    };
    let old = app("1.0");
    old.run().success();
    let old_dir = context.version_dir("tiny-read-only");
    let file = old_dir.join("lib/part1/module1.py");
    let content = fs::read(&file).unwrap();
    fs::write(&file, "changed").unwrap();
    make_read_only(&old_dir);
    let repaired = old.args(["self", "repair"]).run();
    assert_eq!((repaired.code, fs::read(&file).unwrap()), (Some(0), content), "{repaired:#?}");

    make_read_only(&old_dir);
    let new = app("2.0");
    eventually("a clean-up", || {
        new.run().success();
        !old_dir.exists() && fs::read_dir(context.installs().join("tiny-read-only/staging")).unwrap().count() == 0
    });
    make_read_only(&context.version_dir("tiny-read-only"));
    // The file that was changed has been kept.
    let uninstalled = new.args(["self", "uninstall", "--yes", "--purge"]).run();
    assert_eq!(uninstalled.code, Some(0), "{uninstalled:#?}");
    assert!(!context.installs().join("tiny-read-only").exists(), "{uninstalled:#?}");
}
