//! From files that Linux and its distributions keep.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::mounts;
use crate::self_cmd::doctor::FileSystem;

pub(crate) const VIRUS_SCANNERS: Option<&str> = None;

/// The kernel's version, and the distribution's name (os-release(5)).
pub(crate) fn system() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map(|name| name.trim_matches('"')).unwrap_or("distribution unknown");
    format!("{} {} ({name}), {}", std::env::consts::OS, kernel.trim(), std::env::consts::ARCH)
}

pub(crate) fn file_system(path: &Path) -> Option<FileSystem> {
    let path = fs::canonicalize(path).ok()?;
    mounts::file_system(&fs::read("/proc/self/mountinfo").ok()?, path.as_os_str().as_bytes())
}
