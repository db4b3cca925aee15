//! Release folders: what `ekiben release` and `ekiben root` do. The metadata itself is the package `ekiben-release`.
//!
//! - [`folder`]: the files of a release folder, read and written whole, by one publisher at a time.
//! - [`secret_key`]: the publisher's keys.
//! - [`offer`]: signing, and publishing what enough keys have signed.
//! - [`add`]: bundles become a version of a channel. [`file`] says what a client has to know of each.
//! - [`roots`]: keys are added and removed.
//! - [`check`] and [`prune`]: looking after it. [`diff`]: what an update brings and costs.
//!
//! A command that was interrupted is run again: it finds what it did, and does the rest.

use std::time::{SystemTime, UNIX_EPOCH};

pub mod add;
pub mod check;
pub mod diff;
pub mod file;
pub mod folder;
pub mod offer;
pub mod prune;
pub mod roots;
pub mod secret_key;
pub mod span;

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
