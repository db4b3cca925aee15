//! `self clean`: removes old versions and what killed starts left behind, never a version that somebody runs.

use std::fmt::Write as _;

use super::menu::Made;
use super::service::failed;
use super::{Answer, SelfCommand, removed, wording};
use crate::error::LaunchError;
use crate::install::care::prune;
use crate::install::version::disk_use::disk_use;
use crate::sys::services;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    if command.options.has("--system") {
        let mut gone = Made::new();
        services::remove_leftovers(record, &mut gone).map_err(failed(command, "clean up after"))?;
        let text = if gone.is_empty() { "nothing is left\n".to_owned() } else { removed(&gone) };
        return Ok(Answer { text, code: 0 });
    }
    let keep = match command.options.value("--keep") {
        None => record.settings.keep,
        Some(value) => {
            value.to_str().and_then(|value| value.parse().ok()).filter(|keep| *keep > 0).ok_or_else(|| {
                LaunchError::Misuse {
                    what: format!("`--keep {}` is not a number of versions", wording::text(value)),
                    help: "use a number of at least 1".to_owned(),
                }
            })?
        }
    };
    let mut text = String::new();
    let (mut freed, mut has_failed) = (0_u64, false);
    for candidate in command.own_roots() {
        let root = &candidate.root;
        let current = root.version_dir(&record.app.version, bundle.digest());
        // The current version is one of those that stay, whether it is here or not.
        let keep = if current.exists() { keep } else { keep.saturating_add(1) };
        let before = disk_use(root.path());
        let Some(pruned) = prune::prune(root, keep, &current, &command.owner()) else {
            has_failed = true;
            let _ = writeln!(text, "skipped `{}`: somebody is installing there", wording::path(root.path()));
            continue;
        };
        freed += before.saturating_sub(disk_use(root.path()));
        for (version_dir, kept) in &pruned.removed {
            let _ = writeln!(text, "removed {}", wording::path(version_dir));
            for path in kept {
                let _ = writeln!(text, "kept    {}: the app wrote it into this version", wording::path(path));
            }
        }
        for (version_dir, users) in &pruned.in_use {
            let by = if users.is_empty() { String::new() } else { format!(" by {}", wording::processes(users)) };
            let _ = writeln!(text, "left    {}: in use{by}", wording::path(version_dir));
        }
        for (version_dir, error) in &pruned.failed {
            let _ = writeln!(text, "left    {}: could not remove it: {error}", wording::path(version_dir));
        }
        has_failed |= !pruned.failed.is_empty();
    }
    let _ = writeln!(text, "freed {}", wording::size(freed));
    Ok(Answer { text, code: u32::from(has_failed) })
}
