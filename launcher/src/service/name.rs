//! Names of services, and of the accounts that are made for them.

use std::fmt;

use bundle::Digest;

/// The name of a service: fit for a unit of systemd, a service of Windows, and a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceName(String);

/// Windows takes 256 characters, systemd 255 with `.service`, and a person a few.
const LONGEST: usize = 80;

impl ServiceName {
    /// Letters, digits, `-`, `_` and `.`, at most 80, with a letter or digit at the front. `None`: it is another.
    pub fn new(name: &str) -> Option<Self> {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_fine = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.len() <= LONGEST;
        (is_fine && name.chars().all(inner)).then(|| Self(name.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the account of an app whose id this is is called on Linux. useradd(8) wants a lower-case letter or `_` first, then also
    /// digits and `-`, and 32 bytes at most; where the name has more, the digest of the name takes the place of its end.
    pub fn account(&self) -> String {
        const LONGEST: usize = 31;
        let mut account: String = self.0.chars().map(|c| if c == '.' { '-' } else { c.to_ascii_lowercase() }).collect();
        if account.starts_with(|c: char| c.is_ascii_digit()) {
            account.insert(0, '_');
        }
        if account.len() > LONGEST {
            account.truncate(LONGEST - 9);
            let digest = Digest::of(self.0.as_bytes()).short();
            account = format!("{account}-{}", digest.get(..8).unwrap_or_default());
        }
        account
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_fit_for_every_system() {
        for name in ["web", "Web.2", "a-b_c", "0x", &"a".repeat(80)] {
            assert!(ServiceName::new(name).is_some(), "{name}");
        }
        for name in ["", "-a", ".a", "a b", "a/b", "a@b", "ü", "a%b", &"a".repeat(81)] {
            assert!(ServiceName::new(name).is_none(), "{name}");
        }
    }

    #[test]
    fn an_account_has_a_name_that_linux_takes() {
        let account = |name: &str| ServiceName::new(name).unwrap().account();
        assert_eq!(account("web"), "web");
        assert_eq!(account("My.App"), "my-app");
        assert_eq!(account("7zip"), "_7zip");
        let (one, other) = (account(&"a".repeat(40)), account(&"a".repeat(41)));
        assert_eq!(one.len(), 31);
        assert_ne!(one, other);
    }
}
