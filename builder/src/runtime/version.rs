//! Which CPython a project wants: `python = "3.13"` and `requires-python = ">=3.11"`.

use std::fmt;

use crate::config::PythonRequirement;
use crate::platform::{OLDEST, PythonVersion};
use crate::report::failure::Failure;

/// What to do about a free-threaded build.
pub(super) const NO_FREE_THREADED: &str =
    "ekiben makes bundles of CPython with its global lock only: choose `3.14`, not `3.14t`";

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

/// Which CPython a project wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    exact: Option<PythonVersion>,
    required: Option<PythonRequirement>,
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
        let required = PythonRequirement::parse(&requires_python).ok_or_else(|| {
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
