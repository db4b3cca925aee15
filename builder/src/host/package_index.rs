//! One known file from a Python package index: by project, file name and SHA-256.
//!
//! The index is the one that uv and pip are told to use, else PyPI. Nothing is resolved here, and nothing is
//! trusted: the digest comes from the caller, so it does not matter who serves the bytes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use ureq::tls::{RootCerts, TlsConfig};

use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::network::{self, without_credentials};
use crate::report::Report;
use crate::report::failure::{Failure, Help};

/// The variables that name another index, the first one set wins; the names are uv's and pip's.
const INDEX_VARIABLES: &[&str] = &["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"];
const PYPI: &str = "https://pypi.org/simple";
/// Both forms of the simple API (PEP 691 and PEP 503): mirrors often have the older one only.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The file `filename` of `project`, whose digest is `sha256` (lower-case hex), from the cache or the index.
///
/// # Errors
/// When the index can't be reached or has no such file, and when the file is another one than expected. The
/// cache then holds nothing of it.
pub fn fetch(project: &str, filename: &str, sha256: &str, cache: &Cache, report: &Report) -> anyhow::Result<PathBuf> {
    let index = Index::from_environment();
    let directory = cache.directory("downloads", sha256, |directory| {
        network::reach(&format!("{}/{project}/{filename}", index.url))?;
        index.download(&Wanted { project, filename, sha256 }, &directory.join(filename), report)
    })?;
    Ok(directory.join(filename))
}

/// An agent that trusts what the system trusts, goes through the proxy of the environment and does not wait
/// for ever.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .user_agent(concat!("ekiben/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// A simple repository: `<url>/<project>/` lists the project's files.
struct Index {
    url: String,
}

impl Index {
    fn from_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
        Self::new(&INDEX_VARIABLES.iter().find_map(set).unwrap_or_else(|| PYPI.to_owned()))
    }

    fn new(url: &str) -> Self {
        // uv also takes `name=https://…`.
        let url = url.trim().split_once("=http").map_or(url.trim().to_owned(), |(_, rest)| format!("http{rest}"));
        Self { url: url.trim_end_matches('/').to_owned() }
    }

    fn download(&self, wanted: &Wanted<'_>, to: &Path, report: &Report) -> anyhow::Result<()> {
        let page = format!("{}/{}/", self.url, wanted.project);
        let agent = agent();
        let url = self.link(&agent, &page, wanted.filename)?;
        report.detail(format!("downloading {}", without_credentials(&url)));
        wanted.save(&agent, &url, to, report)
    }

    /// Where the index says that the file is.
    fn link(&self, agent: &ureq::Agent, page: &str, filename: &str) -> anyhow::Result<String> {
        let shown = without_credentials(page);
        let mut answer = agent.get(page).header("accept", ACCEPT).call().map_err(ureq::Error::into_io).or_fail(
            format!("could not read the package index at `{shown}`"),
            format!("check the network and the proxy, or name another index in {}", INDEX_VARIABLES[0]),
        )?;
        let json = answer.body().mime_type().is_some_and(|t| t.ends_with("json"));
        let text = answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_string()
            .with_context(|| format!("could not read the package index at `{shown}`"))?;
        let link = if json { link_in_json(&text, filename) } else { link_in_html(&text, filename) };
        let link = link.ok_or_else(|| {
            Failure::new(format!("the package index at `{shown}` has no `{filename}`"))
                .help(format!("name an index that has it in {}, for example {PYPI}", INDEX_VARIABLES[0]))
        })?;
        Ok(absolute(page, &link))
    }
}

/// The file to download.
struct Wanted<'a> {
    project: &'a str,
    filename: &'a str,
    /// In lower-case hexadecimal.
    sha256: &'a str,
}

impl Wanted<'_> {
    fn save(&self, agent: &ureq::Agent, url: &str, to: &Path, report: &Report) -> anyhow::Result<()> {
        let Self { filename, sha256, .. } = self;
        let message = || format!("could not download `{}`", without_credentials(url));
        let answer = agent
            .get(url)
            .call()
            .map_err(ureq::Error::into_io)
            .or_fail(message(), "check the network and try again")?;
        let total = answer.body().content_length().unwrap_or(0);
        let step = report.bytes(format!("downloading {filename}"), total);
        let mut body = answer.into_body().into_reader();
        let mut file = File::create(to).with_context(|| format!("could not write `{}`", to.display()))?;
        let mut buffer = vec![0; 128 << 10];
        loop {
            let count = body.read(&mut buffer).or_fail(message(), "check the network and try again")?;
            if count == 0 {
                break;
            }
            file.write_all(&buffer[..count]).with_context(|| format!("could not write `{}`", to.display()))?;
            step.advance(count as u64);
        }
        let found = digest::of_file(to).with_context(|| format!("could not read `{}`", to.display()))?;
        if found != *sha256 {
            return Err(Failure::new(format!(
                "`{}` is not the file it should be: its SHA-256 is {found}, expected {sha256}",
                without_credentials(url)
            ))
            .help("try again; if it stays like this, don't use what this index serves")
            .into());
        }
        Ok(())
    }
}

