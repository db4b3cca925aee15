//! A story that is the same on Linux and on Windows.

use std::path::Path;

use crate::builder::Os;
use crate::context::TestContext;
use crate::program::Program;
use crate::wine::{Wine, windows_path};

/// One of the two.
#[derive(Debug)]
pub struct System {
    /// Which one.
    pub os: Os,
    wine: Option<&'static Wine>,
}

impl System {
    /// Both, or Linux alone where there is no Wine, which is then said on standard error.
    pub fn all() -> Vec<Self> {
        let windows = Wine::or_skip().map(|wine| Self { os: Os::Windows, wine: Some(wine) });
        [Self { os: Os::Linux, wine: None }].into_iter().chain(windows).collect()
    }

    /// A program of this system, in the environment of a test.
    pub fn program(&self, context: &TestContext, path: impl AsRef<Path>) -> Program {
        match self.wine {
            Some(wine) => wine.program(context, path.as_ref()),
            None => context.program(path.as_ref()),
        }
    }

    /// How its programs name a file of this machine.
    ///
    /// # Panics
    /// When the path is no Unicode.
    pub fn path(&self, path: &Path) -> String {
        match self.os {
            Os::Linux => path.to_str().unwrap().to_owned(),
            Os::Windows => windows_path(path),
        }
    }
}
