//! What speaks against a directory on Windows, once it is known whose it is and who may write there: decisions alone, so
//! that they are tested on any machine.
//!
//! The numbers are Microsoft's, which each of them has for good
//! (<https://learn.microsoft.com/en-us/windows/win32/secauthz/access-mask-format>).

/// `ACCESS_ALLOWED_ACE_TYPE`: the entry of an access list that allows something.
const ALLOWED: u8 = 0;
/// `INHERIT_ONLY_ACE`: the entry is for what will be made below, and not for the directory itself.
const INHERIT_ONLY: u8 = 0x8;
/// `FILE_ADD_FILE`, `FILE_ADD_SUBDIRECTORY`, `FILE_DELETE_CHILD`, `WRITE_DAC`, `WRITE_OWNER`, `GENERIC_ALL`, `GENERIC_WRITE`.
const WRITE: u32 = 0x2 | 0x4 | 0x40 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;

/// Whose the nearest directory is that exists of a root's path, and who may write there.
pub(super) struct Rights {
    /// It is the root itself.
    pub(super) is_root: bool,
    /// It belongs neither to this account nor to an admin.
    pub(super) is_foreign: bool,
    /// Ordinary users may add, replace or remove something.
    pub(super) is_open: bool,
    /// This account has an admin's rights.
    pub(super) we_are_elevated: bool,
}

/// Why another account could put something else in the place of what this one installs.
///
/// Above the root the owner does not count: a user's directory may well lie in one of somebody else's.
pub(super) fn objection(rights: Rights) -> Option<&'static str> {
    if rights.is_root && rights.is_foreign {
        return Some("belongs to another account");
    }
    (rights.we_are_elevated && rights.is_open)
        .then_some("can be written by ordinary users, and this account is an admin's")
}

/// Whether an entry of an access list, by its type and flags, allows something in the directory itself.
pub(super) fn allows(kind: u8, flags: u8) -> bool {
    kind == ALLOWED && flags & INHERIT_ONLY == 0
}

/// Whether what it allows is to add, replace or remove something there.
pub(super) fn is_to_write(mask: u32) -> bool {
    mask & WRITE != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_root_is_nobodys_and_an_open_directory_no_admins() {
        let flags = [false, true];
        for (is_root, is_foreign) in flags.into_iter().flat_map(|a| flags.map(|b| (a, b))) {
            for (is_open, we_are_elevated) in flags.into_iter().flat_map(|a| flags.map(|b| (a, b))) {
                let why = objection(Rights { is_root, is_foreign, is_open, we_are_elevated }).unwrap_or("fine");
                let expected = match (is_root && is_foreign, is_open && we_are_elevated) {
                    (true, _) => "belongs",
                    (false, true) => "can be written",
                    (false, false) => "fine",
                };
                assert!(why.starts_with(expected), "{is_root} {is_foreign} {is_open} {we_are_elevated}: {why}");
            }
        }
    }

    #[test]
    fn every_right_that_changes_a_directory_counts_and_no_other() {
        // The first three as Windows has them right below `C:\`: users may add directories, and files in those, and read.
        for (flags, mask, expected) in [
            (0x2, 0x4, true),
            (0xa, 0x2, false),
            (0x3, 0x12_00a9, false),
            (0x3, 0x1f_01ff, true),
            (0xb, 0x1000_0000, false),
            (0x0, 0x1000_0000, true),
            (0x0, 0x4000_0000, true),
            (0x0, 0x8000_0000, false),
            (0x0, 0x2, true),
            (0x0, 0x40, true),
            (0x0, 0x4_0000, true),
            (0x0, 0x8_0000, true),
            // FILE_WRITE_ATTRIBUTES and FILE_WRITE_EA change no content; DELETE alone puts nothing in the directory's place.
            (0x0, 0x1_0110, false),
        ] {
            assert_eq!(allows(ALLOWED, flags) && is_to_write(mask), expected, "{flags:#x} {mask:#x}");
            // ACCESS_DENIED_ACE_TYPE
            assert!(!allows(1, flags));
        }
    }
}
