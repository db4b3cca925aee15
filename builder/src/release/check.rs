//! Looking at a release folder: what is published, and whether a client could use it.

use std::collections::BTreeSet;
use std::fs::File;

use bundle::Bundle;
use release::{Channel, Root, Version};

use super::file;
use super::folder::Folder;
use super::now;
use crate::packing::check;
use crate::report::Report;

/// All that is published.
#[derive(Debug)]
pub struct Contents {
    /// From root 1 to the newest.
    pub roots: Vec<Root>,
    /// By name.
    pub channels: Vec<Channel>,
    /// What waits for signatures.
    pub pending: Vec<String>,
}

/// Reads all metadata.
///
/// # Errors
/// When some of it can't be read, or has not been signed by enough keys.
pub fn contents(folder: &Folder) -> anyhow::Result<Contents> {
    let roots = folder.roots()?;
    let mut channels = Vec::new();
    for name in folder.channels()? {
        channels.extend(folder.channel(&name, &roots)?);
    }
    Ok(Contents { roots, channels, pending: folder.all_pending()? })
}

/// What is wrong with a release folder: nothing, if the list is empty. Reads every bundle.
///
/// # Errors
/// When the directory can't be read.
pub fn problems(folder: &Folder, report: &Report) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    let contents = match contents(folder) {
        Ok(contents) => contents,
        Err(error) => return Ok(vec![format!("{error:#}")]),
    };
    if contents.roots.is_empty() {
        problems.push("there is no `root/1.json`".to_owned());
    }
    let newest = contents.roots.last().map_or(0, |root| root.number);
    let mut seen = BTreeSet::new();
    for channel in &contents.channels {
        let name = &channel.channel;
        if channel.root != newest {
            problems
                .push(format!("the channel `{name}` is signed with root {}, and {newest} is the newest", channel.root));
        }
        if channel.expires <= now() {
            problems.push(format!(
                "the channel `{name}` has expired: sign it again with `ekiben release DIR --expires 90d`"
            ));
        }
        for release in &channel.releases {
            for (target, released) in &release.files {
                if !seen.insert(released.path.as_str().to_owned()) {
                    continue;
                }
                let path = folder.file(released.path.as_str());
                let wrong = match File::open(&path) {
                    Err(error) => Some(error.to_string()),
                    Ok(opened) => objection(&opened, &release.version, target, released, report),
                };
                problems.extend(wrong.map(|wrong| format!("`{}`: {wrong}", path.display())));
            }
        }
    }
    problems
        .extend(contents.pending.iter().map(|name| format!("`{name}` waits for more signatures: `ekiben root sign`")));
    Ok(problems)
}

fn objection(
    opened: &File,
    version: &str,
    target: &str,
    released: &release::ReleasedFile,
    report: &Report,
) -> Option<String> {
    let look = || -> anyhow::Result<Option<String>> {
        if file::digest_of(opened)? != (released.len, released.sha256) {
            return Ok(Some("it is not the file that was published".to_owned()));
        }
        let bundle = Bundle::new(opened.try_clone()?)?;
        let index = check::verify(&bundle, report)?;
        let record = bundle.record();
        let same_version = Version::new(&record.app.version)? == Version::new(version)?;
        let described = file::describe(&bundle, &index)?;
        let is_right = same_version && record.target == target && described == *released;
        Ok((!is_right).then(|| "the metadata describes another bundle".to_owned()))
    };
    look().unwrap_or_else(|error| Some(format!("{error:#}")))
}
