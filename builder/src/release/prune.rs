//! Old versions leave the channels, and their files the release folder. Only files that metadata has named are removed.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use anyhow::Context as _;

use super::check;
use super::folder::Folder;
use super::offer::{self, Offered};
use super::secret_key::Signer;

/// What was pruned.
#[derive(Debug)]
pub struct Pruned {
    /// Files that are gone.
    pub removed: Vec<String>,
    /// What became of the channels that changed.
    pub channels: Vec<(String, Offered)>,
}

/// Leaves the newest `keep` versions of each channel. The metadata is published first: it never names a file that is not
/// there. Where a channel waits for signatures, its files stay; the next prune removes them.
///
/// # Errors
/// When something can't be read, signed or removed.
pub fn prune(folder: &Folder, keep: usize, signers: &[Signer]) -> anyhow::Result<Pruned> {
    let contents = check::contents(folder)?;
    let mut named = BTreeSet::new();
    let mut channels = Vec::new();
    for channel in &contents.channels {
        named.extend(paths(channel));
        let surplus = channel.releases.len().saturating_sub(keep.max(1));
        let Some(root) = contents.roots.last().filter(|_| surplus > 0) else { continue };
        let mut shorter = channel.clone();
        shorter.releases.drain(..surplus);
        let offered = offer::offer_channel(folder, shorter, root, signers)?;
        channels.push((channel.channel.as_str().to_owned(), offered));
    }
    for channel in check::contents(folder)?.channels {
        for path in paths(&channel) {
            named.remove(&path);
        }
    }
    let mut removed = Vec::new();
    for path in named {
        let file = folder.file(&path);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("could not remove `{}`", file.display()));
            }
            _ => {}
        }
        // The version's directory, if nothing else is in it.
        let _ = file.parent().map(fs::remove_dir);
        removed.push(path);
    }
    Ok(Pruned { removed, channels })
}

fn paths(channel: &release::Channel) -> impl Iterator<Item = String> + '_ {
    channel.releases.iter().flat_map(|release| release.files.values()).map(|file| file.path.as_str().to_owned())
}
