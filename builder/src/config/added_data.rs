//! `--add-data SRC:DEST`: files of this machine that go in beside the app's modules.

use std::path::{Path, PathBuf};

use crate::report::failure::Failure;

/// A file or a directory that goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedData {
    /// It, absolute.
    pub from: PathBuf,
    /// The directory that it comes to lie in, relative to where the app's modules are, with `/`; empty for there. Of a
    /// directory, what is in it.
    pub to: String,
}

impl AddedData {
    /// Reads `SRC:DEST`. The last colon counts: a path of Windows has one of its own.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let failure = |message: &str| Failure::new(format!("--add-data: `{text}` {message}"));
        let (from, to) = text.rsplit_once(':').filter(|(from, _)| !from.is_empty()).ok_or_else(|| {
            failure("does not say where to").help("write it as `SRC:DEST`, such as `assets:my_app/assets`")
        })?;
        let path = std::path::absolute(from).unwrap_or_else(|_| PathBuf::from(from));
        if !path.exists() {
            return Err(failure("names nothing that is there")
                .help("the path before the colon is relative to the current directory"));
        }
        let to = to.replace('\\', "/");
        let parts: Vec<_> = to.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if to.starts_with('/') || parts.contains(&"..") || Path::new(&to).is_absolute() {
            return Err(failure("leads out of the bundle")
                .help("the path after the colon is relative to where the app's modules are; `.` means there"));
        }
        Ok(Self { from: path, to: parts.join("/") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::render;

    #[test]
    fn the_two_paths_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let from = directory.path().to_str().unwrap();
        for (to, expected) in [("a/b", "a/b"), (".", ""), ("./a/", "a"), ("a\\b", "a/b"), ("", "")] {
            let parsed = AddedData::parse(&format!("{from}:{to}")).unwrap();
            assert_eq!((parsed.from.as_path(), parsed.to.as_str()), (directory.path(), expected));
        }
        for (text, message) in [
            ("assets", "`assets` does not say where to"),
            (":x", "`:x` does not say where to"),
            ("no-such-file:x", "`no-such-file:x` names nothing that is there"),
        ] {
            assert!(render(&AddedData::parse(text).unwrap_err().into()).contains(message), "{text}");
        }
        for to in ["/etc", "../x", "a/../../x"] {
            assert!(AddedData::parse(&format!("{from}:{to}")).unwrap_err().to_string().ends_with("out of the bundle"));
        }
    }
}
