//! What `/proc` tells (proc(5)): a process runs from a directory when its program or anything that it has mapped lies there.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Process;

pub(super) fn below(directory: &Path) -> Vec<Process> {
    // The kernel tells paths without links.
    let Ok(directory) = fs::canonicalize(directory) else { return Vec::new() };
    let uses = |process: &Process| {
        process.program.starts_with(&directory)
            || fs::read(proc(process.id).join("maps"))
                .is_ok_and(|maps| maps_below(&maps, directory.as_os_str().as_bytes()))
    };
    all().into_iter().filter(uses).collect()
}

/// "proc_locks(5)": kind, mode, access, process, and the file as `major:minor:inode`. The device is not compared: on some
/// file systems the kernel knows another one than `stat` tells.
pub(super) fn holders(lock: &Path) -> Vec<Process> {
    let (Ok(found), Ok(locks)) = (fs::metadata(lock), fs::read_to_string("/proc/locks")) else { return Vec::new() };
    let holder = |line: &str| {
        let mut words = line.split_whitespace().skip(1).filter(|word| *word != "->");
        let is_flock = words.next() == Some("FLOCK");
        let id = words.nth(2)?.parse().ok()?;
        let inode: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
        (is_flock && inode == found.ino()).then(|| process(id))
    };
    locks.lines().filter_map(holder).collect()
}

fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(process(entry.file_name().to_str()?.parse().ok()?))).collect()
}

fn process(id: u32) -> Process {
    // Of another account's process, and one of the kernel's, only the name can be had.
    let program = fs::read_link(proc(id).join("exe"))
        .or_else(|_| fs::read_to_string(proc(id).join("comm")).map(|name| PathBuf::from(name.trim_end())));
    Process { id, program: program.unwrap_or_default() }
}

fn proc(id: u32) -> PathBuf {
    Path::new("/proc").join(id.to_string())
}

/// Whether a line's path, the rest of it from the first `/` on, lies below `directory`.
fn maps_below(maps: &[u8], directory: &[u8]) -> bool {
    maps.split(|byte| *byte == b'\n').any(|line| {
        let path = line.iter().position(|byte| *byte == b'/').and_then(|start| line.get(start..));
        path.and_then(|path| path.strip_prefix(directory)).is_some_and(|rest| rest.first() == Some(&b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_file_below_the_directory_counts_and_a_similar_name_does_not() {
        let maps =
            b"7f00-7f01 r-xp 00000000 fe:00 12   /opt/my app/versions/1/lib/x.so\n7f02-7f03 rw-p 0 0:0 0 [heap]\n";
        for (directory, is_used) in [
            ("/opt/my app", true),
            ("/opt/my app/versions/1", true),
            ("/opt/my", false),
            ("/opt/my app/versions/10", false),
        ] {
            assert_eq!(maps_below(maps, directory.as_bytes()), is_used, "{directory}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_holder_of_a_lock_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let file = fs::File::create(&path).unwrap();
        assert_eq!(holders(&path), []);
        file.try_lock().unwrap();
        let ids: Vec<_> = holders(&path).iter().map(|process| process.id).collect();
        assert_eq!(ids, [std::process::id()]);
    }
}
