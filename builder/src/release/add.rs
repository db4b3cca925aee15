//! Bundles become a version of a channel.
//!
//! Nothing that was published changes: a version's bundles stay as they are, and a new version is newer than all before it.

use std::fs::File;
use std::path::{Path, PathBuf};

use bundle::Bundle;
use release::channel::Release;
use release::place::{self, ChannelName};
use release::rollout::Rollout;
use release::{Channel, FORMAT, ReleasedFile, Root, Version};

use super::folder::{self, Folder};
use super::offer::{self, Offered};
use super::secret_key::Signer;
use super::{file, now};
use crate::packing::check;
use crate::report::Report;
use crate::report::failure::{Failure, Help as _};

/// What is to be changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// Of which channel.
    pub channel: ChannelName,
    /// Bundles that are added.
    pub bundles: Vec<PathBuf>,
    /// Which part of all machines gets the version.
    pub percent: Option<u8>,
    /// For how many seconds it is believed.
    pub lasts: Option<u64>,
    /// Users should have the version soon.
    pub critical: bool,
    /// The oldest version that may still be installed.
    pub minimum: Option<String>,
    /// Versions that are withdrawn.
    pub withdraw: Vec<String>,
}

/// What was done.
#[derive(Debug)]
pub struct Added {
    /// The channel as it is now.
    pub channel: Channel,
    /// What became of it; `None`: all was so before.
    pub offered: Option<Offered>,
}

/// How long a channel is believed if nobody says how long: 90 days.
const LASTS: u64 = 90 * 86_400;

/// A bundle that is to be added.
struct New {
    path: PathBuf,
    version: String,
    target: String,
    described: ReleasedFile,
}

/// Adds bundles to a channel and changes what it says.
///
/// # Errors
/// When it would change what was published, a bundle is damaged or of another app, or something can't be written. Clients see
/// the former state then.
pub fn add(folder: &Folder, change: &Change, signers: &[Signer], report: &Report) -> anyhow::Result<Added> {
    let mut new = Vec::new();
    let mut baked = Vec::new();
    for path in &change.bundles {
        let (bundle, root) = read(path, report)?;
        new.push(bundle);
        baked.push((path, root));
    }
    let mut roots = folder.roots()?;
    if roots.is_empty() {
        let Some((_, first)) = baked.iter().find(|(_, root)| root.number == 1) else {
            return Err(Failure::new(format!("`{}` has no root yet", folder.path().display()))
                .help("add a bundle that was built with [tool.ekiben.update], or begin with `ekiben root add`")
                .into());
        };
        roots.push(first.clone());
        if let pending @ Offered::Pending { .. } =
            offer::offer(folder, &place::root(1), offer::text_of(first)?, &[first], signers)?
        {
            return Err(Failure::new(format!("root 1 waits for more signatures: {}", words(&pending)))
                .help("have its other keys sign with `ekiben root sign`, then run this again")
                .into());
        }
    }
    for (path, root) in &baked {
        if !roots.contains(root) {
            return Err(Failure::new(format!(
                "`{}` has a root {} that is not the one of `{}`",
                path.display(),
                root.number,
                folder.path().display()
            ))
            .help("its clients would accept nothing from there: build it with the keys of this release folder")
            .into());
        }
    }
    let Some(root) = roots.last() else { anyhow::bail!("no root") };
    let before = offer::newest(folder, &change.channel, &roots)?;
    let after = changed(before.as_ref(), root, change, &new)?;
    if before.as_ref() == Some(&after) && change.lasts.is_none() {
        copy_all(folder, &new)?;
        return Ok(Added { channel: after, offered: None });
    }
    // Bundles first: metadata never names a file that is not there.
    copy_all(folder, &new)?;
    let offered = offer::offer_channel(folder, after.clone(), root, signers)?;
    let channel = offer::newest(folder, &change.channel, &roots)?.unwrap_or(after);
    Ok(Added { channel, offered: Some(offered) })
}

/// In a few words.
pub fn words(offered: &Offered) -> String {
    match offered {
        Offered::Published => "published".to_owned(),
        Offered::Pending { valid, needed } => format!("{valid} of {needed} keys have signed"),
    }
}

fn read(path: &Path, report: &Report) -> anyhow::Result<(New, Root)> {
    const NO_BUNDLE: &str = "give it a file that `ekiben build` made";
    let shown = path.display();
    let bundle = Bundle::open(path).or_fail(format!("could not open the bundle `{shown}`"), NO_BUNDLE)?;
    let index = check::verify(&bundle, report).or_fail(format!("the bundle `{shown}` is damaged"), NO_BUNDLE)?;
    let record = bundle.record();
    let Some(update) = &record.settings.update else {
        return Err(Failure::new(format!("`{shown}` was built without [tool.ekiben.update]"))
            .help("it could never update itself: configure that, and build it again (docs/UPDATES.md)")
            .into());
    };
    let root = Root::parse(&place::root(1), update.root.as_bytes())
        .or_fail(format!("`{shown}` has no usable root"), "build it again")?;
    if root.app != record.app.id {
        return Err(Failure::new(format!("the root in `{shown}` is for another app, `{}`", root.app.as_str()))
            .help("each app has keys and a release folder of its own")
            .into());
    }
    Version::new(&record.app.version)
        .or_fail(format!("`{shown}` can't be released"), "give the project a version such as 1.4.0")?;
    let described = file::describe(&bundle, &index)?;
    let new =
        New { path: path.to_owned(), version: record.app.version.clone(), target: record.target.clone(), described };
    Ok((new, root))
}

