//! Paths inside a version dir: the one place that decides whether a name may be created there.
//!
//! The rules are those of the strictest file system a bundle can meet, so that a tree which is fine on one target is
//! fine on all: see "Naming Files, Paths, and Namespaces" in Microsoft's documentation for the Windows ones.

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{System, text};

/// A relative path with `/` between its parts, none of which is empty, `.`, `..`, or unsafe on Windows.
/// Joined to a directory it always names something below that directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryPath(String);

/// A name that may not be created in a version dir.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unsafe path `{}`: {reason}", path.escape_default())]
pub struct UnsafePath {
    path: String,
    reason: &'static str,
}

/// Longest path, in bytes. Linux stops at 4,096 with the version dir in front of it, Windows at 32,767.
pub(super) const LONGEST: usize = 2048;
/// The directory at the top of a version dir that holds what ekiben itself keeps there. No bundle brings it along.
pub const OWN: &str = ".ekiben";

impl EntryPath {
    /// Checks a path as it stands in an archive.
    ///
    /// # Errors
    /// When it is absolute, leaves the directory, or holds a part that some target reads as something else: a
    /// device name, a drive, an alternate data stream, a part that ends in a dot or a space.
    pub fn new(path: impl Into<String>) -> Result<Self, UnsafePath> {
        let path = path.into();
        match path.split('/').find_map(objection) {
            _ if path.len() > LONGEST => Err(UnsafePath { path, reason: "too long" }),
            Some(reason) => Err(UnsafePath { path, reason }),
            None if is_own(&path) => Err(UnsafePath { path, reason: "what ekiben itself keeps in a version dir" }),
            None => Ok(Self(path)),
        }
    }

    /// The path as text, with `/` between the parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path below `directory`, in this system's spelling.
    pub fn below(&self, directory: &Path) -> PathBuf {
        below(directory, &self.0)
    }

    /// What two paths have in common when this system takes them for one.
    pub fn key(&self, system: System) -> Cow<'_, str> {
        if system.ignores_case() { fold_case(&self.0).into() } else { Cow::Borrowed(&self.0) }
    }

    /// The directories that the entry lies in, from the nearest one up to the one at the top of the version dir.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        ancestors(&self.0)
    }

    /// How many directories lie between the version dir and the entry.
    pub fn depth(&self) -> usize {
        self.0.matches('/').count()
    }
}

/// A path of an entry, or the beginning of one up to a `/`, below `directory`, in this system's spelling.
pub fn below(directory: &Path, path: &str) -> PathBuf {
    let mut full = directory.to_path_buf();
    full.extend(path.split('/'));
    full
}

/// What two paths have in common when a system that ignores case takes them for one.
pub fn fold_case(path: &str) -> String {
    path.to_lowercase()
}

/// The directories that `path` lies in, from the nearest one up: of `a/b/c`, these are `a/b` and `a`.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    iter::successors(path.rsplit_once('/'), |(directory, _)| directory.rsplit_once('/')).map(|(directory, _)| directory)
}

/// Checks the target of a symbolic link at `link`: relative, first as many `..` as stay inside, then only names.
///
/// With `..` allowed in front alone, a target that runs through other links still can't leave the tree: each of them
/// leads inside, and nothing after it climbs.
///
/// # Errors
/// When the target could lead out of the tree.
pub fn check_link(link: &EntryPath, target: &str) -> Result<(), UnsafePath> {
    let unsafe_link = |reason| Err(UnsafePath { path: format!("{} -> {target}", link.0), reason });
    let mut rest = target;
    let mut climbs = 0;
    while let Some(below) = rest.strip_prefix("../") {
        climbs += 1;
        rest = below;
    }
    if climbs > link.depth() {
        return unsafe_link("leads out of the version dir");
    }
    match EntryPath::new(rest) {
        Ok(_) => Ok(()),
        Err(e) => unsafe_link(e.reason),
    }
}

/// Whether a path is, or lies in, the directory [`OWN`], also for a system that takes no account of case.
fn is_own(path: &str) -> bool {
    path.split('/').next().is_some_and(|first| first.eq_ignore_ascii_case(OWN))
}

/// Why a part of a path may not be created, if so.
fn objection(part: &str) -> Option<&'static str> {
    let forbidden = |c: char| c < ' ' || c == '\u{7f}' || matches!(c, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*');
    if part.is_empty() {
        Some("absolute, or an empty part")
    } else if part == "." || part == ".." {
        Some("a `.` or `..` part")
    } else if part.len() > 255 {
        Some("a part of over 255 bytes")
    } else if part.contains(forbidden) {
        Some("a character that is not allowed in a file name")
    } else if part.ends_with(['.', ' ']) {
        Some("a part that ends in a dot or a space")
    } else if is_device(part) {
        Some("a device name")
    } else {
        None
    }
}

/// Whether Windows takes a name for a device: the reserved names, with any extension, in any case.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    // Most names end here, without a copy.
    if stem.len() > "CONOUT$".len() {
        return false;
    }
    let stem = stem.to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        _ => match stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) {
            Some(number) => {
                matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
            }
            None => false,
        },
    }
}

impl TryFrom<String> for EntryPath {
    type Error = UnsafePath;

    fn try_from(path: String) -> Result<Self, UnsafePath> {
        Self::new(path)
    }
}

impl From<EntryPath> for String {
    fn from(path: EntryPath) -> String {
        path.0
    }
}

/// For people: what a terminal would act upon is written out. The path itself is [`EntryPath::as_str`].
impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::shown(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for path in [
            "a",
            "lib/python3.13/os.py",
            ".hidden",
            ".ekiben2",
            "a/.ekiben",
            "a b/ü.py",
            "console.py",
            "com10/x",
            "nul1",
            "a..b",
            "~x",
        ] {
            assert!(EntryPath::new(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let long = "a/".repeat(1200) + "a";
        for path in [
            "",
            "/etc/passwd",
            "a//b",
            "a/",
            "./a",
            "..",
            "a/../b",
            "a\\b",
            "C:x",
            "a:stream",
            "a/b.",
            "a/b ",
            "nul",
            "a/NUL.txt",
            "com1",
            "LPT9.x",
            "con .txt",
            "a\0b",
            "a\nb",
            "CONIN$",
            "com¹",
            "what?",
            ".ekiben",
            ".ekiben/seal",
            ".Ekiben/frames",
            long.as_str(),
        ] {
            assert!(EntryPath::new(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn ancestors_go_from_the_nearest_directory_to_the_top() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(ancestors("a").count(), 0);
    }

    #[test]
    fn paths_are_compared_as_their_system_does() {
        let path = EntryPath::new("Lib/Ü.py").unwrap();
        assert_eq!(path.key(System::Linux), "Lib/Ü.py");
        assert_eq!(path.key(System::Windows), "lib/ü.py");
    }

    #[test]
    fn links_stay_inside() {
        let link = EntryPath::new("a/b/link").unwrap();
        for target in ["x", "../x", "../../x/y", "x/y"] {
            assert_eq!(check_link(&link, target), Ok(()), "{target}");
        }
        for target in ["", "..", "../..", "/etc", "../../../x", "x/../../y", "x/..", "../x/..", "C:/x", "./x"] {
            assert!(check_link(&link, target).is_err(), "{target}");
        }
    }
}
