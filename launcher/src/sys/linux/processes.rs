//! Processes by `/proc` (proc(5)): a process runs from a directory if its program or a file that it has mapped lies there.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::sys::processes::Process;

pub(crate) fn below(directory: &Path) -> Vec<Process> {
    // The kernel shows paths without links.
    let Ok(directory) = fs::canonicalize(directory) else { return Vec::new() };
    all().into_iter().filter(|process| runs_from(process, &directory)).collect()
}

/// Of processes of other accounts, and of those that are not dumpable, the kernel shows only the command line (proc(5)).
pub(crate) fn users(directory: &Path) -> Option<Vec<Process>> {
    let canonical = fs::canonicalize(directory).ok()?;
    // Without a `/proc` that shows at least this process, nothing is known.
    fs::read(proc(std::process::id()).join("maps")).ok()?;
    let uses = |process: &Process| {
        let about = proc(process.id);
        runs_from(process, &canonical)
            || match fs::read_link(about.join("cwd")) {
                Ok(works_in) => works_in.starts_with(&canonical),
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => fs::read(about.join("cmdline"))
                    .is_ok_and(|line| [directory, &canonical].iter().any(|directory| is_named(directory, &line))),
                Err(_) => false,
            }
    };
    Some(all().into_iter().filter(uses).collect())
}

fn runs_from(process: &Process, directory: &Path) -> bool {
    process.program.starts_with(directory)
        || fs::read(proc(process.id).join("maps")).is_ok_and(|maps| maps_below(&maps, directory.as_os_str().as_bytes()))
}

/// Whether a command line, its arguments each with a NUL at the end, holds the path of something below a directory.
fn is_named(directory: &Path, line: &[u8]) -> bool {
    let start = [directory.as_os_str().as_bytes(), b"/"].concat();
    line.windows(start.len()).any(|part| part == start)
}

/// "proc_locks(5)": kind, mode, access, process, and the file as `major:minor:inode`. The device is not compared: on some
/// file systems the kernel knows another one than `stat` tells.
pub(crate) fn holders(lock: &Path) -> Vec<Process> {
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
    // Of another account's process, and of the kernel's, only the name is shown.
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
    fn a_command_line_names_a_directory_by_what_is_below_it() {
        let line = b"/opt/app/versions/1/python\0-I\0/opt/app/versions/10/start.py\0";
        for (directory, is) in [("/opt/app/versions/1", true), ("/opt/app/versions/10", true), ("/opt/ap", false)] {
            assert_eq!(is_named(Path::new(directory), line), is, "{directory}");
        }
        assert!(!is_named(Path::new("/opt"), b""));
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
