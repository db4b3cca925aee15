//! End to end: real projects, built into real executables, run on Linux and on Windows (Wine). One story a test.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, a surprise is a failure")]

mod appended;
mod arguments;
mod bad_input;
mod concurrency;
mod crash_points;
mod damaged;
mod determinism;
mod entry_points;
mod exec_semantics;
mod exit_codes;
mod first_start;
mod fixtures;
mod globs;
mod hardening;
mod hostile;
mod identity;
mod inherited;
mod inspecting;
mod interference;
mod interrupted;
mod isolation;
mod killed;
mod locks;
mod long_lived;
mod minimal;
mod mutants;
mod paths;
mod power_loss;
mod progress;
mod publishing;
mod rebuild;
mod regression;
mod reuse;
mod roots;
mod runtimes;
mod self_clean;
mod self_doctor;
mod self_info;
mod self_install;
mod self_repair;
mod self_uninstall;
mod share;
mod signed;
mod signing;
mod stdlib;
mod warm_path;
mod windowed;
mod windows;
mod windows_crash_points;
mod windows_interference;
mod windows_paths;
mod windows_roots;
mod windows_share;
