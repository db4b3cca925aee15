//! Python versions: the few forms a project can ask for, and whether `requires-python` allows one.

use crate::platform::OLDEST;

/// A set of version specifiers, as `requires-python` has it: `>=3.11,<4`.
#[derive(Debug, Clone)]
pub struct Requirement(Vec<Clause>);

#[derive(Debug, Clone)]
struct Clause {
    operator: String,
    numbers: Vec<u32>,
    any_after: bool,
}

impl Requirement {
    /// Reads a specifier set; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let clauses = text.split(',').map(str::trim).filter(|c| !c.is_empty());
        clauses.map(Clause::parse).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether `version` is allowed. `3.13` stands for any 3.13: it is allowed if one of them is.
    pub fn allows(&self, version: &str) -> bool {
        let Some(numbers) = numbers(version) else { return false };
        if numbers.len() >= 3 {
            return self.0.iter().all(|c| c.allows(&numbers));
        }
        // No release series has come near a hundred; a clause can draw its line only at a number it names.
        let patches = self.0.iter().filter_map(|c| c.numbers.get(2)).flat_map(|p| [p.saturating_sub(1), *p, p + 1]);
        patches.chain([0, 99]).any(|patch| {
            let exact = [numbers[0], numbers.get(1).copied().unwrap_or(0), patch];
            self.0.iter().all(|c| c.allows(&exact))
        })
    }
}

impl Clause {
    fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !"<>=!~".contains(c))?;
        let (operator, version) = (&text[..end], text[end..].trim());
        let known = ["===", "==", "!=", "<=", ">=", "<", ">", "~="].contains(&operator);
        let (version, any_after) = version.strip_suffix(".*").map_or((version, false), |v| (v, true));
        let numbers = numbers(version)?;
        known.then(|| Self { operator: operator.to_owned(), numbers, any_after })
    }

    fn allows(&self, version: &[u32]) -> bool {
        let width = self.numbers.len().max(version.len());
        let padded = |n: &[u32]| (0..width).map(|i| n.get(i).copied().unwrap_or(0)).collect::<Vec<_>>();
        let (found, wanted) = (padded(version), padded(&self.numbers));
        let prefix = |n: &[u32]| found[..n.len()] == *n;
        match self.operator.as_str() {
            ">=" => found >= wanted,
            ">" => found > wanted,
            "<=" => found <= wanted,
            "<" => found < wanted,
            "~=" => found >= wanted && prefix(&self.numbers[..self.numbers.len().saturating_sub(1)]),
            "!=" if self.any_after => !prefix(&self.numbers),
            "!=" => found != wanted,
            _ if self.any_after => prefix(&self.numbers),
            _ => found == wanted,
        }
    }
}

/// Whether this is a version one can ask for: `3.13` or `3.13.2`.
pub(super) fn is_request(text: &str) -> bool {
    numbers(text).is_some_and(|n| n[0] == 3 && (n.len() == 2 || n.len() == 3)) && !text.contains(char::is_alphabetic)
}

/// Whether ekiben makes no bundle with such a Python.
pub(super) fn is_too_old(version: &str) -> bool {
    let oldest = [u32::from(OLDEST.major), u32::from(OLDEST.minor)];
    numbers(version).is_some_and(|numbers| numbers[..numbers.len().min(2)] < oldest[..])
}

/// The request in a `.python-version` file, if it is one that a bundle can have.
pub(super) fn from_version_file(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'))?;
    let version =
        ["cpython-", "cpython@", "cpython", "python-"].iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line);
    is_request(version).then(|| version.to_owned())
}

/// `3.13.0rc1` → [3, 13, 0].
fn numbers(version: &str) -> Option<Vec<u32>> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    version[..end].split('.').map(|n| n.parse().ok()).collect()
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
            let parsed = Requirement::parse(requirement).unwrap();
            assert!(allowed.iter().all(|v| parsed.allows(v)), "{requirement} allows {allowed:?}");
            assert!(!refused.iter().any(|v| parsed.allows(v)), "{requirement} refuses {refused:?}");
        }
        assert!(Requirement::parse("3.11").is_none() && Requirement::parse("^3.11").is_none());
    }

    #[test]
    fn requests_are_few() {
        assert!(is_too_old("3.10") && is_too_old("3.9.2") && !is_too_old("3.11") && !is_too_old("3.13.0"));
        assert!(is_request("3.13") && is_request("3.13.2"));
        assert!(!is_request("3") && !is_request("2.7") && !is_request("3.13t") && !is_request("pypy3.10"));
        assert_eq!(from_version_file("# pinned\ncpython-3.12.1\n").as_deref(), Some("3.12.1"));
        assert_eq!(from_version_file("my-venv\n"), None);
    }
}
