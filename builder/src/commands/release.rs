//! `ekiben release`: bundles become a version of a channel, and looking after what is published.

use std::fmt::Write as _;
use std::process::ExitCode;

use release::Channel;
use serde_json::json;

use super::{print, print_json};
use crate::commands::cli_release::{FolderCommand, PruneCommand, ReleaseCommand, ReleaseVerb};
use crate::release::add::{self, Change};
use crate::release::check::{self, Contents};
use crate::release::folder::Folder;
use crate::release::secret_key::Signer;
use crate::release::{now, prune};
use crate::report::{Report, Verbosity, text};

pub(super) fn run(command: &ReleaseCommand) -> anyhow::Result<ExitCode> {
    match (&command.verb, &command.directory) {
        (Some(ReleaseVerb::Status(command)), _) => status(command),
        (Some(ReleaseVerb::Check(command)), _) => check(command),
        (Some(ReleaseVerb::Prune(command)), _) => prune(command),
        (None, Some(directory)) => {
            let signers = Signer::all(&command.keys.key)?;
            let folder = Folder::open(directory)?;
            add(command, &folder, &signers)
        }
        (None, None) => anyhow::bail!("no release folder"),
    }
}

fn add(command: &ReleaseCommand, folder: &Folder, signers: &[Signer]) -> anyhow::Result<ExitCode> {
    let change = Change {
        channel: command.channel.clone(),
        bundles: command.bundles.clone(),
        percent: command.rollout,
        lasts: command.expires.map(|span| span.0),
        critical: command.critical,
        minimum: command.minimum.clone(),
        withdraw: command.withdraw.clone(),
    };
    let added = add::add(folder, &change, signers, &Report::new(Verbosity::Normal))?;
    let channel = &added.channel;
    let newest = channel.releases.last().map(|release| release.version.as_str());
    let outcome = added.offered.as_ref().map_or_else(|| "unchanged".to_owned(), add::words);
    if command.json {
        return print_json(&json!({
            "app": channel.app,
            "channel": channel.channel,
            "serial": channel.serial,
            "newest": newest,
            "outcome": outcome,
        }));
    }
    let newest =
        newest.map_or_else(|| "no version".to_owned(), |version| format!("{} {version}", channel.app.as_str()));
    print(&format!("{newest} in the channel {}, serial {}: {outcome}\n", channel.channel, channel.serial))
}

fn status(command: &FolderCommand) -> anyhow::Result<ExitCode> {
    let contents = check::contents(&Folder::open_to_read(&command.directory)?)?;
    if command.json {
        return print_json(&json!({
            "root": contents.roots.last(),
            "channels": contents.channels,
            "pending": contents.pending,
        }));
    }
    print(&described(&contents)?)
}

fn described(contents: &Contents) -> anyhow::Result<String> {
    let mut said = String::new();
    if let Some(root) = contents.roots.last() {
        let keys = root.keys.len();
        writeln!(said, "root {} of {}: {} of {keys} keys must sign", root.number, root.app.as_str(), root.threshold)?;
        for key in &root.keys {
            writeln!(said, "  {key}")?;
        }
    }
    for channel in &contents.channels {
        said.push_str(&channel_text(channel)?);
    }
    for name in &contents.pending {
        writeln!(said, "{name} waits for more signatures: `ekiben root sign`")?;
    }
    Ok(said)
}

fn channel_text(channel: &Channel) -> anyhow::Result<String> {
    let mut said = format!("channel {}, serial {}, ", channel.channel, channel.serial);
    match channel.expires.checked_sub(now()) {
        Some(left) => writeln!(said, "expires in {} days", left / 86_400)?,
        None => writeln!(said, "EXPIRED")?,
    }
    if let Some(minimum) = &channel.minimum {
        writeln!(said, "  nothing older than {}", text::shown(minimum))?;
    }
    for release in &channel.releases {
        write!(said, "  {}", text::shown(&release.version))?;
        let targets: Vec<_> = release.files.keys().map(|target| text::shown(target)).collect();
        write!(said, "  {}", targets.join(", "))?;
        if let Some(rollout) = &release.rollout {
            write!(said, ", for {} % of all machines", rollout.percent)?;
        }
        let notes = [(release.critical, ", critical"), (channel.withdrawn.contains(&release.version), ", withdrawn")];
        said.extend(notes.iter().filter(|(is_so, _)| *is_so).map(|(_, note)| *note));
        said.push('\n');
    }
    Ok(said)
}

fn check(command: &FolderCommand) -> anyhow::Result<ExitCode> {
    let folder = Folder::open_to_read(&command.directory)?;
    let problems = check::problems(&folder, &Report::new(Verbosity::Normal))?;
    if command.json {
        print_json(&json!({ "problems": problems }))?;
    } else if problems.is_empty() {
        print(&format!("`{}` is as it should be\n", command.directory.display()))?;
    } else {
        print(&text::lines(&(problems.join("\n") + "\n")))?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn prune(command: &PruneCommand) -> anyhow::Result<ExitCode> {
    let signers = Signer::all(&command.keys.key)?;
    let pruned = prune::prune(&Folder::open(&command.directory)?, command.keep, &signers)?;
    let mut said = String::new();
    for (channel, offered) in &pruned.channels {
        writeln!(said, "channel {channel}: {}", add::words(offered))?;
    }
    for file in &pruned.removed {
        writeln!(said, "removed {file}")?;
    }
    if said.is_empty() {
        said.push_str("nothing to remove\n");
    }
    print(&said)
}
