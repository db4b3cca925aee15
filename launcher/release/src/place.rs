//! The names of the files in a release folder. Bundles have the names that a channel gives them ([`crate::ReleasedFile`]).

use std::fmt;

use bundle::record::AppId;
use serde::{Deserialize, Serialize};

/// A root's metadata.
pub fn root(number: u32) -> String {
    format!("root/{number}.json")
}

/// A channel's metadata.
pub fn channel(name: &ChannelName) -> String {
    format!("{}.json", name.as_str())
}

/// The signatures of a file.
pub fn signatures(file: &str) -> String {
    format!("{file}.minisig")
}

/// The most that is read of one file of metadata, or of its signatures.
pub const LONGEST_METADATA: u64 = 4 << 20;

/// A name for a channel that is safe as a file's on every system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

impl ChannelName {
    /// The channel of those who ask for none.
    pub const STABLE: &str = "stable";

    /// Checks a name: what names an app may name a channel, and `root` is a directory.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(name: &str) -> Result<Self, String> {
        if name == "root" || AppId::new(name).is_err() {
            return Err(format!("`{}` can't name a channel: use a-z, 0-9, `-`, `_` and `.`", name.escape_default()));
        }
        Ok(Self(name.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChannelName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::new(&name)
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
