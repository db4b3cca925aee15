//! Versions of glibc, the C library of most Linux systems: it is never part of a bundle.

use std::fmt;
use std::process::Command;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::report::failure::Failure;

/// A version of glibc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Glibc {
    major: u32,
    minor: u32,
}

impl Glibc {
    /// The oldest that wheels are still made for.
    pub const OLDEST: Self = Self { major: 2, minor: 17 };
    /// That of Red Hat Enterprise Linux 8 and Debian 10: most wheels run with it.
    pub const USUAL: Self = Self { major: 2, minor: 28 };

    /// This machine's, if it has one.
    pub fn of_this_machine() -> Option<Self> {
        let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().strip_prefix("glibc ")?.parse().ok()
    }

    /// Of the name that a symbol's version has, `GLIBC_2.34`.
    pub fn from_symbol_version(name: &str) -> Option<Self> {
        name.strip_prefix("GLIBC_")?.parse().ok()
    }

    /// The platform by which uv chooses wheels that run with it, on this processor: the newest that uv has a name for.
    pub fn uv_platform(self, processor: &str) -> String {
        let minor = [28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40].into_iter().rfind(|minor| *minor <= self.minor);
        format!("{processor}-manylinux_2_{}", minor.unwrap_or(Self::OLDEST.minor))
    }
}

impl FromStr for Glibc {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        match (parts.next().flatten(), parts.next().flatten()) {
            (Some(major), Some(minor)) if parts.all(|part| part.is_some()) => Ok(Self { major, minor }),
            _ => Err(Failure::new(format!("`{text}` is not a version of glibc")).help("write it as \"2.34\"")),
        }
    }
}

impl TryFrom<String> for Glibc {
    type Error = Failure;

    fn try_from(text: String) -> Result<Self, Failure> {
        text.parse()
    }
}

impl From<Glibc> for String {
    fn from(version: Glibc) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_are_chosen_for_the_newest_version_that_uv_knows_and_that_is_not_newer() {
        for (version, platform) in [
            ("2.17", "x86_64-manylinux_2_17"),
            ("2.27", "x86_64-manylinux_2_17"),
            ("2.30", "x86_64-manylinux_2_28"),
            ("2.34", "x86_64-manylinux_2_34"),
            ("2.45", "x86_64-manylinux_2_40"),
        ] {
            assert_eq!(version.parse::<Glibc>().unwrap().uv_platform("x86_64"), platform);
        }
        assert!(
            "2.9".parse::<Glibc>().unwrap()
                < Glibc::from_symbol_version("GLIBC_2.2.5").map_or(Glibc::USUAL, |_| Glibc::OLDEST)
        );
        assert!(Glibc::from_symbol_version("GLIBC_PRIVATE").is_none() && "2".parse::<Glibc>().is_err());
    }
}
