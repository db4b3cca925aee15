//! Python versions: the few forms a project can ask for, and whether `requires-python` allows one.

use pep508_rs::pep440_rs::{Version, VersionSpecifiers};

use crate::platform::{OLDEST, PythonVersion};

/// A set of version specifiers, as `requires-python` has it: `>=3.11,<4`.
#[derive(Debug, Clone)]
pub struct PythonRequirement(VersionSpecifiers);

impl PythonRequirement {
    /// Reads a specifier set; `None` when it is not valid.
    pub fn parse(text: &str) -> Option<Self> {
        let clauses: Vec<_> = text.split(',').map(str::trim).filter(|clause| !clause.is_empty()).collect();
        clauses.join(",").parse().ok().map(Self)
    }

    /// Whether `version` is allowed. `3.13` stands for any 3.13: it is allowed if one of them is.
    pub fn allows(&self, version: &str) -> bool {
        let Ok(version) = version.parse::<Version>() else { return false };
        let &[major, minor] = version.release() else { return self.0.contains(&version) };
        // The answer can only change at patches that a clause names. 99 stands for the newest: no series has come near it.
        let named = self.0.iter().filter_map(|clause| clause.version().release().get(2).copied());
        let patches = named.flat_map(|patch| [patch.saturating_sub(1), patch, patch + 1]);
        patches.chain([0, 99]).any(|patch| self.0.contains(&Version::new([major, minor, patch])))
    }
}

/// Whether this is a version one can ask for: `3.13` or `3.13.2`.
pub(super) fn is_request(text: &str) -> bool {
    text.parse::<PythonVersion>().is_ok_and(|version| version.major == 3)
}

/// Whether this asks for a free-threaded build: `3.14t`, `3.14+freethreaded`.
pub(super) fn is_free_threaded(text: &str) -> bool {
    text.strip_suffix('t').or_else(|| text.strip_suffix("+freethreaded")).is_some_and(is_request)
}

/// Whether ekiben makes no bundle with such a Python.
pub(super) fn is_too_old(version: &str) -> bool {
    let oldest = [u64::from(OLDEST.major), u64::from(OLDEST.minor)];
    version.parse::<Version>().is_ok_and(|version| version.release()[..version.release().len().min(2)] < oldest[..])
}

/// The request in a `.python-version` file, if it is for a CPython.
pub(super) fn from_version_file(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'))?;
    let version =
        ["cpython-", "cpython@", "cpython", "python-"].iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line);
    (is_request(version) || is_free_threaded(version)).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_compared_as_the_standard_says() {
        for (requirement, allowed, refused) in [
            (">=3.11", &["3.11", "3.13.2", "3.11.0"][..], &["3.10", "3.10.9"][..]),
            (">=3.9,<3.13", &["3.12", "3.12.9"], &["3.13", "3.13.0", "3.8"]),
            ("~=3.12.2", &["3.12.2", "3.12.9", "3.12"], &["3.12.1", "3.13.0", "3.13"]),
            ("~=3.11", &["3.11", "3.13"], &["3.10"]),
            ("==3.12.*", &["3.12", "3.12.4"], &["3.13"]),
            ("!=3.12.*, >3.10.4", &["3.11", "3.10.5", "3.10"], &["3.12", "3.12.1", "3.10.4"]),
            (">=3.13.1", &["3.13"], &["3.13.0"]),
            ("", &["3.8"], &[]),
        ] {
            let parsed = PythonRequirement::parse(requirement).unwrap();
            assert!(allowed.iter().all(|v| parsed.allows(v)), "{requirement} allows {allowed:?}");
            assert!(!refused.iter().any(|v| parsed.allows(v)), "{requirement} refuses {refused:?}");
        }
        assert!(PythonRequirement::parse("3.11").is_none() && PythonRequirement::parse("^3.11").is_none());
    }

    #[test]
    fn requests_are_few() {
        assert!(is_too_old("3.10") && is_too_old("3.9.2") && !is_too_old("3.11") && !is_too_old("3.13.0"));
        assert!(is_request("3.13") && is_request("3.13.2"));
        assert!(!is_request("3") && !is_request("2.7") && !is_request("3.13t") && !is_request("pypy3.10"));
        assert_eq!(from_version_file("# pinned\ncpython-3.12.1\n").as_deref(), Some("3.12.1"));
        assert_eq!(from_version_file("my-venv\n"), None);
        // It is refused by name, instead of another build being taken.
        assert_eq!(from_version_file("3.14t\n").as_deref(), Some("3.14t"));
        assert!(is_free_threaded("3.14t") && is_free_threaded("3.14.1+freethreaded") && !is_free_threaded("3.14"));
    }
}