fn link_in_json(text: &str, filename: &str) -> Option<String> {
    let page: serde_json::Value = serde_json::from_str(text).ok()?;
    let file = page.get("files")?.as_array()?.iter().find(|f| f["filename"] == filename)?;
    file.get("url")?.as_str().map(str::to_owned)
}

/// The `href` whose last path segment is `filename`. The format is PEP 503's: one anchor for each file.
fn link_in_html(text: &str, filename: &str) -> Option<String> {
    text.split("href=").skip(1).find_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let link = rest[1..].split(quote).next()?.replace("&amp;", "&");
        let path = link.split(['#', '?']).next()?;
        let name = path.rsplit('/').next()?.replace("%2B", "+").replace("%2b", "+");
        (name == filename).then(|| link.split('#').next().map(str::to_owned)).flatten()
    })
}

/// The link as the page at `base` means it.
fn absolute(base: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(host_and_path) = link.strip_prefix("//") {
        return format!("{scheme}://{host_and_path}");
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut segments: Vec<&str> = if link.starts_with('/') { Vec::new() } else { path.split('/').collect() };
    segments.pop();
    for segment in link.trim_start_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    format!("{scheme}://{host}/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::render;

    #[test]
    fn a_link_is_found_in_both_forms_of_the_index() {
        let html =
            r#"<a href="../../f/a-1.whl#sha256=00">a-1.whl</a> <a href='/f/a-2%2Bx.whl?t=1&amp;u=2'>a-2+x.whl</a>"#;
        assert_eq!(link_in_html(html, "a-1.whl").unwrap(), "../../f/a-1.whl");
        assert_eq!(link_in_html(html, "a-2+x.whl").unwrap(), "/f/a-2%2Bx.whl?t=1&u=2");
        assert_eq!(link_in_html(html, "a-3.whl"), None);
        let json = r#"{"files": [{"filename": "a-1.whl", "url": "https://f/a-1.whl"}]}"#;
        assert_eq!(link_in_json(json, "a-1.whl").unwrap(), "https://f/a-1.whl");
        assert_eq!(link_in_json("<html>", "a-1.whl"), None);
    }

    #[test]
    fn links_are_relative_to_the_page() {
        let page = "https://u:p@h:1/root/simple/uv/";
        for (link, expected) in [
            ("https://f/x", "https://f/x"),
            ("//f/x", "https://f/x"),
            ("/f/x", "https://u:p@h:1/f/x"),
            ("../../f/x", "https://u:p@h:1/root/f/x"),
            ("x", "https://u:p@h:1/root/simple/uv/x"),
        ] {
            assert_eq!(absolute(page, link), expected);
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_credentials("https://u:p@h/s/"), "https://h/s/");
        assert_eq!(without_credentials("https://h"), "https://h");
    }

    #[test]
    fn a_file_with_another_digest_is_refused() {
        let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.server_addr());
        let thread = std::thread::spawn(move || {
            for body in ["<a href='/f/a-1.whl'>a-1.whl</a>", "other bytes"] {
                server.recv().unwrap().respond(tiny_http::Response::from_string(body)).unwrap();
            }
        });
        let to = tempfile::tempdir().unwrap();
        let index = Index::new(&format!("{address}/simple/"));
        let wanted = Wanted { project: "a", filename: "a-1.whl", sha256: "00ff" };
        let error = index.download(&wanted, &to.path().join("a"), &Report::silent()).unwrap_err();
        thread.join().unwrap();
        assert_eq!(
            render(&error).replace(&address, "URL"),
            "error: `URL/f/a-1.whl` is not the file it should be: its SHA-256 is \
             a3ead5eedad5df82318c51685dbc1c147a36d1ff8584fc82de6b08d0bf63a795, expected 00ff\n\
             help: try again; if it stays like this, don't use what this index serves"
        );
    }

    #[test]
    fn a_silent_index_is_named() {
        let index = Index::new("name=http://u:p@127.0.0.1:1/simple");
        let error = index.link(&agent(), "http://u:p@127.0.0.1:1/simple/a/", "a-1.whl").unwrap_err();
        let text = render(&error);
        assert!(
            text.starts_with("error: could not read the package index at `http://127.0.0.1:1/simple/a/`: "),
            "{text}"
        );
        assert!(text.ends_with("help: check the network and the proxy, or name another index in UV_DEFAULT_INDEX"));
    }
}
