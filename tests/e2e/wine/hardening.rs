//! What somebody has put beside a bundle, or above the version dir, is not taken for a part of it.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, Screen, TestContext, Tiny, Wine, windows_path, windows_program};

/// Names under which libraries are planted: those that Wine or Windows load late, and that such attacks have used. (Not the
/// few that Wine's own `shell32` and `user32` need to be loaded at all: Windows keeps what a known library needs with it, see
/// <https://learn.microsoft.com/en-us/windows/win32/dlls/dynamic-link-library-search-order>, and Wine has no such list.)
const PLANTED: &[&str] = &[
    "apphelp",
    "bcryptprimitives",
    "comctl32",
    "cryptbase",
    "dwmapi",
    "msimg32",
    "oleacc",
    "profapi",
    "propsys",
    "textshaping",
    "usp10",
    "uxtheme",
    "winmm",
];

/// Puts a library under each of these names into a directory; Wine is told to take those, and not its own, wherever it would
/// look for one.
fn plant(context: &TestContext, directory: &Path) -> String {
    let library = windows_program(context, "planted", &["-shared", "-nostdlib", "-lkernel32", "-e", "DllMain"]);
    for name in PLANTED {
        fs::write(directory.join(format!("{name}.dll")), &library).unwrap();
    }
    format!("{}=n,b", PLANTED.join(","))
}

fn loaded(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".loaded")).collect();
    names.sort();
    names
}

#[test]
fn a_library_that_is_planted_beside_a_bundle_is_not_loaded() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let downloads = context.path("Downloads");
    fs::create_dir(&downloads).unwrap();
    let overrides = plant(&context, &downloads);
    // The opposite of a launcher loads them, so this is where they would be taken from.
    fs::write(downloads.join("careless.exe"), windows_program(&context, "careless", &[])).unwrap();
    let careless = wine.program(&context, downloads.join("careless.exe")).env("WINEDLLOVERRIDES", &overrides);
    careless.args(["dwmapi.dll", "uxtheme.dll"]).run().success();
    assert_eq!(loaded(&downloads), ["dwmapi.dll.loaded", "uxtheme.dll.loaded"]);
    for name in loaded(&downloads) {
        fs::remove_file(downloads.join(name)).unwrap();
    }

    let tiny = Tiny::new("1.0").windows().running(windows_program(&context, "stays", &[]));
    let exe = downloads.join("tiny.exe");
    fs::rename(tiny.bundle(&context), &exe).unwrap();
    let start = wine.program(&context, &exe).env("WINEDLLOVERRIDES", &overrides).stdin("").directory(&downloads);
    for _ in 0..2 {
        assert_eq!(start.run().stdout.trim_end(), "ran 1.0");
    }
    start.args(["self", "doctor"]).run().success();
    assert_eq!(loaded(&downloads), [""; 0]);

    // A dialog makes Windows load more.
    let dies = Tiny::new("2.0").windows().windowed().running(windows_program(&context, "idles", &["-mwindows"]));
    fs::rename(dies.bundle(&context), &exe).unwrap();
    let screen = Screen::new(wine);
    let mut shown = screen.show(wine.program(&context, &exe).env("WINEDLLOVERRIDES", &overrides));
    let dialog = screen.window("tiny");
    assert_eq!(loaded(&downloads), [""; 0]);
    assert_eq!(screen.close(&dialog, "Return", &mut shown), Some(9));
    assert_eq!(loaded(&downloads), [""; 0]);
}

/// CPython for Windows takes `..\..\Modules\Setup.local` for a sign that it was just built there, and its libraries from that
/// place (`Modules/getpath.py`; CVE-2026-12003). That is the install root.
#[test]
fn what_lies_two_levels_above_the_interpreter_is_not_taken_for_a_build_of_python() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let app = wine.program(&context, context.bundle("hello", Os::Windows));
    app.run().quiet_stdout();
    for planted in ["Modules/Setup.local", "Modules/setup.local"] {
        context.write(format!("installs/hello/{planted}"), "");
    }
    for module in ["os", "site", "encodings/__init__", "hello", "sysconfig"] {
        context.write(format!("installs/hello/Lib/{module}.py"), "raise SystemExit('planted')");
    }
    assert_eq!(app.run().quiet_stdout().trim_end(), "Hello, world!");
    // Nor by what the app starts through `sys.executable`.
    let version_dir = context.version_dir("hello");
    let facts = "import sys, sysconfig; print(sysconfig.is_python_build(), sys.prefix)";
    let child = wine.program(&context, version_dir.join("python.exe")).args(["-c", facts]);
    assert_eq!(child.run().quiet_stdout().trim_end(), format!("False {}", windows_path(&version_dir)));
    // It is the file beside it that keeps it from looking there.
    fs::remove_file(version_dir.join("python313._pth")).unwrap();
    let outcome = child.run();
    assert!(outcome.code != Some(0) && outcome.stderr.contains(r"installs\hello\Lib\encodings"), "{outcome:#?}");
}
