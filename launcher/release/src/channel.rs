//! A channel: the versions that its clients may install, and what each file of them is.

use std::collections::BTreeMap;

use bundle::Digest;
use bundle::entry_path::EntryPath;
use bundle::record::AppId;
use serde::{Deserialize, Serialize};

use crate::place::ChannelName;
use crate::rollout::Rollout;
use crate::root::shown;
use crate::{FORMAT, Refused, Root, Version, place};

/// The versions of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// [`FORMAT`].
    pub format: u32,
    /// [`Channel::KIND`].
    pub kind: String,
    /// Which app it is for.
    pub app: AppId,
    /// Its own name.
    pub channel: ChannelName,
    /// The number of the root whose keys have signed it.
    pub root: u32,
    /// Grows with each change, as long as the root stays.
    pub serial: u64,
    /// Seconds since 1970: when it was signed.
    pub published: u64,
    /// Seconds since 1970: from then on nobody believes it.
    pub expires: u64,
    /// The oldest version that may still be installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// Versions that must not be installed, and that clients leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
    /// The versions, oldest first.
    pub releases: Vec<Release>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// As the bundles have it.
    pub version: String,
    /// Users should have it soon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
    /// Which part of all machines gets it; all, if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// One bundle for each target.
    pub files: BTreeMap<String, ReleasedFile>,
}

/// One bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedFile {
    /// Where it is, from the release folder.
    pub path: EntryPath,
    /// Length of the whole file.
    pub len: u64,
    /// Of the whole file.
    pub sha256: Digest,
    /// What names its payload.
    pub digest: Digest,
    /// Where the payload starts.
    pub payload: u64,
    /// From here on it is worth fetching all in one go: application frames, index, launch record, footer.
    pub tail: u64,
    /// Of the index as stored.
    pub index: Digest,
    /// The first 16 hexadecimal digits of the SHA-256 of each [`BLOCK`] before the payload, one after another.
    pub blocks: String,
}

/// Length of a block of the launcher.
pub const BLOCK: u64 = 16 * 1024;

/// What a client knows before it asks.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The newest root.
    pub root: &'a Root,
    /// The channel that it wants.
    pub channel: &'a ChannelName,
    /// The newest metadata that it has seen.
    pub seen: Seen,
    /// Seconds since 1970. The caller's clock never goes back.
    pub now: u64,
}

/// The newest metadata of a channel that a client has seen. A new root begins a new count of serials, so that one which was set
/// too high can be left behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seen {
    /// The number of the root that it named.
    pub root: u32,
    /// Its serial.
    pub serial: u64,
}

/// Who asks for a version.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// The version it has.
    pub version: &'a Version,
    /// What names the payload it has.
    pub digest: Digest,
    /// Its target.
    pub target: &'a str,
    /// What stays the same on this machine: see [`Rollout::includes`].
    pub machine: &'a str,
    /// Payloads that did not start here, and are not tried again.
    pub bad: &'a [Digest],
    /// Seconds since 1970.
    pub now: u64,
}

impl Channel {
    /// What tells a channel from other signed files.
    pub const KIND: &str = "channel";
    /// The highest serial. A number that every JSON reader can hold.
    pub const LAST_SERIAL: u64 = (1 << 53) - 1;

    /// Checks a channel's metadata: signatures, app, channel, serial, expiry, in this order.
    ///
    /// # Errors
    /// Which of these is wrong.
    pub fn verify(bytes: &[u8], signatures: &[u8], known: Known<'_>) -> Result<Self, Refused> {
        let name = place::channel(known.channel);
        let another = |what, found: &str, expected: &str| {
            Err(Refused::Another { file: name.clone(), what, found: shown(found), expected: expected.to_owned() })
        };
        known.root.require(&name, bytes, signatures)?;
        let channel = Self::parse(&name, bytes)?;
        if channel.app != known.root.app {
            return another("the app", channel.app.as_str(), known.root.app.as_str());
        }
        if channel.channel != *known.channel {
            return another("the channel", channel.channel.as_str(), known.channel.as_str());
        }
        let (found, seen) = (channel.seen(), known.seen);
        if found < seen || channel.root != known.root.number {
            return Err(Refused::Older {
                file: name,
                root: found.root,
                serial: found.serial,
                seen_root: seen.root.max(known.root.number),
                seen_serial: seen.serial,
            });
        }
        if channel.expires <= known.now {
            return Err(Refused::Expired { file: name, late: known.now - channel.expires });
        }
        Ok(channel)
    }

