//! End to end: real projects, built into real executables, run on Linux and on Windows (Wine). One story a test.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, a surprise is a failure")]

mod arguments;
mod bad_input;
mod damaged;
mod determinism;
mod entry_points;
mod exec_semantics;
mod exit_codes;
mod first_start;
mod fixtures;
mod globs;
mod inspecting;
mod interrupted;
mod isolation;
mod killed;
mod locks;
mod paths;
mod progress;
mod runtimes;
mod self_clean;
mod self_doctor;
mod self_info;
mod self_repair;
mod self_uninstall;
mod signed;
mod warm_path;
mod windows;
