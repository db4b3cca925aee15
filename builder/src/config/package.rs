//! A package that is built instead of a project: a requirement, a wheel, an sdist or a repository.

use std::path::Path;
use std::str::FromStr as _;

use pep508_rs::{Requirement, VerbatimUrl, VersionOrUrl};

use super::Metadata;
use crate::report::failure::Failure;

/// How the names of wheels and sdists end.
const ARCHIVES: &[&str] = &[".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"];

/// Ends of names that only files have, and never packages.
const FILES: &[&str] = &[".py", ".pyw", ".toml", ".cfg", ".txt", ".in", ".lock", ".exe", ".json"];

/// A package as uv wants it written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// `httpie`, `datasette[x]==0.65.5`, `git+https://…@commit`, or the absolute path of a wheel or sdist.
    pub requirement: String,
    /// Whether it comes from a package index, which has several versions of it.
    pub from_index: bool,
}

impl Package {
    /// What `text` names, unless it is the path of something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let path = Path::new(text);
        let ends = |endings: &[&str]| endings.iter().any(|ending| text.ends_with(ending));
        if ends(ARCHIVES) && path.is_file() {
            let path = std::path::absolute(path).ok()?;
            return Some(Self { requirement: path.to_str()?.to_owned(), from_index: false });
        }
        if ["git+", "http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Some(Self { requirement: text.to_owned(), from_index: false });
        }
        let requirement = Requirement::<VerbatimUrl>::from_str(text).ok()?;
        let from_index = !matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_)));
        let is_path = from_index && (ends(ARCHIVES) || ends(FILES));
        (!is_path).then(|| Self { requirement: text.to_owned(), from_index })
    }

    /// The same for an option, which takes nothing else.
    ///
    /// # Errors
    /// When it is something else.
    pub(super) fn of_option(option: &str, text: &str) -> Result<Self, Failure> {
        Self::parse(text).ok_or_else(|| {
            let failure = super::requirement::check(option, text).err();
            failure.unwrap_or_else(|| Failure::new(format!("{option}: `{text}` is not a package"))).help(HELP)
        })
    }

    /// The requirements that bring exactly what was described.
    pub(super) fn required(&self, described: &Metadata) -> Vec<String> {
        let mut required = vec![self.requirement.clone()];
        if let (true, Some(version)) = (self.from_index, &described.version) {
            required.push(format!("{}=={version}", described.name));
        }
        required
    }
}

/// How a package is written.
pub(super) const HELP: &str =
    "write a package as `httpie`, `httpie==3.2.4`, `git+https://…@commit`, or the path of a wheel or an sdist";

/// What a project that is a package is made of: nothing of its own.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    pub(super) package: Package,
    /// Further packages beside it.
    pub(super) with: Vec<Package>,
    /// The command that was named, of those that it installs.
    pub(super) command: Option<String>,
}

impl Installed {
    /// The requirements of all of it.
    pub(super) fn required(&self, described: &Metadata) -> Vec<String> {
        let with = self.with.iter().map(|package| package.requirement.clone());
        self.package.required(described).into_iter().chain(with).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_told_from_a_path() {
        let parse = |text: &str| Package::parse(text).map(|package| package.from_index);
        for text in ["httpie", "datasette==0.65.5", "a[b]>=1,<2", "zope.interface"] {
            assert_eq!(parse(text), Some(true), "{text}");
        }
        for text in ["git+https://h/x@v1", "git+file:///x", "https://h/x-1-py3-none-any.whl", "x @ https://h/x.zip"] {
            assert_eq!(parse(text), Some(false), "{text}");
        }
        for text in ["a=1", "./a", "a/b", "", "a b", "setup.cfg", "x.whl", "main.py", "-x"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let directory = tempfile::tempdir().unwrap();
        let wheel = directory.path().join("a-1-py3-none-any.whl");
        std::fs::write(&wheel, "").unwrap();
        assert_eq!(parse(wheel.to_str().unwrap()), Some(false));
    }

    #[test]
    fn what_was_described_is_what_is_installed() {
        let metadata = Metadata { name: "Httpie".into(), version: Some("3.2.4".into()), ..Metadata::default() };
        let required = |text: &str| Package::parse(text).unwrap().required(&metadata);
        assert_eq!(required("httpie[x]>3"), ["httpie[x]>3", "Httpie==3.2.4"]);
        assert_eq!(required("git+https://h/x"), ["git+https://h/x"]);
    }
}
