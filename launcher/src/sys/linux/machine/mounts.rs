//! The table of mounted file systems, as Linux writes it (proc_pid_mountinfo(5)):
//!
//! `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`

use crate::sys::machine::FileSystem;

/// What is told of the file system that `path`, without links in it, lies on: the last of the longest mount points.
pub(crate) fn file_system(table: &[u8], path: &[u8]) -> Option<FileSystem> {
    let lines = table.split(|byte| *byte == b'\n').filter_map(Mount::parse);
    lines.filter(|mount| mount.holds(path)).max_by_key(|mount| mount.point.len()).map(|mount| mount.file_system)
}

struct Mount {
    point: Vec<u8>,
    file_system: FileSystem,
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Self> {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let separator = words.iter().position(|word| *word == b"-")?;
        let kind = std::str::from_utf8(words.get(separator + 1)?).ok()?.to_owned();
        let has = |options: Option<&&[u8]>, option: &[u8]| {
            options.is_some_and(|options| options.split(|byte| *byte == b',').any(|found| found == option))
        };
        let (of_mount, of_system) = (words.get(5), words.get(separator + 3));
        let file_system = FileSystem {
            is_remote: is_remote(&kind),
            is_read_only: has(of_mount, b"ro") || has(of_system, b"ro"),
            programs: !has(of_mount, b"noexec"),
            kind,
        };
        Some(Self { point: unescape(words.get(4)?), file_system })
    }

    fn holds(&self, path: &[u8]) -> bool {
        let rest = path.strip_prefix(self.point.as_slice());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || self.point.ends_with(b"/"))
    }
}

fn is_remote(kind: &str) -> bool {
    let kind = kind.strip_prefix("fuse.").unwrap_or(kind);
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "sshfs", "glusterfs", "lustre", "davfs"]
        .contains(&kind)
}

/// Spaces and the like are written as a backslash and three octal digits.
fn unescape(word: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut rest = word;
    while let Some((byte, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                text.push(escaped);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                text.push(*byte);
                rest = after;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_and_longest_mount_point_counts() {
        let table = b"21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            22 21 0:5 / /srv rw,noexec - xfs /dev/sdb ro\n\
            23 21 0:6 / /srv/my\\040share rw - nfs4 server:/x rw\n\
            24 23 0:7 / /srv/my\\040share ro - fuse.sshfs x rw\n";
        let found = |path: &str| file_system(table, path.as_bytes()).unwrap();
        let told = |path: &str| {
            let found = found(path);
            (found.kind, found.is_remote, found.is_read_only, found.programs)
        };
        assert_eq!(told("/opt/x"), ("ext4".to_owned(), false, false, true));
        assert_eq!(told("/srvs"), ("ext4".to_owned(), false, false, true));
        assert_eq!(told("/srv"), ("xfs".to_owned(), false, true, false));
        assert_eq!(told("/srv/my share/d"), ("fuse.sshfs".to_owned(), true, true, true));
        assert_eq!(file_system(b"nonsense\n", b"/"), None);
    }
}
