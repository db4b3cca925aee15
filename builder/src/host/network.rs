//! Whether the network may be used: `--offline`, or uv's own variable for the same.

use std::sync::OnceLock;

use crate::report::failure::Failure;

/// uv's variable: it holds for all that ekiben gets, too.
pub const VARIABLE: &str = "UV_OFFLINE";

static OFFLINE: OnceLock<()> = OnceLock::new();

/// From now on, nothing in this process uses the network.
pub fn stay_offline() {
    OFFLINE.get_or_init(|| ());
}

/// Whether everything has to come from caches.
pub fn is_offline() -> bool {
    let said = std::env::var(VARIABLE).unwrap_or_default();
    OFFLINE.get().is_some() || is_true(&said)
}

/// Refuses to get what is at `url` when offline.
///
/// # Errors
/// When offline.
pub(crate) fn reach(url: &str) -> Result<(), Failure> {
    if !is_offline() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` is not in the cache, and this build is offline", without_credentials(url)))
        .help(format!("build once without --offline (and without {VARIABLE})")))
}

/// The URL as it may be shown: an index often has its password in it.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", authority.rsplit('@').next().unwrap_or(authority))
}

/// As uv reads it.
fn is_true(value: &str) -> bool {
    ["1", "true", "yes", "on", "y", "t"].contains(&value.trim().to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_read_as_uv_reads_it() {
        assert!(
            is_true("1") && is_true("TRUE") && is_true("yes") && !is_true("0") && !is_true("") && !is_true("false")
        );
    }
}
