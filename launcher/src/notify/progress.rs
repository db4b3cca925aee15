//! What is shown while somebody waits: a bar on a terminal, or a window where there is none.

use std::time::Instant;

use super::{system, terminal, words};
use crate::install::Watcher;

/// Shows itself when the wait takes longer than [`terminal::PATIENCE`].
#[derive(Debug)]
pub struct Progress {
    bar: terminal::Bar,
    app: String,
    doing: &'static str,
    start: Instant,
    window: Sight,
}

#[derive(Debug)]
enum Sight {
    NotYet,
    Open(system::Window),
    /// Nobody would see it.
    Nowhere,
}

impl Progress {
    /// For a first start that begins now.
    pub fn of_first_start(app: &str) -> Self {
        Self::of(app, "preparing the first start", |words| words.preparing)
    }

    /// For a comparison, or a repair, that begins now.
    pub fn of_check(app: &str) -> Self {
        Self::of(app, "checking its files", |words| words.checking)
    }

    fn of(app: &str, doing: &'static str, word: fn(&words::Words) -> &'static str) -> Self {
        Self {
            bar: terminal::Bar::of(app, doing),
            app: app.to_owned(),
            doing: word(words::of(system::language())),
            start: Instant::now(),
            window: Sight::NotYet,
        }
    }

    fn show(&mut self, text: &str, done: u64, total: u64) {
        if matches!(self.window, Sight::NotYet) && self.start.elapsed() >= terminal::PATIENCE {
            let cancel = words::of(system::language()).cancel;
            self.window = system::Window::open(&self.app, text, cancel).map_or(Sight::Nowhere, Sight::Open);
        }
        if let Sight::Open(window) = &self.window {
            window.show(text, done, total);
        }
    }
}

impl Watcher for Progress {
    fn waiting(&mut self) {
        self.bar.waiting();
        self.show(words::of(system::language()).waiting, 0, 1);
    }

    fn extracted(&mut self, done: u64, total: u64) {
        self.bar.extracted(done, total);
        self.show(self.doing, done, total);
    }

    fn is_cancelled(&self) -> bool {
        matches!(&self.window, Sight::Open(window) if window.is_cancelled())
    }
}
