//! The ground that the end-to-end tests stand on.
//!
//! - [`TestContext`]: a directory of its own for each test, and the environment that goes with it;
//! - [`Program`] and [`Outcome`]: starting something, and all that it said;
//! - [`builder`]: the `ekiben` command, and finished bundles, each built once for all tests;
//! - [`TestContext::bundle_around`]: the launcher before a program of the test's choice;
//! - [`confined`]: any bytes started as a program, with limits;
//! - [`tiny`]: a bundle that installs in milliseconds;
//! - [`faulty`]: launchers that break where a test says;
//! - [`accounts`]: other accounts, and mounts of a test's own;
//! - [`booted`]: a machine with systemd, accounts and reboots;
//! - [`limits`]: few threads, little memory;
//! - [`wine`]: the Windows machine;
//! - [`windows_machine`]: one of a test's own, which can be switched off;
//! - [`pe`]: what another reader finds in a program for Windows;
//! - [`screen`]: what the Windows machine shows;
//! - [`mingw`]: small programs for Windows, compiled for a test;
//! - [`reads`]: how much of a file a program reads;
//! - [`runtimes`]: CPython for Windows, from the package index;
//! - [`measured`]: what benchmarks find, and how it is shown;
//! - [`pty`]: a terminal for those that look for one.
//!
//! What is expensive and can be made again (bundles, the builder's cache, Wine's drive) lies in `tests-cache` in the
//! target directory, and nothing lies anywhere else once a test is over.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test, a surprise is a failure")]

mod accounts;
mod booted;
mod builder;
mod confined;
mod context;
mod faulty;
mod handmade;
mod limits;
pub mod measured;
mod mingw;
mod outcome;
mod pe;
mod program;
mod pty;
mod publisher;
mod reads;
mod redact;
pub mod release_server;
mod rerecord;
mod runtimes;
mod screen;
mod shared;
mod skip;
mod system;
mod tiny;
mod wait;
mod windows_machine;
mod wine;

pub use accounts::Root;
pub use booted::Booted;
pub use builder::{Os, Recipe};
pub use confined::{Confined, Ended};
pub use context::TestContext;
pub use faulty::{faulty_launcher, with_fault_points};
pub use limits::FewProcesses;
pub use mingw::windows_program;
pub use outcome::{Outcome, hex};
pub use pe::read_pe;
pub use program::{Program, Running};
pub use pty::{all_in_terminal, in_terminal};
pub use publisher::Publisher;
pub use reads::reads;
pub use redact::redact;
pub use rerecord::release;
pub use runtimes::{sha256, windows_complete, windows_embeddable, windows_python};
pub use screen::Screen;
pub use skip::skip;
pub use system::System;
pub use tiny::Tiny;
pub use wait::{eventually, eventually_some};
pub use windows_machine::WindowsMachine;
pub use wine::{Drive, Wine, alone_at_home, windows_builds_or_skip, windows_path};
