//! What Windows shows of a bundle: icon, version, manifest, console or windows.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, Recipe, TestContext, Wine, read_pe, windows_path};
use serde_json::{Value, json};

/// What the app of `branded` is told by Windows about its bundle.
fn told_by_windows(context: &TestContext, wine: &Wine, exe: &Path) -> Value {
    let report = context.path("report.json");
    wine.program(context, exe).arg(windows_path(&report)).run().quiet_stdout();
    serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
}

#[test]
fn windows_shows_icon_and_version() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("branded", Os::Windows);
    let told = told_by_windows(&context, wine, &exe);
    assert_eq!(told["properties"]["numbers"], json!([2, 5, 1, 0]));
    let lines = json!({
        "CompanyName": "Ekiben Works, 東京",
        "FileDescription": "Bentō Box",
        "LegalCopyright": "© 2024 Ekiben Works",
        "OriginalFilename": "bent-box.exe",
        "ProductName": "Bentō Box",
        "ProductVersion": "2.5.1rc1",
    });
    assert_eq!(told["properties"]["lines"], lines);
    // One icon, which can be had small and large.
    assert_eq!((&told["icons"], &told["interpreter"]), (&json!([1, 1, 1]), &json!("python.exe")));
}

/// Builds a changed `branded` for Windows.
pub(crate) fn built(context: &TestContext, settings: &str) -> std::path::PathBuf {
    let project = context.project("branded");
    let file = project.join("pyproject.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("icon =", &format!("{settings}\nicon ="))).unwrap();
    let output = context.path("built.exe");
    context
        .ekiben()
        .args(Recipe::new("branded", Os::Windows).arg("--quiet").arguments(&project, &output))
        .run()
        .success();
    output
}

#[test]
fn a_windowed_app_has_no_console_and_runs_in_pythonw() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = built(&context, "gui = true");
    assert_eq!(read_pe(&exe, None)["subsystem"], 2);
    assert_eq!(context.ekiben().args(["inspect", "--json"]).arg(&exe).run().json()["windows"]["subsystem"], "windows");
    assert_eq!(told_by_windows(&context, wine, &exe)["interpreter"], "pythonw.exe");
}
