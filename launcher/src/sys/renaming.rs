//! Renames that are denied for a moment.
//!
//! Windows denies renaming a directory while a file in it is open without `FILE_SHARE_DELETE`, as a virus scanner's may be for
//! a moment in a tree that has just been written.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

/// First wait after a denied rename; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// How often a denied rename is tried again: about ten seconds in all.
const RETRIES: u32 = 9;

/// Retries a rename that is denied, as long as `goes_on`, which is asked several times a second meanwhile, says so.
///
/// # Errors
/// That of the last try.
pub fn retry(rename: &dyn Fn() -> io::Result<()>, goes_on: &mut dyn FnMut() -> bool) -> io::Result<()> {
    let mut wait = FIRST_WAIT;
    let mut retries = 0;
    loop {
        let denied = match rename() {
            Err(e) if is_denied(&e) && retries < RETRIES => e,
            result => return result,
        };
        let begun = Instant::now();
        while begun.elapsed() < wait {
            if !goes_on() {
                return Err(denied);
            }
            thread::sleep(FIRST_WAIT);
        }
        wait *= 2;
        retries += 1;
    }
}

/// Access denied, sharing violation and busy (Microsoft's "System Error Codes", 5, 32, which Rust has no kind for, and 170).
pub(crate) fn is_denied(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy) || error.raw_os_error() == Some(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_rename_is_retried_until_nobody_wants_to_wait() {
        let tries = std::cell::Cell::new(0);
        let denied = || {
            tries.set(tries.get() + 1);
            Err(ErrorKind::PermissionDenied.into())
        };
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 4
        };
        let result = retry(&denied, &mut goes_on);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::PermissionDenied);
        // Asked while it waits, at least once each time.
        assert_eq!(asked, 4);
        assert!((2..=4).contains(&tries.get()), "{}", tries.get());
    }
}
