//! Real apps with windows, seen on a screen and used with mouse and keys: tkinter and wxPython, numpy, pools of processes.
//!
//! Each keeps a picture among the artefacts. What is asserted of the pixels are colours that the app itself paints, at places
//! that it tells; how Wine draws widgets is Wine's.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Child;

use ekiben_tests::{
    Os, Recipe, Screen, TestContext, Wine, eventually, eventually_some, windows_builds_or_skip, windows_complete,
    windows_path,
};

/// An app that was started by a double-click, and the log that it writes.
struct App {
    context: TestContext,
    screen: Screen,
    launcher: Child,
    log: PathBuf,
}

impl App {
    /// None without Wine.
    fn started(recipe: &Recipe, id: &str, arguments: &[&str]) -> Option<Self> {
        let wine = Wine::or_skip()?;
        let context = TestContext::new();
        let exe = context.bundle_of(recipe);
        let screen = Screen::with_frames(wine);
        let launcher = screen.double_click(&context, &exe, arguments);
        Some(Self { log: context.installs().join(id).join("logs/app.log"), context, screen, launcher })
    }

    /// What it has said so far, once there is `text` in it.
    fn says(&self, text: &str) -> String {
        let log = || Some(fs::read_to_string(&self.log).ok()?.replace("\r\n", "\n"));
        eventually_some(text, || log().filter(|log| log.contains(text)))
    }

    /// Where it says that something is.
    fn place(&self, name: &str) -> (u32, u32) {
        let log = self.says(&format!("place {name} "));
        let line = log.lines().find_map(|line| line.strip_prefix(&format!("place {name} "))).unwrap();
        let (x, y) = line.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    }

    /// A square of pixels around such a place.
    fn around(&self, name: &str) -> BTreeMap<[u8; 3], u32> {
        let (x, y) = self.place(name);
        self.screen.colours((x - 2, y - 2), (5, 5))
    }

    /// It is painted there.
    #[track_caller]
    fn shows(&self, name: &str, colour: [u8; 3]) {
        eventually(name, || self.around(name) == BTreeMap::from([(colour, 25)]));
    }

    /// The app's processes, seen from this machine.
    fn processes(&self) -> usize {
        let test = self.context.root().file_name().unwrap().to_str().unwrap();
        let line = |process: fs::DirEntry| fs::read(process.path().join("cmdline")).unwrap_or_default();
        let lines = fs::read_dir("/proc").unwrap().flatten().map(line);
        lines.map(|line| String::from_utf8_lossy(&line).into_owned()).filter(|l| is_interpreter(l, test)).count()
    }

    /// It is closed with the key for it, and that is the end of all that it was.
    fn closes(&mut self, window: &str) {
        self.screen.press(window, "Escape");
        self.says("closed");
        assert_eq!(self.launcher.wait().unwrap().code(), Some(0));
        eventually("no process of it is left", || self.processes() == 0);
        assert!(!self.log.with_file_name("launcher.log").exists());
    }
}

/// Whether that is the command line of an interpreter in this test's directory.
fn is_interpreter(line: &str, test: &str) -> bool {
    let program = line.split('\0').next().unwrap_or_default();
    program.contains(test) && program.ends_with("pythonw.exe")
}

/// The sample project `booth`, for whoever builds for Windows: with tkinter, hence with a runtime that has it.
fn booth(view: &str) -> Option<App> {
    if !windows_builds_or_skip() {
        return None;
    }
    let recipe = Recipe::new("booth", Os::Windows).arg("--runtime").arg(windows_complete());
    App::started(&recipe.arg("--compression").arg("fast"), "ticket-booth", &[view])
}

