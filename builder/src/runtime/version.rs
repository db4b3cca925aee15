//! Versions of CPython, and what a project wants of them: `python = "3.13"` and `requires-python = ">=3.11"`.
//!
//! Only numbers count. Pre-releases are never chosen, so they need no place here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::config::Requirement;
use crate::report::failure::Failure;

/// The oldest CPython that ekiben prepares: the first that reads a `._pth` file on every system.
pub const OLDEST: PythonVersion = PythonVersion { major: 3, minor: 11, patch: None };

/// A version of CPython. The patch is not always known: some archives do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PythonVersion {
    /// The 3 of 3.13.2.
    pub major: u8,
    /// The 13 of 3.13.2.
    pub minor: u8,
    /// The 2 of 3.13.2.
    pub patch: Option<u8>,
}

impl PythonVersion {
    /// Major and minor with a dot, as in `lib/python3.13`.
    pub fn minor(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// Major and minor without one, as in `python313.dll` and `.cpython-313.pyc`.
    pub fn nodot(&self) -> String {
        format!("{}{}", self.major, self.minor)
    }

    /// Whether both belong to the same minor version: what bytecode and extension modules depend on.
    pub fn same_minor(&self, other: &Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

impl FromStr for PythonVersion {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let refuse = || {
            Failure::new(format!("`{text}` is not a version of CPython"))
                .help("write it as \"3.13\", or as \"3.13.2\" for one patch release")
        };
        let mut numbers = text.trim().split('.').map(str::parse::<u8>);
        let mut next = || numbers.next().transpose().map_err(|_| refuse());
        let (major, minor, patch) = (next()?, next()?, next()?);
        match (major, minor, numbers.next()) {
            (Some(major), Some(minor), None) => Ok(Self { major, minor, patch }),
            _ => Err(refuse()),
        }
    }
}

/// Checks a version that somebody chose against [`OLDEST`].
///
/// # Errors
/// When it is older.
pub(super) fn refuse_old(version: &PythonVersion) -> Result<(), Failure> {
    if (version.major, version.minor) >= (OLDEST.major, OLDEST.minor) {
        return Ok(());
    }
    Err(Failure::new(format!("CPython {version} is too old"))
        .help(format!("ekiben needs {OLDEST} or newer; the bundle brings its own, whatever its users have")))
}

/// What a project wants of its CPython.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    exact: Option<PythonVersion>,
    required: Option<Requirement>,
    requires_python: String,
}

impl Wanted {
    /// From the setting `python` and the project's `requires-python`.
    ///
    /// # Errors
    /// When one of them can't be read, or asks for less than [`OLDEST`].
    pub(crate) fn new(python: Option<&str>, requires_python: Option<&str>) -> Result<Self, Failure> {
        let exact = python.map(str::parse::<PythonVersion>).transpose()?;
        exact.as_ref().map_or(Ok(()), refuse_old)?;
        let requires_python = requires_python.unwrap_or_default().trim().to_owned();
        let required = Requirement::parse(&requires_python).ok_or_else(|| {
            Failure::new(format!("could not read requires-python, which is `{requires_python}`"))
                .help("write it as a version specifier, such as \">=3.11,<3.14\"")
        })?;
        Ok(Self { exact, required: Some(required), requires_python })
    }

    /// Whether this version will do.
    pub(crate) fn allows(&self, version: &PythonVersion) -> bool {
        (version.major, version.minor) >= (OLDEST.major, OLDEST.minor)
            && self.is_exactly(version)
            && self.required.as_ref().is_none_or(|required| required.allows(&version.to_string()))
    }

    /// Whether this version is the one that `python` names, if it names one.
    pub(crate) fn is_exactly(&self, version: &PythonVersion) -> bool {
        self.exact.is_none_or(|exact| {
            exact.same_minor(version) && exact.patch.is_none_or(|p| version.patch.is_none_or(|v| p == v))
        })
    }
}

/// For messages: `3.13`, or `requires-python >=3.11`, or both.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.exact, self.requires_python.as_str()) {
            (Some(exact), "") => write!(f, "CPython {exact}"),
            (Some(exact), requires) => write!(f, "CPython {exact} with requires-python `{requires}`"),
            (None, "") => write!(f, "CPython {OLDEST} or newer"),
            (None, requires) => write!(f, "CPython with requires-python `{requires}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(python: Option<&str>, requires: &str, version: &str) -> bool {
        Wanted::new(python, Some(requires)).unwrap().allows(&version.parse().unwrap())
    }

    #[test]
    fn versions_are_read_and_written_alike() {
        for text in ["3.13", "3.13.2", "3.9.0"] {
            assert_eq!(text.parse::<PythonVersion>().unwrap().to_string(), text);
        }
        for text in ["3", "3.13.2.1", "3.13rc1", "three", "", "3.999"] {
            let failure = text.parse::<PythonVersion>().unwrap_err();
            assert!(failure.help_text().is_some(), "{text}");
        }
    }

    #[test]
    fn the_oldest_is_refused_whatever_the_project_allows() {
        assert!(allowed(None, "", "3.11.0") && !allowed(None, "", "3.10.9"));
        assert!(allowed(None, ">=3.8,<3.14", "3.13.9") && !allowed(None, ">=3.8,<3.14", "3.14.0"));
    }

    #[test]
    fn a_named_version_is_taken_at_its_word() {
        assert!(allowed(Some("3.13"), ">=3.11", "3.13.7"));
        assert!(!allowed(Some("3.13"), ">=3.11", "3.12.7"));
        assert!(!allowed(Some("3.13.2"), "", "3.13.7"));
        assert!(Wanted::new(Some("3.10"), None).unwrap_err().to_string().contains("too old"));
        assert!(Wanted::new(None, Some("python3")).unwrap_err().help_text().is_some());
    }
}
