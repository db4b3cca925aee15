//! From files that Linux and its distributions keep.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

mod mounts;

use crate::sys::machine::FileSystem;

/// Whether virus scanners that look at each new program are common.
pub(crate) const HAS_VIRUS_SCANNERS: bool = false;

/// The kernel's version, and the distribution's name (os-release(5)).
pub(crate) fn system() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map(|name| name.trim_matches('"')).unwrap_or("distribution unknown");
    format!("{} {} ({name}), {}", std::env::consts::OS, kernel.trim(), std::env::consts::ARCH)
}

/// What the file system that `path` lies on is like, as far as that can be told.
pub(crate) fn file_system(path: &Path) -> Option<FileSystem> {
    file_system_without_links(&fs::canonicalize(path).ok()?)
}

/// The same for a path without links, which need not exist.
pub(in crate::sys::linux) fn file_system_without_links(path: &Path) -> Option<FileSystem> {
    mounts::file_system(&fs::read("/proc/self/mountinfo").ok()?, path.as_os_str().as_bytes())
}
