//! A progress bar on a terminal's stderr, for a first start that takes longer than half a second.
//!
//! Drawn with carriage returns and spaces only, so that it needs no terminal capabilities, and wiped when done.

use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use crate::install::Watcher;

/// A shorter start shows nothing.
pub(super) const DELAY: Duration = Duration::from_millis(500);
const WIDTH: usize = 24;

/// A bar, or nothing when stderr is not a terminal.
#[derive(Debug)]
pub(super) struct Bar {
    app: String,
    doing: &'static str,
    start: Instant,
    on_terminal: bool,
    /// The line on the screen.
    drawn: String,
}

impl Bar {
    /// For work that begins now.
    pub(super) fn new(app: &str, doing: &'static str) -> Self {
        // A control character in a name must not reach the terminal.
        let app = app.chars().filter(|c| !c.is_control()).take(40).collect();
        Self { app, doing, start: Instant::now(), on_terminal: std::io::stderr().is_terminal(), drawn: String::new() }
    }

    /// Draws a line over the current one, unless they are the same: while waiting, this is called forty times a second.
    fn draw(&mut self, line: String) {
        if !self.on_terminal || self.start.elapsed() < DELAY || line == self.drawn {
            return;
        }
        let rest = self.drawn.chars().count().saturating_sub(line.chars().count());
        let _ = write!(std::io::stderr(), "\r{line}{:rest$}", "");
        self.drawn = line;
    }
}

impl Watcher for Bar {
    fn waiting(&mut self) {
        self.draw(format!("{}: waiting for another start that installs it", self.app));
    }

    fn extracted(&mut self, done: u64, total: u64) {
        self.draw(bar(&self.app, self.doing, done, total));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if !self.drawn.is_empty() {
            let _ = write!(std::io::stderr(), "\r{:1$}\r", "", self.drawn.chars().count());
        }
    }
}

fn bar(app: &str, doing: &str, done: u64, total: u64) -> String {
    let share = |of: usize| done.saturating_mul(of as u64).checked_div(total).map_or(of, |s| (s as usize).min(of));
    let full = "=".repeat(share(WIDTH));
    format!("{app}: {doing} [{full:WIDTH$}] {:3} %", share(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_with_the_bytes() {
        assert_eq!(bar("a", "b", 0, 100), format!("a: b [{}]   0 %", " ".repeat(24)));
        assert_eq!(bar("a", "b", 50, 100), format!("a: b [{}{}]  50 %", "=".repeat(12), " ".repeat(12)));
        assert_eq!(bar("a", "b", 200, 100), bar("a", "b", 100, 100));
        assert_eq!(bar("a", "b", 0, 0), bar("a", "b", 100, 100));
    }
}
