//! The ground that the end-to-end tests stand on.
//!
//! - [`TestContext`]: a directory of its own for each test, and the environment that goes with it;
//! - [`Program`] and [`Outcome`]: starting something, and all that it said;
//! - [`builder`]: the `ekiben` command, and finished bundles, each built once for all tests;
//! - [`wine`]: the Windows machine;
//! - [`runtimes`]: CPython for Windows, from the package index;
//! - [`pty`]: a terminal for those that look for one.
//!
//! What is expensive and can be made again (bundles, the builder's cache, Wine's drive) lies in `tests-cache` in the
//! target directory, and nothing lies anywhere else once a test is over.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test, a surprise is a failure")]

mod builder;
mod context;
mod outcome;
mod program;
mod pty;
mod redact;
mod rerecord;
mod runtimes;
mod shared;
mod system;
mod wine;

pub use builder::{Os, Recipe};
pub use context::TestContext;
pub use outcome::{Outcome, hex};
pub use program::{Program, Running};
pub use pty::in_terminal;
pub use redact::redact;
pub use rerecord::release;
pub use runtimes::{sha256, windows_embeddable};
pub use system::System;
pub use wine::{Wine, windows_builds_or_skip, windows_path};
