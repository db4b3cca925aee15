//! Roots: the publisher's keys, and how many of them must sign. Root 1 is part of a bundle; each later one is signed by the keys of
//! the one before it and by its own.

use bundle::record::AppId;
use serde::{Deserialize, Serialize};

use crate::key::{PublicKey, Signatures};
use crate::{FORMAT, Refused, place};

/// The keys of an app's publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Root {
    /// [`FORMAT`].
    format: u32,
    kind: Kind,
    /// Which app they are for.
    pub app: AppId,
    /// Counted from 1.
    pub number: u32,
    /// How many keys must sign.
    pub threshold: usize,
    /// All keys, each a different one.
    pub keys: Vec<PublicKey>,
}

/// So that a signed file of another kind is not taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Root,
}

/// As it stands in the JSON.
#[derive(Deserialize)]
struct Unchecked {
    format: u32,
    #[serde(rename = "kind")]
    _kind: Kind,
    app: AppId,
    number: u32,
    threshold: usize,
    keys: Vec<PublicKey>,
}

/// Most keys of one root.
const MOST_KEYS: usize = 32;

impl TryFrom<Unchecked> for Root {
    type Error = String;

    fn try_from(unchecked: Unchecked) -> Result<Self, String> {
        let Unchecked { format, _kind: Kind::Root, app, number, threshold, keys } = unchecked;
        if format != FORMAT {
            return Err(format!("format version {format}, and this ekiben understands version {FORMAT} only"));
        }
        Self::new(app, number, threshold, keys)
    }
}

impl Root {
    /// A root with these keys.
    ///
    /// # Errors
    /// When nobody could sign with them, or fewer than it seems.
    pub fn new(app: AppId, number: u32, threshold: usize, keys: Vec<PublicKey>) -> Result<Self, String> {
        let twice = keys.iter().enumerate().find(|(at, key)| keys.iter().take(*at).any(|other| other.is_same_key(key)));
        if let Some((_, key)) = twice {
            return Err(format!("the key `{key}` is listed twice"));
        }
        if number == 0 || keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(format!(
                "root {number} with {} keys: there is at least one, and at most {MOST_KEYS}",
                keys.len()
            ));
        }
        if threshold == 0 || threshold > keys.len() {
            return Err(format!("a threshold of {threshold} with {} keys", keys.len()));
        }
        Ok(Self { format: FORMAT, kind: Kind::Root, app, number, threshold, keys })
    }

    /// The root after this one: signed by the threshold of these keys, and by its own.
    ///
    /// # Errors
    /// When it isn't.
    pub fn next(&self, bytes: &[u8], signatures: &[u8]) -> Result<Self, Refused> {
        let number = self.number.saturating_add(1);
        let name = place::root(number);
        let signatures = Signatures::parse(&place::signatures(&name), signatures)?;
        signatures.require(&self.keys, self.threshold, &name, bytes)?;
        let next = Self::parse(&name, bytes)?;
        if next.app != self.app {
            return Err(Refused::Another {
                file: name,
                what: "the app",
                found: next.app.as_str().to_owned(),
                expected: self.app.as_str().to_owned(),
            });
        }
        if next.number != number {
            return Err(Refused::Another {
                file: name,
                what: "root",
                found: next.number.to_string(),
                expected: number.to_string(),
            });
        }
        signatures.require(&next.keys, next.threshold, &name, bytes)?;
        Ok(next)
    }

    /// Reads one. Whoever gets it from elsewhere than a bundle has to know that it is the right one.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(bytes)
            .map_err(|error| Refused::Malformed { file: name.to_owned(), why: shown(&error.to_string()) })
    }

    /// Passes if enough of these keys have signed `bytes`, which are the file `name`.
    ///
    /// # Errors
    /// How many have.
    pub fn require(&self, name: &str, bytes: &[u8], signatures: &[u8]) -> Result<(), Refused> {
        Signatures::parse(&place::signatures(name), signatures)?.require(&self.keys, self.threshold, name, bytes)
    }
}

/// What serde_json says may hold any text of the file's.
pub(crate) fn shown(text: &str) -> String {
    bundle::text::shown(text).into_owned()
}
