//! Kinds of drives on Windows.

/// By the numbers of `GetDriveTypeW`
/// (<https://learn.microsoft.com/en-us/windows/win32/api/fileapi/nf-fileapi-getdrivetypew>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriveKind {
    /// A disk that is built in.
    Fixed,
    /// A disk in memory.
    Memory,
    /// A share.
    Remote,
    /// A drive that can be pulled out.
    Removable,
    /// A CD, a DVD.
    Optical,
    /// Not known to the system.
    Unknown,
}

impl DriveKind {
    /// As the system numbers them.
    pub fn from_number(number: u32) -> Self {
        match number {
            2 => Self::Removable,
            3 => Self::Fixed,
            4 => Self::Remote,
            5 => Self::Optical,
            6 => Self::Memory,
            _ => Self::Unknown,
        }
    }

    /// Whether what lies there may be gone at any moment, with its file system.
    pub fn may_vanish(self) -> bool {
        !matches!(self, Self::Fixed | Self::Memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_and_what_can_be_pulled_out_may_vanish() {
        let kinds = [(0, true), (1, true), (2, true), (3, false), (4, true), (5, true), (6, false)];
        for (number, expected) in kinds {
            assert_eq!(DriveKind::from_number(number).may_vanish(), expected, "{number}");
        }
    }
}
