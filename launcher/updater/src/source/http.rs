//! The web: https, and http from this machine alone. ureq is used in this file alone.
//!
//! # Security
//! Every address is looked at before it is asked, those of redirects too. Nothing is read without a limit of length and of time:
//! a server that sends less than [`SLOWEST`] is given up. A range is taken only if the server says that it is the one that was
//! asked for; that it is, show the digests.

use std::sync::OnceLock;
use std::time::Duration;

use release::place::LONGEST_METADATA;
use release::source::{Location, is_allowed};
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body as Content};

use super::{Body, Range, ReleaseSource, failed, read_small};
use crate::error::UpdateError;

/// See [`ReleaseSource`].
#[derive(Debug)]
pub struct Http;

const CONNECT: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_secs(30);
/// Bytes a second.
const SLOWEST: u64 = 16 * 1024;
/// What a request may take beside its bytes.
const PATIENCE: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;

impl ReleaseSource for Http {
    fn small(&self, location: &Location) -> Result<Option<Vec<u8>>, UpdateError> {
        let (url, answer) = ask(location, None, LONGEST_METADATA)?;
        match answer.status() {
            StatusCode::OK => read_small(&url, answer.into_body().into_reader()).map(Some),
            // Buckets answer 403 for what is not there, if nobody may list them.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => Ok(None),
            status => Err(failed(&url, format!("the server answers {status}"))),
        }
    }

    fn range(&self, location: &Location, wanted: Range) -> Result<Body, UpdateError> {
        let is_whole = wanted.len == wanted.total;
        let last = wanted.start.saturating_add(wanted.len).saturating_sub(1);
        let range = (!is_whole).then(|| format!("bytes={}-{last}", wanted.start));
        // A server that has no ranges sends all of it.
        let (url, answer) = ask(location, range.as_deref(), wanted.total)?;
        let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let start = match answer.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if !is_whole => {
                let said = text(header::CONTENT_RANGE).unwrap_or_default();
                let right = |total: &str| format!("bytes {}-{last}/{total}", wanted.start);
                if said != right(&wanted.total.to_string()) && said != right("*") {
                    return Err(failed(&url, format!("the server sends another range: `{said}`")));
                }
                wanted.start
            }
            status => return Err(failed(&url, format!("the server answers {status}"))),
        };
        let expected =
            if start == 0 && !is_whole && answer.status() == StatusCode::OK { wanted.total } else { wanted.len };
        if let Some(length) = text(header::CONTENT_LENGTH)
            && length.parse() != Ok(expected)
        {
            return Err(failed(&url, format!("the server sends {length} bytes, and {expected} were published")));
        }
        Ok(Body { start, bytes: Box::new(answer.into_body().into_reader()) })
    }
}

/// Follows redirects. At most `longest` bytes are to be read of the answer.
fn ask(location: &Location, range: Option<&str>, longest: u64) -> Result<(String, Response<Content>), UpdateError> {
    let Location::Url(first) = location else { return Err(failed("", "it is not an address")) };
    let time = PATIENCE + Duration::from_secs(longest / SLOWEST);
    let mut url = first.clone();
    for _ in 0..=MOST_REDIRECTS {
        if !is_allowed(&url) {
            return Err(failed(first, format!("it leads to `{url}`, which is not https")));
        }
        let request = agent().get(&url).config().timeout_recv_body(Some(time)).build();
        let request = match range {
            Some(range) => request.header(header::RANGE, range),
            None => request,
        };
        let answer = request.call().map_err(|error| failed(&url, error))?;
        if !answer.status().is_redirection() {
            return Ok((url, answer));
        }
        let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        url = joined(&url, to);
    }
    Err(failed(first, "it leads to another address again and again"))
}

/// Where a redirect leads: a whole address, or a path on the same server.
fn joined(url: &str, to: &str) -> String {
    if to.contains("://") {
        return to.to_owned();
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if let Some(same_scheme) = to.strip_prefix("//") {
        return format!("{scheme}://{same_scheme}");
    }
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    if to.starts_with('/') {
        format!("{scheme}://{authority}{to}")
    } else {
        format!("{scheme}://{authority}{directory}/{to}")
    }
}

/// One for all requests, which share a connection. Certificates and proxies are the system's.
fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        // Another provider can only have been set by this program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_send_request(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .user_agent("ekiben-updater")
            .build()
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_an_address_or_a_path() {
        for (to, url) in [
            ("https://b/x", "https://b/x"),
            ("/x?y", "https://a:1/x?y"),
            ("x", "https://a:1/p/x"),
            ("//c/x", "https://c/x"),
            ("http://b", "http://b"),
        ] {
            assert_eq!(joined("https://a:1/p/q", to), url);
        }
    }
}