/// The channel after the change, its serial and times as they were.
fn changed(before: Option<&Channel>, root: &Root, change: &Change, new: &[New]) -> anyhow::Result<Channel> {
    let mut channel = before.cloned().unwrap_or_else(|| Channel {
        format: FORMAT,
        kind: Channel::KIND.to_owned(),
        app: root.app.clone(),
        channel: change.channel.clone(),
        root: root.number,
        serial: 0,
        published: 0,
        expires: LASTS,
        minimum: None,
        withdrawn: Vec::new(),
        releases: Vec::new(),
    });
    for new in new {
        insert(&mut channel, new)?;
    }
    let newest = channel.releases.last().map(|release| release.version.clone());
    let meant: Vec<String> =
        if new.is_empty() { newest.into_iter().collect() } else { new.iter().map(|new| new.version.clone()).collect() };
    for release in channel.releases.iter_mut().filter(|release| meant.contains(&release.version)) {
        release.critical |= change.critical;
        if let Some(percent) = change.percent {
            let salt = release.version.clone();
            let start = release.rollout.as_ref().map_or_else(now, |rollout| rollout.start);
            release.rollout = (percent < 100).then_some(Rollout { percent, salt, start });
        }
    }
    if let Some(minimum) = &change.minimum {
        Version::new(minimum)?;
        channel.minimum = Some(minimum.clone());
    }
    for withdrawn in &change.withdraw {
        let version = Version::new(withdrawn)?;
        let known = |release: &Release| Version::new(&release.version).is_ok_and(|known| known == version);
        if !channel.releases.iter().any(known) {
            return Err(Failure::new(format!("there is no version {withdrawn} in the channel `{}`", channel.channel))
                .help("`ekiben release status` lists the versions")
                .into());
        }
        if !channel.withdrawn.iter().any(|other| Version::new(other).is_ok_and(|other| other == version)) {
            channel.withdrawn.push(withdrawn.clone());
        }
    }
    if let Some(lasts) = change.lasts {
        channel.expires = channel.published.saturating_add(lasts);
    }
    Ok(channel)
}

/// Adds one bundle, unless it is there.
fn insert(channel: &mut Channel, new: &New) -> anyhow::Result<()> {
    let refuse = |what: String, help: &str| Err(Failure::new(what).help(help).into());
    let version = Version::new(&new.version)?;
    let (name, target) = (&new.version, &new.target);
    if channel.withdrawn.iter().any(|other| Version::new(other).is_ok_and(|other| other == version)) {
        return refuse(format!("version {name} was withdrawn"), "give the project a new version");
    }
    let newest = channel.releases.iter().filter_map(|release| Version::new(&release.version).ok()).max();
    if let Some(release) =
        channel.releases.iter_mut().find(|release| Version::new(&release.version).is_ok_and(|v| v == version))
    {
        return match release.files.get(target) {
            Some(there) if there.sha256 == new.described.sha256 => Ok(()),
            Some(_) => refuse(
                format!("version {name} for {target} is published already, with other bytes"),
                "a published version never changes: give the project a new version",
            ),
            None => {
                release.files.insert(target.clone(), new.described.clone());
                Ok(())
            }
        };
    }
    if let Some(newest) = newest.filter(|newest| *newest > version) {
        return refuse(
            format!("version {name} is older than {newest}, which is published in the channel `{}`", channel.channel),
            "a channel goes forward only: withdraw the newer one, and publish this under a higher version",
        );
    }
    let files = [(target.clone(), new.described.clone())].into();
    channel.releases.push(Release { version: name.clone(), critical: false, rollout: None, files });
    Ok(())
}

/// Copies what is not there yet, and checks what is there under the name of a new one.
fn copy_all(folder: &Folder, new: &[New]) -> anyhow::Result<()> {
    for new in new {
        let to = folder.file(new.described.path.as_str());
        if !is_there(&to, &new.described)? {
            folder::copy(&new.path, &to)?;
            anyhow::ensure!(is_there(&to, &new.described)?, "`{}` was changed while it was copied", new.path.display());
        }
    }
    Ok(())
}

/// Whether the file is in its place.
fn is_there(path: &Path, file: &ReleasedFile) -> anyhow::Result<bool> {
    match File::open(path) {
        Ok(opened) => Ok(file::digest_of(&opened)? == (file.len, file.sha256)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}