#[test]
fn a_tkinter_app_finds_its_library_shows_the_bundles_icon_and_is_used_with_mouse_and_keys() {
    const CLOSED: [u8; 3] = [0xc0, 0x20, 0x40];
    const OPEN: [u8; 3] = [0x20, 0x80, 0x40];
    const ORANGE: [u8; 3] = [0xe0, 0x70, 0x00];
    let Some(mut app) = booth("counter") else { return };
    let window = app.screen.window("Ticket Booth: counter");
    let log = app.says("ready counter");
    let library = windows_path(&app.context.version_dir("ticket-booth").join("tcl/tcl8.6"));
    assert!(log.contains(&format!("tcl 8.6.15 {library}\n")) && log.contains("theme vista\n"), "{log}");
    app.shows("lamp", CLOSED);
    // The window's upper left corner, where the app has put it.
    let title = || app.screen.colours((60, 60), (30, 24));
    eventually("the bundle's icon", || title().get(&ORANGE).is_some_and(|&pixels| pixels > 100));

    app.screen.click(app.place("button"));
    app.says("sold 1 Komachi 5 Akita\n");
    app.shows("lamp", OPEN);
    app.screen.press(&window, "Return");
    app.says("sold 2 Komachi 5 Akita\n");
    app.screen.picture("tkinter");
    app.closes(&window);
}

#[test]
fn a_turtle_draws() {
    let Some(mut app) = booth("track") else { return };
    let window = app.screen.window("Ticket Booth: track");
    app.says("ready track");
    for (name, colour) in [("meadow", [0x40, 0xa0, 0x40]), ("rails", [0x60, 0x40, 0x20]), ("sky", [0xa0, 0xd0, 0xf0])] {
        app.shows(name, colour);
    }
    app.screen.picture("turtle");
    app.closes(&window);
}

#[test]
fn what_numpy_computes_is_seen_in_a_window() {
    let Some(mut app) = booth("waves") else { return };
    let window = app.screen.window("Ticket Booth: waves");
    let log = app.says("ready waves");
    assert!(log.contains("inverse True\neigenvalues [1.0, 3.0]\nspectrum 8\n"), "{log}");
    // The same table of products, reckoned here.
    let land = (0..240).map(|y| (0..400).filter(|x| x * y > 20_000).count()).sum::<usize>();
    eventually("the picture that was computed", || {
        let seen = app.screen.colours((0, 0), (1024, 768));
        let pixels = |colour: [u8; 3]| seen.get(&colour).copied().unwrap_or_default() as usize;
        (pixels([192, 144, 48]), pixels([32, 64, 160])) == (land, 240 * 400 - land)
    });
    app.screen.picture("numpy");
    app.closes(&window);
}

#[test]
fn pools_of_processes_serve_a_window_without_a_console_and_longer_than_the_launcher() {
    let Some(mut app) = booth("pool") else { return };
    let window = app.screen.window("Ticket Booth: pool");
    let log = app.says("ready pool");
    for pool in ["Pool", "Executor"] {
        let calculated = format!("{pool} [0, 25, 50, 75] ['pythonw.exe'] consoles [0]\n{pool} elsewhere True\n");
        assert!(log.contains(&calculated), "{log}");
    }
    // What workers say is in the log too, and while they live.
    for kilometres in 0..4 {
        app.says(&format!("calculating {kilometres}\n"));
    }
    // The launcher leaves after ten seconds. The window and two workers of each pool live on, and work.
    assert_eq!(app.launcher.wait().unwrap().code(), Some(0));
    assert_eq!(app.processes(), 5);
    app.screen.press(&window, "Return");
    eventually("another calculation", || app.says("calculated").matches("calculated\n").count() == 2);
    assert_eq!(app.processes(), 5);
    app.screen.picture("pool");
    app.closes(&window);
}

#[test]
fn a_wxpython_app_paints_and_is_used_with_the_mouse() {
    const AMBER: [u8; 3] = [0xf0, 0xa0, 0x20];
    const DELAYED: [u8; 3] = [0xd0, 0x30, 0x30];
    let recipe = Recipe::new("board", Os::Windows).arg("--compression").arg("fast");
    let Some(mut app) = App::started(&recipe, "departure-board", &[]) else { return };
    let window = app.screen.window("Departures");
    app.says("ready 4.3.2 msw (phoenix)");
    for train in ["train0", "train1", "train2"] {
        app.shows(train, AMBER);
    }
    app.screen.click(app.place("button"));
    app.says("delayed Komachi 5\n");
    app.shows("train1", DELAYED);
    app.shows("train2", AMBER);
    app.screen.picture("wxpython");
    app.closes(&window);
}
