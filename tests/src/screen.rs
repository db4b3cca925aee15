//! A screen for Windows programs: an X server of a test's own, and a Wine whose windows it shows.
//!
//! Wine shows windows on the screen that its first window came up on, or on none: so each screen has a Windows drive of its
//! own, which shares the files of the common one by hard links.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::context::TestContext;
use crate::program::Program;
use crate::shared;
use crate::wine::Wine;

/// A screen, and the Windows behind it. Everything on it is ended when it is dropped.
#[derive(Debug)]
pub struct Screen {
    wine: &'static Wine,
    prefix: PathBuf,
    display: String,
    server: Child,
}

impl Screen {
    /// A new one.
    ///
    /// # Panics
    /// When there is no `Xvfb`.
    pub fn new(wine: &'static Wine) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = shared::path(&format!("wine-screen-{}-{number}", std::process::id()));
        let status = Command::new("cp").arg("-al").arg(wine.prefix()).arg(&prefix).status().unwrap();
        assert!(status.success());
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { wine, prefix, display: format!(":{}", number.trim()), server }
    }

    /// Starts a Windows program as Explorer does: nobody gives it standard streams, nobody waits for it.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn double_click(&self, context: &TestContext, exe: &Path, arguments: &[&str]) -> Child {
        self.show(self.wine.program(context, exe).args(arguments.iter().copied()))
    }

    /// The same for a program of a Windows machine that a test has prepared.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn show(&self, program: Program) -> Child {
        let program = program.env("WINEPREFIX", &self.prefix).env("DISPLAY", &self.display);
        let mut command = program.command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The window with this title, when it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub fn window(&self, title: &str) -> String {
        let search = ["search", "--sync", "--onlyvisible", "--name", title];
        // Only a test that fails waits so long.
        let limit = "180".to_owned();
        let found = self.tool("xdotool").args(search).started_by("timeout", [limit.into()]).run();
        assert_eq!(found.code, Some(0), "no window `{title}`: {found:#?}");
        found.stdout.lines().next().unwrap_or_default().to_owned()
    }

    /// Presses a key in a window.
    pub fn press(&self, window: &str, key: &str) {
        self.tool("xdotool").args(["windowfocus", "--sync", window, "key", key]).run().success();
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
        drop(self.server.kill());
        drop(self.server.wait());
        drop(fs::remove_dir_all(&self.prefix));
    }
}
