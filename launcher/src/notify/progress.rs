//! What is shown while somebody waits: a bar on a terminal, or a window where there is none.

use std::time::Instant;

use super::terminal;
use super::words::Words;
use crate::install::Watcher;
use crate::sys::desktop;

/// Shows itself when the wait takes longer than [`terminal::DELAY`].
#[derive(Debug)]
pub struct Progress {
    bar: terminal::Bar,
    app: String,
    doing: &'static str,
    start: Instant,
    window: Window,
}

#[derive(Debug)]
enum Window {
    /// It is too early.
    Pending,
    Open(desktop::Window),
    /// Nobody would see it.
    Unavailable,
}

impl Progress {
    /// For a first start that begins now.
    pub fn for_first_start(app: &str) -> Self {
        Self::new(app, "preparing the first start", |words| words.preparing)
    }

    /// For a comparison, or a repair, that begins now.
    pub fn for_check(app: &str) -> Self {
        Self::new(app, "checking its files", |words| words.checking)
    }

    /// For a download that begins now.
    pub fn for_update(app: &str) -> Self {
        Self::new(app, "getting the new version", |words| words.updating)
    }

    fn new(app: &str, doing: &'static str, word: fn(&Words) -> &'static str) -> Self {
        Self {
            bar: terminal::Bar::new(app, doing),
            app: app.to_owned(),
            doing: word(super::words()),
            start: Instant::now(),
            window: Window::Pending,
        }
    }

    fn show(&mut self, text: &str, done: u64, total: u64) {
        if matches!(self.window, Window::Pending) && self.start.elapsed() >= terminal::DELAY {
            let cancel = super::words().cancel;
            self.window = desktop::Window::open(&self.app, text, cancel).map_or(Window::Unavailable, Window::Open);
        }
        if let Window::Open(window) = &self.window {
            window.show(text, done, total);
        }
    }
}

impl Watcher for Progress {
    fn waiting(&mut self) {
        self.bar.waiting();
        self.show(super::words().waiting, 0, 1);
    }

    fn extracted(&mut self, done: u64, total: u64) {
        self.bar.extracted(done, total);
        self.show(self.doing, done, total);
    }

    fn is_cancelled(&self) -> bool {
        matches!(&self.window, Window::Open(window) if window.is_cancelled())
    }
}
