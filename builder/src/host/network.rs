//! Whether the network may be used: `--offline`, or uv's own variable for the same.

use std::sync::OnceLock;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

use crate::report::failure::Failure;

/// uv's variable, which also applies to ekiben's own downloads.
pub const VARIABLE: &str = "UV_OFFLINE";

static OFFLINE: OnceLock<()> = OnceLock::new();

/// Forbids the use of the network from now on, in this process.
pub fn stay_offline() {
    OFFLINE.get_or_init(|| ());
}

/// Whether everything has to come from caches.
pub fn is_offline() -> bool {
    let said = std::env::var(VARIABLE).unwrap_or_default();
    OFFLINE.get().is_some() || is_true(&said)
}

/// Returns an error if the network may not be used.
///
/// # Errors
/// When offline.
pub(crate) fn reach(url: &Url) -> Result<(), Failure> {
    if !is_offline() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` is not in the cache, and this build is offline", without_credentials(url)))
        .help(format!("build once without --offline (and without {VARIABLE})")))
}

/// An HTTP client that uses the system's certificates, the proxy of the environment, and timeouts.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .user_agent(concat!("ekiben/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// The URL in a setting, if it is a web server's and not a path.
pub(crate) fn web_url(location: &str) -> Option<Url> {
    Url::parse(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The name of the file at a URL.
pub(crate) fn file_name(url: &Url) -> &str {
    url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default()
}

/// The URL without credentials, for messages: the URL of an index often contains a password.
pub(crate) fn without_credentials(url: &Url) -> Url {
    let mut shown = url.clone();
    // Both fail for URLs without a host, which have no credentials.
    let _ = (shown.set_username(""), shown.set_password(None));
    shown
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

    #[test]
    fn passwords_are_not_shown() {
        let shown = |url: &str| without_credentials(&Url::parse(url).unwrap()).to_string();
        assert_eq!(shown("https://u:p@h/s/"), "https://h/s/");
        assert_eq!(shown("https://h/a?b"), "https://h/a?b");
    }

    #[test]
    fn a_path_is_not_a_url() {
        for path in ["/a.tar.gz", "a.tar.gz", "C:\\a.zip", "file:///a.zip"] {
            assert_eq!(web_url(path), None, "{path}");
        }
        let url = web_url("https://h/d/a%20b.zip?x=1#y").unwrap();
        assert_eq!(file_name(&url), "a%20b.zip");
    }
}
