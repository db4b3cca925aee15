//! What needs Wine, which plays Windows. `EKIBEN_REQUIRE_WINDOWS=1` lets none of them be skipped.

mod gui_apps;
mod hardening;
mod identity;
mod own_console;
mod windowed;
mod windows;
mod windows_crash_points;
mod windows_interference;
mod windows_paths;
mod windows_roots;
mod windows_share;
