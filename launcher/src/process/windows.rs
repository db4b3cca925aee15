//! Rust's runtime has done all of it.

use std::ffi::OsString;

pub(super) fn typed() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// No signal comes of a closed pipe here.
pub(super) fn outlive_closed_pipes() {}