    /// Reads one whose signatures were checked, or that is one's own.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let malformed = |why: String| Refused::Malformed { file: name.to_owned(), why: shown(&why) };
        let format = Named::of(name, bytes)?.format;
        if format != FORMAT {
            return Err(Refused::UnknownFormat { file: name.to_owned(), found: format });
        }
        let channel: Self = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        if channel.kind != Self::KIND {
            return Err(Refused::Another {
                file: name.to_owned(),
                what: "the kind",
                found: shown(&channel.kind),
                expected: Self::KIND.to_owned(),
            });
        }
        if channel.serial > Self::LAST_SERIAL {
            return Err(malformed(format!("a serial over {}", Self::LAST_SERIAL)));
        }
        match channel.releases.iter().find_map(Release::objection) {
            Some(why) => Err(malformed(why)),
            None => Ok(channel),
        }
    }

    /// The number of the root that has signed a channel, by its own words: nothing has been checked. It only tells a client how
    /// many roots to ask for, each of which has to be signed.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn root_it_names(name: &str, bytes: &[u8]) -> Result<u32, Refused> {
        Named::of(name, bytes).map(|named| named.root)
    }

    /// Where it stands in the order of what a client sees.
    pub fn seen(&self) -> Seen {
        Seen { root: self.root, serial: self.serial }
    }

    /// The version that a client should have: the newest that is allowed and whose roll-out has reached it. `None` if that is
    /// the one it has. A client whose own version was withdrawn gets an older one, if there is no newer.
    ///
    /// # Errors
    /// When a version can't be read.
    pub fn choose(&self, client: Client<'_>) -> Result<Option<(&Release, &ReleasedFile)>, Refused> {
        let is_withdrawn = self.is_withdrawn(client.version)?;
        let mut best: Option<(Version, &Release, &ReleasedFile)> = None;
        for release in &self.releases {
            let version = Version::new(&release.version)?;
            let Some(file) = release.files.get(client.target) else { continue };
            let reaches = release.rollout.as_ref().is_none_or(|rollout| rollout.includes(client.machine, client.now));
            if !reaches || client.bad.contains(&file.digest) || self.allows(&version).is_err() {
                continue;
            }
            if best.as_ref().is_none_or(|(newest, ..)| version > *newest) {
                best = Some((version, release, file));
            }
        }
        Ok(best
            .filter(|(version, _, file)| file.digest != client.digest && (version > client.version || is_withdrawn))
            .map(|(_, release, file)| (release, file)))
    }

    /// A version that somebody asks for by name, whatever its roll-out.
    ///
    /// # Errors
    /// When there is none, or it is not allowed.
    pub fn find(&self, wanted: &Version, target: &str) -> Result<(&Release, &ReleasedFile), Refused> {
        self.allows(wanted)?;
        for release in &self.releases {
            if Version::new(&release.version)? == *wanted
                && let Some(file) = release.files.get(target)
            {
                return Ok((release, file));
            }
        }
        Err(Refused::NoSuchVersion { version: wanted.to_string(), target: target.to_owned() })
    }

    /// Whether a version may be installed.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, version: &Version) -> Result<(), Refused> {
        if self.is_withdrawn(version)? {
            return Err(Refused::Withdrawn(version.to_string()));
        }
        match &self.minimum {
            Some(minimum) if *version < Version::new(minimum)? => {
                Err(Refused::BelowMinimum { version: version.to_string(), minimum: minimum.clone() })
            }
            _ => Ok(()),
        }
    }

    fn is_withdrawn(&self, version: &Version) -> Result<bool, Refused> {
        for withdrawn in &self.withdrawn {
            if Version::new(withdrawn)? == *version {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Release {
    /// What is wrong with it, if anything.
    fn objection(&self) -> Option<String> {
        if let Err(refused) = Version::new(&self.version) {
            return Some(refused.to_string());
        }
        let is_wrong = |file: &&ReleasedFile| {
            let digits = file.payload.div_ceil(BLOCK).checked_mul(BLOCK_DIGITS as u64);
            file.payload > file.tail
                || file.tail > file.len
                || digits != Some(file.blocks.len() as u64)
                || !file.blocks.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let wrong = self.files.values().find(is_wrong)?;
        Some(format!("the numbers of `{}` contradict each other", wrong.path))
    }
}

/// How many digits of a block's SHA-256 are listed. They save a download; what is right is decided by the SHA-256 of the file.
pub const BLOCK_DIGITS: usize = 16;

impl ReleasedFile {
    /// Whether these bytes are the `at`-th block before the payload.
    pub fn is_block(&self, at: usize, bytes: &[u8]) -> bool {
        let digits = self.blocks.get(at * BLOCK_DIGITS..(at + 1) * BLOCK_DIGITS);
        digits.is_some_and(|digits| Digest::of(bytes).to_string().starts_with(digits))
    }
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Named {
    format: u32,
    root: u32,
}

impl Named {
    fn of(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let malformed =
            |error: serde_json::Error| Refused::Malformed { file: name.to_owned(), why: shown(&error.to_string()) };
        serde_json::from_slice(bytes).map_err(malformed)
    }
}

/// A time span for people.
pub(crate) fn span(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
