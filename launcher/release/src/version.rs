//! Versions as Python has them (PEP 440), which are not those of semver: `1.4`, `2!1.0.post3`, `1.0rc1.dev2+local`.

use std::fmt;
use std::str::FromStr;

use crate::Refused;

/// A version that can be compared with others. `1.0` and `1.0.0` are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pep440_rs::Version);

impl Version {
    /// From its text.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(text: &str) -> Result<Self, Refused> {
        pep440_rs::Version::from_str(text).map(Self).map_err(|_| Refused::NotAVersion(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_not_semver_are_ordered_as_pep_440_says() {
        let ordered = [
            "0.9",
            "1.0.dev1",
            "1.0a1.dev2",
            "1.0a1",
            "1.0b2",
            "1.0rc1",
            "1.0",
            "1.0+local.1",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.1",
            "1.10",
            "2024.1",
            "1!0.1",
        ];
        for pair in ordered.windows(2) {
            assert!(Version::new(pair[0]).unwrap() < Version::new(pair[1]).unwrap(), "{pair:?}");
        }
        assert_eq!(Version::new("1.0"), Version::new("v1.0.0"));
        for wrong in ["", "one", "1.0-x-y", "1..0", "../1"] {
            assert_eq!(Version::new(wrong), Err(Refused::NotAVersion(wrong.to_owned())));
        }
    }
}
