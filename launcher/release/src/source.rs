//! Where releases come from, as a publisher writes it, and where each file is there.
//!
//! | written | what it is |
//! |---|---|
//! | `https://example.com/updates` | a release folder on any web server, or in a bucket of S3's kind by its public address |
//! | `github+https://github.com/OWNER/REPO`, `gitea+https://…`, `gitlab+https://…` | releases of a forge, by their static addresses |
//! | `file:///srv/updates`, `\\server\share\updates` | a directory |

use std::path::PathBuf;

/// Where releases come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Below this address, without a slash at its end.
    Web(String),
    /// A repository, by its address.
    Forge(Forge, String),
    /// A directory.
    Folder(PathBuf),
}

/// Whose addresses releases have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// `…/releases/download/TAG/NAME`; also Gitea and Forgejo.
    GitHub,
    /// `…/-/releases/TAG/downloads/NAME`.
    GitLab,
}

/// Where one file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// To be fetched.
    Url(String),
    /// To be opened.
    Path(PathBuf),
}

/// The tag of the release that holds a forge's metadata.
pub const METADATA_TAG: &str = "updates";

impl Source {
    /// Reads what a publisher wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((kind, url)) = text.split_once('+')
            && let Some(forge) = Forge::from_name(kind)
        {
            return Ok(Self::Forge(forge, web(url)?));
        }
        if let Some(path) = text.strip_prefix("file://") {
            // `file:///C:/updates`
            let path = path.strip_prefix('/').filter(|path| path.get(1..2) == Some(":")).unwrap_or(path);
            return folder(path);
        }
        if text.starts_with(r"\\") || text.starts_with('/') || text.get(1..3) == Some(":\\") {
            return folder(text);
        }
        web(text).map(Self::Web)
    }

    /// Where a file of metadata is.
    pub fn metadata(&self, name: &str) -> Location {
        match self {
            Self::Web(base) => Location::Url(format!("{base}/{}", escaped(name))),
            Self::Forge(forge, base) => Location::Url(forge.asset(base, METADATA_TAG, &name.replace('/', "."))),
            Self::Folder(directory) => Location::Path(below(directory, name)),
        }
    }

    /// Where a bundle of a version is.
    pub fn bundle(&self, version: &str, path: &str) -> Location {
        match self {
            Self::Web(base) => Location::Url(format!("{base}/{}", escaped(path))),
            Self::Forge(forge, base) => {
                let name = path.rsplit('/').next().unwrap_or(path);
                Location::Url(forge.asset(base, &format!("v{version}"), name))
            }
            Self::Folder(directory) => Location::Path(below(directory, path)),
        }
    }
}

impl Forge {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "github" | "gitea" => Some(Self::GitHub),
            "gitlab" => Some(Self::GitLab),
            _ => None,
        }
    }

    fn asset(self, base: &str, tag: &str, name: &str) -> String {
        let (tag, name) = (escaped(tag), escaped(name));
        match self {
            Self::GitHub => format!("{base}/releases/download/{tag}/{name}"),
            Self::GitLab => format!("{base}/-/releases/{tag}/downloads/{name}"),
        }
    }
}

/// Whether something may be fetched from there: over TLS, or from this machine.
pub fn is_allowed(url: &str) -> bool {
    let rest = match url.split_once("://") {
        Some(("https", rest)) => return !rest.is_empty(),
        Some(("http", rest)) => rest,
        _ => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before an `@` is not where it leads.
    let host = if let Some(rest) = authority.strip_prefix("[::1]") {
        return rest.is_empty() || rest.starts_with(':');
    } else {
        authority.split(':').next().unwrap_or_default()
    };
    !authority.contains('@') && matches!(host, "localhost" | "127.0.0.1")
}

fn web(url: &str) -> Result<String, String> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains(['?', '#', '@', '\\']);
    if !is_allowed(url) || !is_plain {
        return Err(format!("`{}` is not an https address or an absolute path", url.escape_default()));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn folder(path: &str) -> Result<Source, String> {
    let is_absolute = path.starts_with('/') || path.starts_with(r"\\") || path.get(1..2) == Some(":");
    if !is_absolute || path.contains(['\0', '\n']) {
        return Err(format!("`{}` is not an absolute path", path.escape_default()));
    }
    Ok(Source::Folder(PathBuf::from(path)))
}

/// A file below a directory, each part by itself: on Windows, a `/` in a path that begins with `\\?\` would be part of a name.
fn below(directory: &std::path::Path, name: &str) -> PathBuf {
    name.split('/').fold(directory.to_path_buf(), |path, part| path.join(part))
}

/// As part of an address: all but unreserved characters (RFC 3986, 2.3) and the slash. Servers of S3's kind take a `+` for a
/// space.
fn escaped(path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(source: &str) -> [String; 2] {
        let source = Source::parse(source).unwrap();
        [source.metadata("root/2.json"), source.bundle("1!2+x", "1!2+x/app-1!2+x-linux")].map(|location| match location
        {
            Location::Url(url) => url,
            Location::Path(path) => path.display().to_string(),
        })
    }

    #[test]
    fn each_kind_of_source_knows_where_its_files_are() {
        let file = "app-1%212%2Bx-linux";
        assert_eq!(
            places("https://a.b/c/"),
            ["https://a.b/c/root/2.json".to_owned(), format!("https://a.b/c/1%212%2Bx/{file}")]
        );
        let forge =
            ["/releases/download/updates/root.2.json".to_owned(), format!("/releases/download/v1%212%2Bx/{file}")];
        assert_eq!(
            places("github+https://github.com/o/r"),
            forge.clone().map(|path| format!("https://github.com/o/r{path}"))
        );
        assert_eq!(places("gitea+https://git.example/o/r"), forge.map(|path| format!("https://git.example/o/r{path}")));
        assert_eq!(
            places("gitlab+https://gitlab.com/g/p")[0],
            "https://gitlab.com/g/p/-/releases/updates/downloads/root.2.json"
        );
        assert_eq!(places("file:///srv/u"), ["/srv/u/root/2.json", "/srv/u/1!2+x/app-1!2+x-linux"]);
        assert_eq!(Source::parse("file:///C:/u"), Ok(Source::Folder("C:/u".into())));
        assert_eq!(Source::parse(r"\\server\share\u"), Ok(Source::Folder(r"\\server\share\u".into())));
    }

    #[test]
    fn only_tls_and_this_machine_are_allowed() {
        for url in
            ["https://a", "http://localhost", "http://localhost:80/x", "http://127.0.0.1:1/x", "http://[::1]:1/x"]
        {
            assert!(is_allowed(url), "{url}");
        }
        for url in [
            "http://a",
            "http://localhost.evil",
            "http://localhost@evil",
            "http://127.0.0.1:x@evil/",
            "http://[::1].evil",
            "ftp://localhost",
            "https://",
            "//a",
            "",
            "http://localhost:1@evil/",
            "HTTP://localhost",
        ] {
            assert!(!is_allowed(url), "{url}");
        }
        for wrong in [
            "http://a/b",
            "updates",
            "../updates",
            "https://a/b?c",
            "https://user:pw@a/b",
            "file://relative",
            "https://a b",
        ] {
            assert!(Source::parse(wrong).is_err(), "{wrong}");
        }
    }
}
