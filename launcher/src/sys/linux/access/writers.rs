//! Who may change a file or directory, by owner, mode, access list and groups. Only decisions: no file is read here.
//!
//! Sources: inode(7) for modes and the sticky bit, acl(5) for access lists, `linux/posix_acl_xattr.h` for their bytes.

use crate::sys::access::Part;

const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITE: u32 = 0o020;

/// Owner, group and mode of a file or directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
}

/// The accounts that may own parts of the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trusted {
    /// The account of this process.
    pub(crate) ours: u32,
    /// In a user namespace, the number that stands for all accounts outside of it, root among them.
    pub(crate) outside: Option<u32>,
}

/// Why a file or directory is not safe.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Objection {
    #[error("belongs to another account (uid {0})")]
    Owner(u32),
    #[error("can be written by every account")]
    Everybody,
    #[error("can be written by a group (gid {0})")]
    Group(u32),
    #[error("has an access list that lets uid {0} write")]
    ListedUser(u32),
    #[error("has an access list that lets a group (gid {0}) write")]
    ListedGroup(u32),
}

/// The verdict by owner and mode.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Safe,
    Unsafe(Objection),
    /// The mode lets the group write. With an access list, the same bit means that somebody in that list may write
    /// (acl(5), "Correspondence between ACL entries and file permission bits"): list and group have to be checked.
    AskGroup,
}

impl Trusted {
    /// `outside` is trusted only above an install root: the number stands for root, and for anybody else, too.
    pub(crate) fn is_trusted(self, uid: u32, part: Part) -> bool {
        uid == 0 || uid == self.ours || part == Part::Above && Some(uid) == self.outside
    }
}

pub(crate) fn verdict(found: Facts, part: Part, trusted: Trusted) -> Verdict {
    if !trusted.is_trusted(found.uid, part) {
        return Verdict::Unsafe(Objection::Owner(found.uid));
    }
    // In a sticky directory, nobody can rename or remove what belongs to another account. But everybody can create files, so this
    // is no protection inside an install root.
    if part == Part::Above && found.mode & STICKY != 0 {
        return Verdict::Safe;
    }
    if found.mode & OTHERS_WRITE != 0 {
        return Verdict::Unsafe(Objection::Everybody);
    }
    if found.mode & GROUP_WRITE != 0 { Verdict::AskGroup } else { Verdict::Safe }
}

/// An account or group that may write by an access list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    User(u32),
    Group(u32),
}

/// Reads an access list as the kernel hands it out (`system.posix_acl_access`): a version, then entries of 8 bytes. `None`
/// when it has another form.
pub(crate) fn writers(list: &[u8], group: u32) -> Option<Vec<Writer>> {
    const VERSION: u32 = 2;
    const USER: u16 = 0x02;
    const GROUP_OBJ: u16 = 0x04;
    const GROUP: u16 = 0x08;
    const MASK: u16 = 0x10;
    const WRITE: u16 = 2;
    let (version, entries) = list.split_first_chunk::<4>()?;
    let (entries, rest) = entries.as_chunks::<8>();
    if u32::from_le_bytes(*version) != VERSION || !rest.is_empty() {
        return None;
    }
    let parsed = entries.iter().map(|[t0, t1, p0, p1, i0, i1, i2, i3]| {
        (u16::from_le_bytes([*t0, *t1]), u16::from_le_bytes([*p0, *p1]), u32::from_le_bytes([*i0, *i1, *i2, *i3]))
    });
    let mask = parsed.clone().find(|(tag, ..)| *tag == MASK).map_or(WRITE, |(_, allowed, _)| allowed);
    let may_write = |allowed: u16| allowed & mask & WRITE != 0;
    let writer = |(tag, allowed, id)| match tag {
        USER if may_write(allowed) => Some(Writer::User(id)),
        GROUP if may_write(allowed) => Some(Writer::Group(id)),
        GROUP_OBJ if may_write(allowed) => Some(Writer::Group(group)),
        _ => None,
    };
    Some(parsed.filter_map(writer).collect())
}

/// Whether root and the account are the only members of a group, by the texts of `/etc/passwd` and `/etc/group` (passwd(5),
/// group(5)). A group that is not listed counts as private if it has the account's number, as the groups that useradd(8) creates
/// for one user have.
pub(crate) fn is_private(group: u32, account: u32, passwd: &str, groups: &str) -> bool {
    let ours = |uid: u32| uid == 0 || uid == account;
    let accounts = || passwd.lines().filter_map(account_of);
    if accounts().any(|(_, uid, gid)| gid == group && !ours(uid)) {
        return false;
    }
    let is_ours = |name: &str| accounts().any(|(found, uid, _)| found == name && ours(uid));
    match groups.lines().find_map(|line| members(line, group)) {
        Some(members) => members.split(',').filter(|name| !name.is_empty()).all(is_ours),
        None => ours(group),
    }
}

