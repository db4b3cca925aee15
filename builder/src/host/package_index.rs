//! Downloads a known file from a Python package index, given its project, file name and SHA-256 digest.
//!
//! The index is the one that uv and pip are configured to use, or PyPI. Nothing is resolved here. The server is not
//! trusted, because the caller knows the digest.

use std::path::PathBuf;

use anyhow::Context;
use url::Url;

use crate::host::cache::Cache;
use crate::host::download;
use crate::host::network::{self, without_credentials};
use crate::report::Report;
use crate::report::failure::{Failure, Help};

/// The variables of uv and pip that name another index. The first one that is set counts.
const INDEX_VARIABLES: &[&str] = &["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"];
const PYPI: &str = "https://pypi.org/simple";
/// Both forms of the simple API (PEP 691 and PEP 503): mirrors often support only the older one.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The file `filename` of `project`, whose digest is `sha256` (lower-case hex), from the cache or the index.
///
/// # Errors
/// When the index can't be reached or has no such file, and when the file is not the expected one. Then the cache
/// contains nothing of it.
pub fn fetch(project: &str, filename: &str, sha256: &str, cache: &Cache, report: &Report) -> anyhow::Result<PathBuf> {
    if let Some(known) = download::cached(sha256, cache) {
        return Ok(known.path);
    }
    Index::from_environment()?.download(&Wanted { project, filename, sha256 }, cache, report)
}

/// A simple repository: `<url>/<project>/` lists the project's files.
struct Index {
    /// With a slash at its end.
    url: Url,
}

/// The file to download.
struct Wanted<'a> {
    project: &'a str,
    filename: &'a str,
    /// In lower-case hexadecimal.
    sha256: &'a str,
}

impl Index {
    fn from_environment() -> anyhow::Result<Self> {
        for name in INDEX_VARIABLES {
            if let Some(url) = std::env::var(name).ok().filter(|value| !value.trim().is_empty()) {
                let unreadable = format!("could not read the URL of the package index in {name}");
                return Self::new(&url).or_fail(unreadable, "check how it is written");
            }
        }
        Self::new(PYPI)
    }

    fn new(url: &str) -> anyhow::Result<Self> {
        // uv also takes `name=https://…`.
        let url = url.trim().split_once("=http").map_or(url.trim().to_owned(), |(_, rest)| format!("http{rest}"));
        Ok(Self { url: Url::parse(&format!("{}/", url.trim_end_matches('/')))? })
    }

    fn download(&self, wanted: &Wanted<'_>, cache: &Cache, report: &Report) -> anyhow::Result<PathBuf> {
        let page = self.url.join(&format!("{}/", wanted.project))?;
        network::reach(&page.join(wanted.filename)?)?;
        let url = self.link(&page, wanted.filename)?;
        report.detail(format!("downloading {}", without_credentials(&url)));
        Ok(download::fetch(&url, Some(wanted.sha256), cache, report)?.path)
    }

    /// Where the index says that the file is.
    fn link(&self, page: &Url, filename: &str) -> anyhow::Result<Url> {
        let shown = without_credentials(page);
        let mut answer =
            network::agent().get(page.as_str()).header("accept", ACCEPT).call().map_err(ureq::Error::into_io).or_fail(
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
        page.join(&link).with_context(|| format!("could not read the link `{link}` of the package index at `{shown}`"))
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
    fn a_file_with_another_digest_is_refused() {
        let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.server_addr());
        let thread = std::thread::spawn(move || {
            for body in ["<a href='/f/a-1.whl'>a-1.whl</a>", "other bytes"] {
                server.recv().unwrap().respond(tiny_http::Response::from_string(body)).unwrap();
            }
        });
        let to = tempfile::tempdir().unwrap();
        let cache = Cache::at(to.path().to_owned()).unwrap();
        let index = Index::new(&format!("{address}/simple/")).unwrap();
        let wanted = Wanted { project: "a", filename: "a-1.whl", sha256: "00ff" };
        let error = index.download(&wanted, &cache, &Report::silent()).unwrap_err();
        thread.join().unwrap();
        assert_eq!(
            render(&error).replace(&address, "URL"),
            "error: SHA-256 mismatch: expected 00ff, got \
             a3ead5eedad5df82318c51685dbc1c147a36d1ff8584fc82de6b08d0bf63a795: `URL/f/a-1.whl`\n\
             help: the file is not the one that was chosen: find out why it changed before you trust it"
        );
    }

    #[test]
    fn a_silent_index_is_named() {
        let index = Index::new("name=http://u:p@127.0.0.1:1/simple").unwrap();
        let error = index.link(&index.url.join("a/").unwrap(), "a-1.whl").unwrap_err();
        let text = render(&error);
        assert!(
            text.starts_with("error: could not read the package index at `http://127.0.0.1:1/simple/a/`: "),
            "{text}"
        );
        assert!(text.ends_with("help: check the network and the proxy, or name another index in UV_DEFAULT_INDEX"));
    }
}
