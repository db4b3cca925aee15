//! Who may change a file or directory on Windows, by its owner and its access list. Only decisions, which are tested on any
//! machine.
//!
//! The numbers are Microsoft's, and never change
//! (<https://learn.microsoft.com/en-us/windows/win32/secauthz/access-mask-format>,
//! <https://learn.microsoft.com/en-us/windows/win32/fileio/file-access-rights-constants>).

use super::Part;

/// `ACCESS_ALLOWED_ACE_TYPE`: the entry of an access list that allows something.
const ALLOWED: u8 = 0;
/// `INHERIT_ONLY_ACE`: the entry is for what will be created in the directory, and not for the directory itself.
const INHERIT_ONLY: u8 = 0x8;
/// `FILE_DELETE_CHILD`, `DELETE`, `WRITE_DAC`, `WRITE_OWNER`, `GENERIC_ALL`: with one of these, a directory or something in it
/// can be renamed away and replaced. The right to add something new, which all users have in `C:\`, replaces nothing.
const REPLACE: u32 = 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000;
/// `FILE_ADD_FILE` (for a file: `FILE_WRITE_DATA`), `FILE_ADD_SUBDIRECTORY` (`FILE_APPEND_DATA`), `GENERIC_WRITE`.
const ADD: u32 = 0x2 | 0x4 | 0x4000_0000;

/// Whom an entry is for, or who owns a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// The account of this process, or one that may change everything anyway: an admin, the system.
    Trusted,
    /// Another account, by its name.
    Other(String),
}

/// An entry of an access list.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) mask: u32,
    pub(crate) who: Who,
}

/// Why another account could change what this one installs or runs there. `list` is `None` if there is no access list: then
/// everybody may do everything.
///
/// Entries that deny something are ignored: what another entry allows counts as allowed.
pub(crate) fn objection(part: Part, owner: &Who, list: Option<&[Entry]>) -> Option<String> {
    // An owner may always change the access list.
    if let Who::Other(name) = owner {
        return Some(format!("belongs to another account ({name})"));
    }
    let Some(list) = list else { return Some("can be changed by every account".to_owned()) };
    let dangerous = match part {
        Part::Above => REPLACE,
        Part::Inside => REPLACE | ADD,
    };
    list.iter().find_map(|entry| match &entry.who {
        Who::Other(name) if counts(entry) && entry.mask & dangerous != 0 => Some(format!("can be changed by {name}")),
        _ => None,
    })
}

/// Whether an entry allows something in the directory itself.
fn counts(entry: &Entry) -> bool {
    entry.kind == ALLOWED && entry.flags & INHERIT_ONLY == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(flags: u8, mask: u32) -> Entry {
        Entry { kind: ALLOWED, flags, mask, who: Who::Other("Users".to_owned()) }
    }

    fn is_safe(part: Part, entry: Entry) -> bool {
        objection(part, &Who::Trusted, Some(&[entry])).is_none()
    }

    #[test]
    fn what_belongs_to_another_account_or_has_no_list_is_never_safe() {
        for part in [Part::Above, Part::Inside] {
            let other = Who::Other("PC\\them".to_owned());
            assert_eq!(objection(part, &other, Some(&[])).unwrap(), "belongs to another account (PC\\them)");
            assert_eq!(objection(part, &Who::Trusted, None).unwrap(), "can be changed by every account");
            assert_eq!(objection(part, &Who::Trusted, Some(&[])), None);
        }
    }

    #[test]
    fn others_may_read_everywhere_add_above_an_install_root_and_replace_nowhere() {
        // Flags and mask; whether it is safe above a root, and inside.
        for (flags, mask, above, inside) in [
            // As Windows has them in `C:\`: users may add directories there, and change what is in those.
            (0x2, 0x4, true, false),
            (0xb, 0x13_01bf, true, true),
            (0x3, 0x12_00a9, true, true),
            // As below a directory that somebody has made in `C:\` ("Modify").
            (0x3, 0x13_01bf, false, false),
            // As below `C:\ProgramData`.
            (0x12, 0x12_0116, true, false),
            // Full control; of what will be made below alone.
            (0x3, 0x1f_01ff, false, false),
            (0xb, 0x1000_0000, true, true),
            (0x0, 0x1000_0000, false, false),
            (0x0, 0x4000_0000, true, false),
            (0x0, 0x8000_0000, true, true),
            (0x0, 0x2, true, false),
            (0x0, 0x40, false, false),
            (0x0, 0x1_0000, false, false),
            (0x0, 0x4_0000, false, false),
            (0x0, 0x8_0000, false, false),
            // FILE_WRITE_ATTRIBUTES and FILE_WRITE_EA change no content.
            (0x0, 0x110, true, true),
        ] {
            assert_eq!(is_safe(Part::Above, users(flags, mask)), above, "above: {flags:#x} {mask:#x}");
            assert_eq!(is_safe(Part::Inside, users(flags, mask)), inside, "inside: {flags:#x} {mask:#x}");
        }
    }

    #[test]
    fn what_is_denied_or_allowed_to_an_admin_is_no_danger() {
        let denied = Entry { kind: 1, ..users(0, 0x1f_01ff) };
        let admins = Entry { who: Who::Trusted, ..users(0, 0x1f_01ff) };
        assert_eq!(objection(Part::Inside, &Who::Trusted, Some(&[denied, admins])), None);
        let said = objection(Part::Inside, &Who::Trusted, Some(&[users(0, 0x2)]));
        assert_eq!(said.unwrap(), "can be changed by Users");
    }
}
