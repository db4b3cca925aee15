//! Tests that need more than every machine has: skipped aloud, or failed where nothing may be skipped.

use std::io::Write;

/// Says why this test is over before it has begun; past the test harness, which shows only what failed tests say.
///
/// # Panics
/// When `demand`, a variable, is set to 1.
pub fn skip(demand: &str, why: &str) {
    assert!(std::env::var_os(demand).is_none_or(|v| v != "1"), "{demand}=1, and {why}");
    let thread = std::thread::current();
    let line = format!("SKIPPED {}: {why}\n", thread.name().unwrap_or("a test"));
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
