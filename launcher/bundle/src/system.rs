//! The operating system that a bundle is for.

/// Whose rules for names and links a bundle's files follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Names that differ in case are two names.
    Linux,
    /// Names that differ in case alone are one name, and no bundle holds links.
    Windows,
    /// Names that differ in case alone are one name, as macOS is usually set up.
    MacOs,
    /// One that this ekiben does not know. It is treated like Linux.
    Unknown,
}

impl System {
    /// The system in a target's triple, such as `x86_64-pc-windows-msvc`
    /// (<https://doc.rust-lang.org/rustc/platform-support.html>).
    pub fn from_triple(triple: &str) -> Self {
        let known = triple.split('-').find_map(|part| match part {
            "linux" => Some(Self::Linux),
            "windows" => Some(Self::Windows),
            "darwin" => Some(Self::MacOs),
            _ => None,
        });
        known.unwrap_or(Self::Unknown)
    }

    /// Whether it takes names that differ in case alone for one name.
    pub fn ignores_case(self) -> bool {
        matches!(self, Self::Windows | Self::MacOs)
    }

    /// Whether a bundle for it may hold symbolic links.
    pub fn has_symlinks(self) -> bool {
        self != Self::Windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triple_names_its_system() {
        for (triple, system) in [
            ("x86_64-unknown-linux-gnu", System::Linux),
            ("x86_64-pc-windows-msvc", System::Windows),
            ("aarch64-apple-darwin", System::MacOs),
            ("x86_64-unknown-freebsd", System::Unknown),
            ("x86_64-windowsill-none", System::Unknown),
            ("", System::Unknown),
        ] {
            assert_eq!(System::from_triple(triple), system, "{triple}");
        }
    }
}
