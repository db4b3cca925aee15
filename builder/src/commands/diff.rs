//! `ekiben diff`: what a new version changes, and what the update to it costs.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;

use super::{open, print, print_json};
use crate::commands::cli_release::DiffCommand;
use crate::release::diff::{self, Diff};
use crate::report::text::{bytes, shown};

/// More paths than this are counted, not listed, unless somebody wants all.
const LISTED: usize = 20;

pub(super) fn run(command: &DiffCommand) -> anyhow::Result<ExitCode> {
    let (old, new) = (open::open(&command.old)?, open::open(&command.new)?);
    let diff = diff::diff(&old, &new)?;
    let (before, after) = (old.record(), new.record());
    let is_update = diff::is_update(before, after);
    if command.json {
        return print_json(&json!({
            "old": before.app, "new": after.app, "target": after.target,
            "python": { "old": before.python, "new": after.python },
            "added": diff.added, "removed": diff.removed, "changed": diff.changed,
            "distributions": diff.distributions,
            "is_update": is_update, "transfer": diff.transfer, "size": diff.len,
        }));
    }
    let mut text = format!("{} {} -> {}, {}\n", after.app.name, before.app.version, after.app.version, after.target);
    if before.python != after.python {
        writeln!(text, "python {} -> {}", before.python, after.python)?;
    }
    text.push_str(&described(&diff, command.files)?);
    let cost = format!("an update fetches {} of {}", bytes(diff.transfer), bytes(diff.len));
    let not = "no update leads from one to the other: they are different apps, or for different targets";
    writeln!(text, "{}", if is_update { &cost } else { not })?;
    print(&text)
}

fn described(diff: &Diff, all: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    for (name, versions) in &diff.distributions {
        let (name, version) =
            (shown(name), |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned()));
        writeln!(text, "{name} {} -> {}", shown(&version(&versions.0)), shown(&version(&versions.1)))?;
    }
    for (what, paths) in [("added", &diff.added), ("removed", &diff.removed), ("changed", &diff.changed)] {
        writeln!(text, "{what} {} files", paths.len())?;
        let listed = if all { paths.len() } else { LISTED };
        for path in paths.iter().take(listed) {
            writeln!(text, "  {}", shown(path))?;
        }
        if paths.len() > listed {
            writeln!(text, "  … (--files lists all)")?;
        }
    }
    Ok(text)
}
