//! A version of CPython. Only numbers count: pre-releases are never chosen, so they need no place here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::report::failure::Failure;

/// The oldest CPython that ekiben prepares: the first that reads a `._pth` file on every system.
pub const OLDEST: PythonVersion = PythonVersion { major: 3, minor: 11, patch: None };

/// The newest CPython that ekiben's tests have run with: `.ci/matrix`.
pub const NEWEST_TESTED: PythonVersion = PythonVersion { major: 3, minor: 15, patch: None };

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

    /// Whether this is of a minor version that came after the other's.
    pub fn is_of_a_later_minor_than(&self, other: &Self) -> bool {
        (self.major, self.minor) > (other.major, other.minor)
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
