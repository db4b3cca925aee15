//! Waiting for what another process is about to do.

use std::thread;
use std::time::{Duration, Instant};

/// Far longer than anything takes on a busy machine: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until there is something.
///
/// # Panics
/// When there never is.
#[track_caller]
pub fn eventually_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut found = None;
    eventually(what, || {
        found = look();
        found.is_some()
    });
    found.unwrap()
}

/// Waits until something is so.
///
/// # Panics
/// When it never is.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
