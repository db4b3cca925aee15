//! What a build says while it works: progress, notices, and (verbose) each step. All of it on stderr:
//! stdout is for data.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::text;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress, notices, the summary.
    Normal,
    /// Also each step, and the commands that are run.
    Verbose,
}

/// Where a build talks to. Cheap to clone; usable from several threads.
#[derive(Debug, Clone)]
pub struct Report {
    verbosity: Verbosity,
    bars: Arc<MultiProgress>,
    animated: bool,
}

impl Report {
    /// Talks to stderr; bars only when that is a terminal and the verbosity is not quiet.
    pub fn new(verbosity: Verbosity) -> Self {
        let animated = verbosity > Verbosity::Quiet && std::io::stderr().is_terminal();
        let target = if animated { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { verbosity, bars: Arc::new(MultiProgress::with_draw_target(target)), animated }
    }

    /// Says nothing at all: for tests, and for work whose talk nobody wants.
    pub fn silent() -> Self {
        Self::new(Verbosity::Quiet)
    }

    /// How much is said.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// One line that a user should see: something was done in another way than asked for or expected.
    pub fn notice(&self, line: impl AsRef<str>) {
        if self.verbosity > Verbosity::Quiet {
            self.line(&format!("note: {}", line.as_ref()));
        }
    }

    /// One line for those who asked for more.
    pub fn detail(&self, line: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Verbose {
            self.line(line.as_ref());
        }
    }

    /// A step whose length nobody knows: a spinner on a terminal, a detail otherwise. Gone when dropped.
    pub fn step(&self, what: impl Into<String>) -> Step {
        let what = text::lines(&what.into());
        if !self.animated {
            self.detail(&what);
        }
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Step(bar)
    }

    /// A step that counts bytes up to `total`. Gone when dropped.
    pub fn bytes(&self, what: impl Into<String>, total: u64) -> Step {
        let what = text::lines(&what.into());
        if !self.animated {
            self.detail(&what);
        }
        let bar = self.bars.add(ProgressBar::new(total));
        let template = "  {msg} [{bar:30}] {bytes}/{total_bytes} {eta:.dim}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what);
        Step(bar)
    }

    fn line(&self, line: &str) {
        let line = text::lines(line);
        if self.animated {
            // A full screen of bars must not be torn apart by a line between them.
            self.bars.suspend(|| eprintln!("{line}"));
        } else {
            eprintln!("{line}");
        }
    }
}

/// A step under way; dropping it removes it from the screen.
#[derive(Debug)]
pub struct Step(ProgressBar);

impl Step {
    /// `bytes` more are done.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
