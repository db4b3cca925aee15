//! `[tool.ekiben.update]`: where the app's updates come from, and whose signatures count.

use std::path::Path;

use anyhow::Context as _;
use bundle::record::{AppId, Policy, Update};
use release::place::{self, ChannelName};
use release::source::Source;
use release::{PublicKey, Root};

use super::document::{Located, Table};
use crate::report::failure::{Failure, Help as _};

/// Every key.
pub(super) const KEYS: &[&str] = &["source", "channel", "keys", "threshold", "root", "policy", "interval"];
/// In hours.
const INTERVAL: u32 = 24;

/// What the table says.
#[derive(Debug, Clone)]
pub struct UpdateSettings {
    source: String,
    channel: ChannelName,
    keys: Keys,
    policy: Policy,
    interval: u32,
}

/// Whose signatures count.
#[derive(Debug, Clone)]
enum Keys {
    /// Root 1, as it stands here.
    Listed(Vec<PublicKey>, usize),
    /// A root's file.
    File(Located<String>),
}

impl UpdateSettings {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        let source = required(table.string("source")?, "source", "source = \"https://example.com/updates\"")?;
        Source::parse(&source.value).map_err(|why| {
            source
                .place
                .failure(why)
                .help("write an https address, `file:///path` or `\\\\server\\share\\path`: docs/UPDATES.md lists all")
        })?;
        let channel = match table.string("channel")? {
            Some(name) => ChannelName::new(&name.value).map_err(|why| name.place.failure(why))?,
            None => ChannelName::new(ChannelName::STABLE).map_err(Failure::new)?,
        };
        let policy = match table.string("policy")? {
            None => Policy::Manual,
            Some(name) => match name.value.as_str() {
                "manual" => Policy::Manual,
                "notify" => Policy::Notify,
                "automatic" => Policy::Automatic,
                other => {
                    let failure = name.place.failure(format!("`policy` can't be `{other}`"));
                    return Err(failure.help("it is `manual`, `notify` or `automatic`"));
                }
            },
        };
        let interval = table.count("interval", 1)?.unwrap_or(INTERVAL);
        Ok(Self { source: source.value, channel, keys: keys(table)?, policy, interval })
    }

    /// As it stands in the launch record of the app `id`, whose project is in `directory`.
    ///
    /// # Errors
    /// When the root's file can't be read, or is for another app.
    pub fn for_app(&self, id: &AppId, directory: &Path) -> anyhow::Result<Update> {
        let root = match &self.keys {
            Keys::Listed(keys, threshold) => Root::new(id.clone(), 1, *threshold, keys.clone()).map_err(|why| {
                Failure::new(format!("`keys` of [tool.ekiben.update]: {why}")).help("list each key once")
            })?,
            Keys::File(file) => {
                let path = directory.join(&file.value);
                let unusable = || format!("could not use the root `{}`", path.display());
                let bytes = std::fs::read(&path).with_context(unusable);
                let help = "name a file `root/N.json` of the release folder";
                let root =
                    bytes.and_then(|bytes| Ok(Root::parse(&place::root(1), &bytes)?)).or_fail(unusable(), help)?;
                if root.app != *id {
                    let failure =
                        file.place.failure(format!("`{}` is the root of `{}`", path.display(), root.app.as_str()));
                    return Err(failure.help(format!("this app is `{}`", id.as_str())).into());
                }
                root
            }
        };
        Ok(Update {
            source: self.source.clone(),
            channel: self.channel.as_str().to_owned(),
            policy: self.policy,
            interval: self.interval,
            root: serde_json::to_string(&root)?,
        })
    }
}

fn keys(table: &Table<'_>) -> Result<Keys, Failure> {
    let listed = table.strings("keys")?;
    if let Some(file) = table.string("root")? {
        if !listed.is_empty() || table.has("threshold") {
            return Err(file
                .place
                .failure("`root` says which keys there are, and so do `keys` and `threshold`")
                .help("remove one of them"));
        }
        return Ok(Keys::File(file));
    }
    let threshold = table.count("threshold", 1)?.unwrap_or(1);
    let key = |key: Located<String>| {
        PublicKey::new(&key.value)
            .map_err(|refused| key.place.failure(refused).help("`ekiben keygen` prints the line that belongs here"))
    };
    let keys: Vec<_> = listed.into_iter().map(key).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        // Without keys, everything would be accepted, or nothing.
        return Err(Failure::new("[tool.ekiben.update] has no `keys`")
            .help("`ekiben keygen` makes a key and prints the line that belongs here"));
    }
    Ok(Keys::Listed(keys, threshold as usize))
}

fn required(value: Option<Located<String>>, key: &str, example: &str) -> Result<Located<String>, Failure> {
    value.ok_or_else(|| Failure::new(format!("[tool.ekiben.update] has no `{key}`")).help(format!("write `{example}`")))
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    fn read(text: &str) -> Result<UpdateSettings, String> {
        let document = Document::parse(Path::new("ekiben.toml"), text).unwrap();
        UpdateSettings::read(&document.root()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_table_becomes_a_part_of_the_launch_record() {
        let settings = read(&format!("source = \"https://a.b/c\"\nkeys = [\"{KEY}\"]\npolicy = \"notify\"")).unwrap();
        let update = settings.for_app(&AppId::new("app").unwrap(), Path::new("")).unwrap();
        assert_eq!(
            (update.source.as_str(), update.channel.as_str(), update.policy),
            ("https://a.b/c", "stable", Policy::Notify)
        );
        assert_eq!(update.interval, 24);
        let root = Root::parse("root", update.root.as_bytes()).unwrap();
        assert_eq!((root.number, root.threshold, root.keys[0].as_str()), (1, 1, KEY));
    }

    #[test]
    fn what_would_leave_an_app_without_protection_is_refused() {
        let keys = format!("keys = [\"{KEY}\"]");
        for (text, complaint) in [
            (keys.clone(), "[tool.ekiben.update] has no `source`"),
            ("source = \"https://a\"".to_owned(), "[tool.ekiben.update] has no `keys`"),
            ("source = \"https://a\"\nkeys = []".to_owned(), "[tool.ekiben.update] has no `keys`"),
            ("source = \"https://a\"\nkeys = [\"x\"]".to_owned(), "ekiben.toml:2: `x` is not a minisign public key"),
            (
                format!("source = \"http://a\"\n{keys}"),
                "ekiben.toml:1: `http://a` is not an https address or an absolute path",
            ),
            (
                format!("source = \"https://a\"\n{keys}\npolicy = \"always\""),
                "ekiben.toml:3: `policy` can't be `always`",
            ),
            (
                format!("source = \"https://a\"\n{keys}\nroot = \"r\""),
                "ekiben.toml:3: `root` says which keys there are, and so do `keys` and `threshold`",
            ),
            (
                format!("source = \"https://a\"\n{keys}\nchannel = \"../x\""),
                "ekiben.toml:3: `../x` can't name a channel: use a-z, 0-9, `-`, `_` and `.`",
            ),
        ] {
            assert_eq!(read(&text).unwrap_err(), complaint);
        }
        let twice = read(&format!("source = \"https://a\"\nkeys = [\"{KEY}\", \"{KEY}\"]")).unwrap();
        assert!(twice.for_app(&AppId::new("app").unwrap(), Path::new("")).is_err());
    }
}
