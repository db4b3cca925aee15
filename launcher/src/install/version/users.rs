//! Whether somebody runs a version. This is asked before the version is removed.
//!
//! A seal that is held open shows it, but not every process that runs a version holds the seal: a daemon closes every
//! file that it inherited, and a process that Python starts inherits none (`close_fds`). So the running processes are
//! checked as well. If the system does not say what runs, a version counts as in use.
//!
//! Processes of this account that hide what they run (they are not dumpable), and processes of other accounts, are
//! judged by their command lines, which everybody may read on Linux: a process that runs from a version dir was started
//! by a path in it. So no version that this account runs is removed. An install root that several accounts use belongs
//! to an admin, who sees all processes.

use std::path::Path;

use super::file_list::List;
use super::seal::Claim;
use crate::install::layout;
use crate::sys::files;
use crate::sys::processes::{self, Process};

/// Claims a version dir whose files are in `list`.
///
/// # Errors
/// The processes that use it, as far as they are known.
pub(in crate::install) fn claim(version_dir: &Path, list: Option<&List>) -> Result<Claim, Vec<Process>> {
    let claim = Claim::new(version_dir).ok_or_else(|| processes::below(version_dir))?;
    match processes::users(version_dir) {
        Some(users) if users.is_empty() && !is_loaded(version_dir, list) => Ok(claim),
        users => Err(users.unwrap_or_default()),
    }
}

/// Whether somebody runs a version, or the system does not say.
pub fn is_in_use(version_dir: &Path) -> bool {
    claim(version_dir, None).is_err()
}

/// Whether a program or library is loaded by a process that this account can't see (Windows).
fn is_loaded(version_dir: &Path, list: Option<&List>) -> bool {
    let is_program = |path: &&str| [".exe", ".dll", ".pyd"].iter().any(|end| path.ends_with(end));
    files::IS_LOADED.zip(list).is_some_and(|(is_loaded, list)| {
        list.paths().filter(is_program).any(|path| is_loaded(&layout::below(version_dir, path)))
    })
}
