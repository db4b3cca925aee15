//! A screen for Windows programs: an X server of a test's own, and a Wine whose windows it shows.
//!
//! Wine shows windows on the screen that its first window came up on, or on none: so each screen has a Windows drive of its
//! own, which shares the files of the common one by hard links.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::context::TestContext;
use crate::program::Program;
use crate::shared;
use crate::wait::eventually_some;
use crate::wine::{Wine, keep};

/// A screen, and the Windows behind it. Everything on it is ended when it is dropped.
#[derive(Debug)]
pub struct Screen {
    wine: &'static Wine,
    prefix: PathBuf,
    display: String,
    server: Child,
    /// Idle programs that hold the services of its Windows, see [`crate::wine`].
    keepers: Vec<Child>,
}

impl Screen {
    /// A new one.
    ///
    /// # Panics
    /// When there is no `Xvfb`.
    pub fn new(wine: &'static Wine) -> Self {
        Self::with(wine, "")
    }

    /// One on which windows have a frame and a title: without somebody who manages windows, Wine leaves both out.
    ///
    /// # Panics
    /// When there is no `Xvfb`.
    pub fn with_frames(wine: &'static Wine) -> Self {
        Self::with(wine, "\n[Software\\\\Wine\\\\X11 Driver]\n\"Managed\"=\"N\"\n")
    }

    /// With more in the user's part of the registry, as Wine writes it.
    fn with(wine: &'static Wine, registry: &str) -> Self {
        let prefix = wine.own_drive("screen", registry);
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let mut screen = Self { wine, prefix, display: format!(":{}", number.trim()), server, keepers: Vec::new() };
        // Wine leads it to the home of whoever runs the tests.
        let desktop = screen.home().join("Desktop");
        fs::remove_file(&desktop).unwrap();
        fs::create_dir(desktop).unwrap();
        screen.keepers = keep(|arguments| wine.on(&screen.prefix, arguments).env("DISPLAY", &screen.display).command());
        screen
    }

    /// Starts a Windows program as Explorer does: nobody gives it standard streams, nobody waits for it.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn double_click(&self, context: &TestContext, exe: &Path, arguments: &[&str]) -> Child {
        self.show(self.program(context, exe).args(arguments.iter().copied()))
    }

    /// Starts a console program as Explorer does: it gets a console of its own, which is a window.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn in_console(&self, context: &TestContext, exe: &Path, arguments: &[&str]) -> Child {
        let program = self.program(context, exe).args(arguments.iter().copied());
        let wine = program.path().to_owned();
        let all: Vec<_> =
            std::iter::once("wineconsole".into()).chain(program.arguments().map(OsStr::to_owned)).collect();
        self.show(program.replaced(wine, all))
    }

    /// The same for a program of a Windows machine that a test has prepared.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn show(&self, program: Program) -> Child {
        let mut command = self.on_screen(program).command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A Windows program in the environment of a test, on this screen.
    pub fn program(&self, context: &TestContext, exe: &Path) -> Program {
        // Wine would make an entry of this machine's menu of every shortcut.
        self.on_screen(self.wine.program(context, exe)).env("WINEDLLOVERRIDES", "winemenubuilder.exe=d")
    }

    fn on_screen(&self, program: Program) -> Program {
        program
            .env("WINEPREFIX", &self.prefix)
            .env("DISPLAY", &self.display)
            // Wine keeps there what its programs find each other by.
            .env_remove("TMPDIR")
    }

    /// Starts a Linux program as a desktop does: its standard streams lead nowhere.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn launch(&self, program: Program) -> Child {
        self.show(program.env("DISPLAY", &self.display))
    }

    /// The user's directory on its drive `C:`.
    ///
    /// # Panics
    /// When there is none.
    pub fn home(&self) -> PathBuf {
        let users = fs::read_dir(self.prefix.join("drive_c/users")).unwrap().map(|entry| entry.unwrap().path());
        let mut homes = users.filter(|user| !user.ends_with("Public"));
        homes.next().expect("a user")
    }

    /// The window with this title, when it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub fn window(&self, title: &str) -> String {
        let search = ["search", "--onlyvisible", "--name", title];
        // It fails also when a window goes away while it looks at it.
        eventually_some(title, || {
            let found = self.tool("xdotool").args(search).run();
            found.stdout.lines().next().map(str::to_owned).filter(|_| found.code == Some(0))
        })
    }

    /// Whether there is a window with this title.
    pub fn has(&self, title: &str) -> bool {
        self.tool("xdotool").args(["search", "--onlyvisible", "--name", title]).run().code == Some(0)
    }

    /// Presses a key in a window, unless that has gone.
    pub fn press_if_there(&self, window: &str, key: &str) {
        drop(self.tool("xdotool").args(["windowfocus", "--sync", window, "key", key]).run());
    }

    /// Presses a key in a window.
    pub fn press(&self, window: &str, key: &str) {
        self.tool("xdotool").args(["windowfocus", "--sync", window, "key", key]).run().success();
    }

    /// Presses a key in a dialog until its program has ended: one that has just come may not hear it. Answers the exit code.
    ///
    /// # Panics
    /// When it does not end.
    pub fn close(&self, window: &str, key: &str, program: &mut Child) -> Option<i32> {
        let ended = eventually_some("it is closed", || {
            // A click activates it: without that, Wine may pass on no key to a window that has the focus.
            drop(self.tool("xdotool").args(["mousemove", "--window", window, "15", "40", "click", "1"]).run());
            self.press_if_there(window, key);
            program.try_wait().unwrap()
        });
        ended.code()
    }

    /// Presses and releases the mouse's button at a place.
    pub fn click(&self, (x, y): (u32, u32)) {
        self.tool("xdotool").args(["mousemove", &x.to_string(), &y.to_string(), "click", "1"]).run().success();
    }

    /// How often each colour (red, green, blue) is to be seen in a rectangle of this width and height, with its upper left
    /// corner there.
    ///
    /// # Panics
    /// When there is no such rectangle on the screen.
    pub fn colours(&self, (x, y): (u32, u32), (width, height): (u32, u32)) -> BTreeMap<[u8; 3], u32> {
        let part = format!("{width}x{height}+{x}+{y}");
        let import = self.tool("import").args(["-window", "root", "-crop", &part, "-depth", "8", "rgb:-"]);
        let pixels = import.command().stderr(Stdio::inherit()).output().unwrap().stdout;
        assert_eq!(pixels.len(), 3 * width as usize * height as usize, "{part}");
        let mut colours = BTreeMap::new();
        for pixel in pixels.chunks_exact(3) {
            *colours.entry([pixel[0], pixel[1], pixel[2]]).or_default() += 1;
        }
        colours
    }

    /// Keeps a picture of the screen among the artefacts of the tests, for people to look at.
    pub fn picture(&self, name: &str) {
        let to = shared::path("artefacts").join(format!("{name}.png"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        self.tool("import").args(["-window", "root"]).arg(to).run().success();
    }

    fn tool(&self, name: &str) -> Program {
        Program::new(name).env("PATH", std::env::var_os("PATH").unwrap()).env("DISPLAY", &self.display)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for server in ["wineserver", "/usr/lib/wine/wineserver"] {
            for what in ["-k", "-w"] {
                drop(Command::new(server).arg(what).env("WINEPREFIX", &self.prefix).status());
            }
        }
        for keeper in &mut self.keepers {
            drop(keeper.wait());
        }
        drop(self.server.kill());
        drop(self.server.wait());
        drop(fs::remove_dir_all(&self.prefix));
    }
}