/// Name, number and first group of an account: `name:password:uid:gid:…`.
fn account_of(line: &str) -> Option<(&str, u32, u32)> {
    let mut fields = line.split(':');
    let name = fields.next()?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some((name, uid, fields.next()?.parse().ok()?))
}

/// The members of a group, if the line is about it: `name:password:gid:members`.
fn members(line: &str, group: u32) -> Option<&str> {
    let mut fields = line.split(':').skip(2);
    (fields.next()?.parse() == Ok(group)).then(|| fields.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: u32 = 1000;
    const THEM: u32 = 1001;
    const TRUSTED: Trusted = Trusted { ours: US, outside: None };

    #[test]
    fn only_we_and_root_may_own_a_part_of_the_path_and_nobody_else_may_write_there() {
        let safe = |_| Verdict::Safe;
        let everybody = |_| Verdict::Unsafe(Objection::Everybody);
        let ask = |_| Verdict::AskGroup;
        type Expected = fn(u32) -> Verdict;
        let cases: &[(u32, u32, Part, Expected)] = &[
            (US, 0o755, Part::Inside, safe),
            (0, 0o755, Part::Inside, safe),
            (THEM, 0o700, Part::Inside, |uid| Verdict::Unsafe(Objection::Owner(uid))),
            (THEM, 0o1777, Part::Above, |uid| Verdict::Unsafe(Objection::Owner(uid))),
            (0, 0o1777, Part::Above, safe),
            (0, 0o1777, Part::Inside, everybody),
            (0, 0o777, Part::Above, everybody),
            (US, 0o775, Part::Above, ask),
            (US, 0o1775, Part::Inside, ask),
            (US, 0o1775, Part::Above, safe),
            (65_534, 0o755, Part::Above, |uid| Verdict::Unsafe(Objection::Owner(uid))),
        ];
        for (uid, mode, part, expected) in cases {
            let found = Facts { uid: *uid, gid: US, mode: *mode };
            assert_eq!(verdict(found, *part, TRUSTED), expected(*uid), "{uid} {mode:o} {part:?}");
        }
        let in_a_namespace = Trusted { ours: US, outside: Some(65_534) };
        let found = Facts { uid: 65_534, gid: 65_534, mode: 0o755 };
        assert_eq!(verdict(found, Part::Above, in_a_namespace), Verdict::Safe);
        assert_eq!(verdict(found, Part::Inside, in_a_namespace), Verdict::Unsafe(Objection::Owner(65_534)));
    }

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (tag, allowed, id) in entries {
            bytes.extend([tag.to_le_bytes(), allowed.to_le_bytes()].as_flattened());
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn an_access_list_names_those_whom_it_lets_write() {
        const NONE: u32 = u32::MAX;
        let (owner, group, mask, other) = ((0x01, 7, NONE), (0x04, 7, NONE), (0x10, 7, NONE), (0x20, 7, NONE));
        let them = (0x02, 7, THEM);
        let both = [Writer::User(THEM), Writer::Group(US)];
        assert_eq!(writers(&list(&[owner, them, group, mask, other]), US).unwrap(), both);
        assert_eq!(writers(&list(&[owner, group, (0x08, 3, 50), mask]), US).unwrap()[1], Writer::Group(50));
        for harmless in [&[owner, (0x02, 5, THEM), (0x04, 5, NONE), mask][..], &[owner, them, group, (0x10, 5, NONE)]] {
            assert_eq!(writers(&list(harmless), US), Some(Vec::new()));
        }
        for unknown in [&[][..], &[3, 0, 0, 0], &[2, 0, 0, 0, 1]] {
            assert_eq!(writers(unknown, US), None);
        }
    }

    #[test]
    fn a_group_is_private_when_nobody_else_is_in_it() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nus:x:1000:1000::/:/bin/sh\nthem:x:1001:100::/:/bin/sh\n";
        let groups =
            "root:x:0:\nus:x:1000:\nusers:x:100:\nshared:x:200:us,them\nours:x:201:us,root\nghosts:x:202:nobody\n";
        for (group, is_expected) in [
            (1000, true),
            (0, true),
            (100, false),
            (200, false),
            (201, true),
            (202, false),
            (1001, false),
            (300, false),
        ] {
            assert_eq!(is_private(group, US, passwd, groups), is_expected, "{group}");
        }
        assert!(is_private(US, US, "", "") && !is_private(THEM, US, "", ""));
    }
}
