//! As `registry::self_install`: the tests that need Wine.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, Recipe, Screen, TestContext, Wine, eventually_some, windows_path};

#[test]
fn on_windows_shortcuts_lead_to_the_copy_and_apps_and_features_can_remove_it() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("windowed", Os::Windows);
    let screen = Screen::new(wine);
    let root = context.installs().join("window-seat");
    let copy = root.join("window-seat.exe");
    let menu = screen.home().join("AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Window Seat.lnk");
    let desktop = screen.home().join("Desktop/Window Seat.lnk");
    let entry = || {
        let key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\ekiben.window-seat";
        screen.program(&context, Path::new("reg")).args(["query", key]).run()
    };

    for _ in 0..2 {
        let made = screen.program(&context, &exe).args(["self", "install", "--desktop", "--json"]).run().json();
        assert_eq!(made["program"], windows_path(&copy));
        assert!(made["menu"].as_str().unwrap().ends_with(r"\Start Menu\Programs\Window Seat.lnk"), "{made}");
        assert!(menu.exists() && desktop.exists());
    }
    let told = entry();
    let told = told.quiet_stdout();
    let uninstall = format!("\"{}\" self uninstall", windows_path(&copy));
    for (name, value) in [
        ("DisplayName", "Window Seat"),
        ("DisplayVersion", "1.0"),
        ("DisplayIcon", &windows_path(&copy)),
        ("InstallLocation", &windows_path(&root)),
        ("UninstallString", &uninstall),
        ("QuietUninstallString", &format!("{uninstall} --yes")),
        ("NoModify", "0x1"),
    ] {
        let line = told.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(line.is_some_and(|line| line.ends_with(&format!("    {value}"))), "{name}: {told}");
    }

    // What was downloaded is not needed any more.
    fs::remove_file(&exe).unwrap();
    let mut started = screen.double_click(&context, Path::new("start"), &[&link(&menu), "leave"]);
    assert_eq!(started.wait().unwrap().code(), Some(0));
    let log = root.join("logs/app.log");
    // The taskbar takes it for what the shortcut leads to.
    eventually_some("the app, started by the shortcut", || {
        fs::read_to_string(&log).ok().filter(|log| log.contains("left ekiben.window-seat"))
    });

    let mut asking = screen.double_click(&context, &copy, &["self", "uninstall"]);
    let question = screen.window("Window Seat");
    screen.picture("uninstall");
    screen.press(&question, "alt+y");
    // What it has done, in another window.
    let told = eventually_some("an answer", || Some(screen.window("Window Seat")).filter(|window| *window != question));
    screen.picture("uninstalled");
    screen.press(&told, "Return");
    assert_eq!(asking.wait().unwrap().code(), Some(0));
    assert!(!menu.exists() && !desktop.exists());
    assert_ne!(entry().code, Some(0));
    // The copy ran: it goes a moment later, and its directory with it.
    eventually_some("the end of the copy", || (!root.exists()).then_some(()));
}

/// How a program of Windows names a shortcut on its drive `C:`.
fn link(path: &Path) -> String {
    let path = path.to_str().unwrap();
    let (_, below) = path.split_once("drive_c/").unwrap();
    format!("C:\\{}", below.replace('/', "\\"))
}

#[test]
fn a_copy_that_runs_is_replaced_and_the_quiet_command_removes_all_of_it() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("probe", Os::Windows);
    let newer = context.bundle_of(&Recipe::new("probe", Os::Windows).arg("--compression").arg("fast"));
    let screen = Screen::new(wine);
    let copy = context.installs().join("probe/probe.exe");
    screen.program(&context, &exe).args(["self", "install"]).run().quiet_stdout();
    let mut running = screen.program(&context, &copy).arg("hold").stdin("").start();
    running.line();
    screen.program(&context, &newer).args(["self", "install"]).run().quiet_stdout();
    assert!(fs::read(&copy).unwrap() == fs::read(&newer).unwrap());
    assert_eq!(running.wait().code, Some(0));

    eventually_some("its end", || {
        let said = screen.program(&context, &copy).args(["self", "uninstall", "--yes"]).run();
        (said.code == Some(0)).then_some(())
    });
    eventually_some("the end of the copy", || (!context.installs().join("probe").exists()).then_some(()));
}
