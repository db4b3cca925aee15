//! End to end: real projects, built into real executables, run on Linux and on Windows (Wine). One story a test.
//!
//! Tests are grouped by what they need of the machine. One that needs several things is in the first of these groups that
//! fits: `root`, `wine`, `registry`, `plain`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, a surprise is a failure")]

mod plain;
mod registry;
mod root;
mod wine;
