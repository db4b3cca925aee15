//! What a build prints while it works: progress, notices, and each step if it is verbose. All of it goes to stderr, because
//! stdout is for data.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::text;

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress, notices, the summary.
    Normal,
    /// Also each step, and the commands that are run.
    Verbose,
}

/// Prints what a build reports. Cheap to clone, and usable from several threads.
#[derive(Debug, Clone)]
pub struct Report {
    verbosity: Verbosity,
    bars: Arc<MultiProgress>,
    animated: bool,
}

impl Report {
    /// Prints to stderr. Bars are shown only if that is a terminal and the verbosity is not quiet.
    pub fn new(verbosity: Verbosity) -> Self {
        let animated = verbosity > Verbosity::Quiet && std::io::stderr().is_terminal();
        let target = if animated { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { verbosity, bars: Arc::new(MultiProgress::with_draw_target(target)), animated }
    }

    /// Prints nothing: for tests, and for work whose messages would disturb.
    pub fn silent() -> Self {
        Self::new(Verbosity::Quiet)
    }

    /// How much is printed.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// One line that users should see: ekiben did something differently than they asked or would expect.
    pub fn notice(&self, line: impl AsRef<str>) {
        if self.verbosity > Verbosity::Quiet {
            self.line(&format!("note: {}", line.as_ref()));
        }
    }

    /// One line that is printed only if the build is verbose.
    pub fn detail(&self, line: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Verbose {
            self.line(line.as_ref());
        }
    }

    /// A step of unknown length: a spinner on a terminal, otherwise a detail. Dropping it removes the spinner.
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

    /// A step that counts bytes up to `total`. Dropping it removes the bar.
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
            // Bars are hidden while the line is printed, so that they don't mix.
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
    /// Adds to the bytes that are done.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
