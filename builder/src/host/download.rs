//! Downloads files over HTTP into the cache, where each is named by its SHA-256 digest.
//!
//! 1. A file whose digest is known and that is in the cache already costs no request.
//! 2. The bytes go to `archives/<digest of the URL>.partial`. A file that an earlier attempt left there is continued
//!    with a range request, if the server still has the same file (`If-Range`); otherwise it starts again.
//! 3. The digest is checked, and then the file is renamed to its final name.
//!
//! Proxies come from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), trusted certificates from the
//! operating system.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use ureq::http::{Response, StatusCode, header};
use ureq::typestate::WithoutBody;
use ureq::{Body, RequestBuilder};
use url::Url;

use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::files;
use crate::host::network::{self, without_credentials};
use crate::report::Report;
use crate::report::failure::Help;

const KIND: &str = "archives";

/// How often an interrupted transfer is resumed.
const ATTEMPTS: usize = 4;

/// A file in the cache.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The SHA-256 digest of its content.
    pub(crate) sha256: String,
}

/// The file with this digest, if the cache has it.
pub(crate) fn cached(sha256: &str, cache: &Cache) -> Option<Download> {
    let sha256 = sha256.to_ascii_lowercase();
    let path = cache.entry(KIND, &sha256);
    path.is_file().then_some(Download { path, sha256 })
}

/// Downloads `url`, and checks the digest if one is expected.
///
/// # Errors
/// When the server can't be reached, refuses, or sends another file than expected. The part of an interrupted transfer
/// that has arrived is kept for the next attempt; a file with the wrong digest is removed.
pub(crate) fn fetch(url: &Url, expected: Option<&str>, cache: &Cache, report: &Report) -> anyhow::Result<Download> {
    let known = || cached(expected?, cache);
    if let Some(download) = known() {
        return Ok(download);
    }
    network::reach(url)?;
    let mut partial = Partial::open(cache, url)?;
    if let Some(download) = known() {
        return Ok(download); // Another builder fetched it while this one waited for the lock.
    }
    let mut attempt = 1;
    while let Err(error) = partial.transfer(url, report) {
        if attempt == ATTEMPTS || !error.is::<Interrupted>() {
            return Err(error).or_fail(
                format!("could not download `{}`", without_credentials(url)),
                "check the network (HTTPS_PROXY names a proxy), or give the file's path instead of a URL",
            );
        }
        attempt += 1;
        report.detail(format!("the download broke off, taking it up again ({attempt} of {ATTEMPTS})"));
    }
    partial.finish(url, expected, cache)
}

/// A transfer that was interrupted after it had begun, so that another attempt makes sense.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke off after {received} bytes")]
struct Interrupted {
    received: u64,
    source: io::Error,
}

/// The part of a file that has arrived. A second builder that needs the same file waits for the first one.
struct Partial {
    /// Holds the lock. It is a separate file, because the partial file is renamed at the end.
    _lock: File,
    file: File,
    path: PathBuf,
    /// A file beside it: the validator (ETag or date) of the file on the server.
    validator: PathBuf,
}

impl Partial {
    fn open(cache: &Cache, url: &Url) -> anyhow::Result<Self> {
        let name = format!("{}.partial", digest::of_bytes(url.as_str().as_bytes()));
        let path = cache.entry(KIND, &name);
        let open = || -> io::Result<(File, File)> {
            fs::create_dir_all(cache.root().join(KIND))?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let lock = options.open(cache.entry(KIND, &format!("{name}.lock")))?;
            lock.lock()?;
            Ok((lock, options.open(&path)?))
        };
        let (lock, file) = open().with_context(|| format!("could not write `{}`", path.display()))?;
        let validator = cache.entry(KIND, &format!("{name}.validator"));
        Ok(Self { _lock: lock, file, path, validator })
    }

    /// Sends one request, and stores as much of the answer as arrives.
    fn transfer(&mut self, url: &Url, report: &Report) -> anyhow::Result<()> {
        let mut request = request(url);
        let kept = self.file.metadata()?.len();
        let validator = fs::read_to_string(&self.validator).ok();
        if let (true, Some(validator)) = (kept > 0, &validator) {
            request = request.header(header::RANGE, format!("bytes={kept}-")).header(header::IF_RANGE, validator);
        }
        let mut response = match request.call() {
            Err(ureq::Error::StatusCode(416)) => {
                // The server's file is now shorter than our part of an older one.
                self.restart(None)?;
                self::request(url).call()?
            }
            result => result.map_err(ureq::Error::into_io)?,
        };
        let start = if response.status() == StatusCode::PARTIAL_CONTENT && starts_at(&response, kept) {
            self.file.seek(SeekFrom::Start(kept))?
        } else {
            self.restart(strong_validator(&response).as_deref())?;
            0
        };
        self.receive(response.body_mut(), start, url, report)
    }

    fn receive(&mut self, body: &mut Body, start: u64, url: &Url, report: &Report) -> anyhow::Result<()> {
        let total = body.content_length().map(|length| length.saturating_add(start));
        let step = report.bytes(format!("download {}", network::file_name(url)), total.unwrap_or(0));
        step.advance(start);
        let mut received = start;
        let mut reader = body.as_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) if total.is_some_and(|total| received < total) => {
                    return Err(Interrupted { received, source: io::ErrorKind::UnexpectedEof.into() }.into());
                }
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(source) => return Err(Interrupted { received, source }.into()),
            };
            self.file.write_all(&buffer[..count])?;
            received += count as u64;
            step.advance(count as u64);
        }
    }

    /// Starts from the beginning, with a file of this validator.
    fn restart(&mut self, validator: Option<&str>) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        match validator {
            Some(validator) => fs::write(&self.validator, validator),
            None => files::remove_file_if_exists(&self.validator),
        }
    }

    /// Checks the digest and renames the file into place.
    fn finish(mut self, url: &Url, expected: Option<&str>, cache: &Cache) -> anyhow::Result<Download> {
        self.file.rewind()?;
        let sha256 = digest::of_reader(&mut self.file)?;
        files::remove_file_if_exists(&self.validator)?;
        if let Some(expected) = expected.filter(|expected| !expected.eq_ignore_ascii_case(&sha256)) {
            self.file.set_len(0)?;
            return Err(digest::mismatch(without_credentials(url), expected, &sha256).into());
        }
        let path = cache.entry(KIND, &sha256);
        fs::rename(&self.path, &path)?;
        Ok(Download { path, sha256 })
    }
}

/// A request without compression. If servers or proxies compressed the answer, lengths and ranges would not be the
/// file's.
fn request(url: &Url) -> RequestBuilder<WithoutBody> {
    let request = network::agent().get(url.as_str()).header(header::ACCEPT_ENCODING, "identity");
    request.config().timeout_per_read(Some(Duration::from_secs(60))).build()
}

/// Whether a partial answer begins where our part ends. A server can answer with another range than the requested one.
fn starts_at(response: &Response<Body>, offset: u64) -> bool {
    let range = header_text(response, header::CONTENT_RANGE).unwrap_or_default();
    range.trim().strip_prefix("bytes ").and_then(|r| r.split('-').next()).is_some_and(|s| s == offset.to_string())
}

/// A header that shows that two answers have the same bytes. A weak ETag does not.
fn strong_validator(response: &Response<Body>) -> Option<String> {
    let etag = header_text(response, header::ETAG).filter(|etag| !etag.starts_with("W/"));
    etag.or_else(|| header_text(response, header::LAST_MODIFIED))
}

fn header_text(response: &Response<Body>, name: header::HeaderName) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}
