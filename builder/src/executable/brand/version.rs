//! A version as Windows compares it: four numbers of 16 bits.

use std::fmt;

/// Four numbers, and whether the version is a pre-release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) parts: [u16; 4],
    pub(super) prerelease: bool,
}

impl Numbers {
    /// The numbers of a version's release part (PEP 440: `1!2.3.4rc1` → 2.3.4.0). A number above 65535 becomes
    /// 65535, the largest that fits. The version resource also has the whole version as text.
    pub(super) fn of(version: &str) -> Self {
        let public = version.trim().split('+').next().unwrap_or_default().to_ascii_lowercase();
        let without_epoch = public.rsplit('!').next().unwrap_or_default().trim_start_matches('v');
        let end = without_epoch.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(without_epoch.len());
        let (release, rest) = without_epoch.split_at(end);
        let mut parts = [0; 4];
        for (part, digits) in parts.iter_mut().zip(release.split('.').filter(|digits| !digits.is_empty())) {
            *part = digits.parse().unwrap_or(u16::MAX);
        }
        let words: Vec<_> = rest.split(|c: char| !c.is_ascii_alphabetic()).collect();
        let prerelease = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "dev"];
        Self { parts, prerelease: words.iter().any(|word| prerelease.contains(word)) }
    }

    /// The upper and the lower two numbers.
    pub(super) fn halves(self) -> [u32; 2] {
        let [a, b, c, d] = self.parts.map(u32::from);
        [a << 16 | b, c << 16 | d]
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.parts;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_four_numbers() {
        for (version, numbers, prerelease) in [
            ("1.4.0", "1.4.0.0", false),
            ("2", "2.0.0.0", false),
            ("1.2.3.4.5", "1.2.3.4", false),
            ("v1.2.post3", "1.2.0.0", false),
            ("1!2.3rc1", "2.3.0.0", true),
            ("1.0a2.post1.dev3+g1234", "1.0.0.0", true),
            ("1.0+local.rc", "1.0.0.0", false),
            ("2024.11.25", "2024.11.25.0", false),
            ("20241125.1", "65535.1.0.0", false),
            ("65535.65536", "65535.65535.0.0", false),
            ("", "0.0.0.0", false),
            ("who knows", "0.0.0.0", false),
        ] {
            let found = Numbers::of(version);
            assert_eq!((found.to_string().as_str(), found.prerelease), (numbers, prerelease), "{version}");
        }
        assert_eq!(Numbers::of("1.2.3.4").halves(), [0x1_0002, 0x3_0004]);
    }
}
