//! What a client remembers between checks. It lies in the install root, outside `versions/`. Losing it costs one full check, and no
//! protection that the metadata itself gives: the root in the bundle, signatures, expiry.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use bundle::Digest;
use launcher::sys::new_file;
use release::channel::Seen;
use serde::{Deserialize, Serialize};

use crate::error::UpdateError;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// [`State::FORMAT`].
    format: u32,
    /// The newest root, as its file has it. None: the one in the bundle.
    #[serde(default)]
    pub root: Option<String>,
    /// The newest metadata of each channel.
    #[serde(default)]
    pub seen: BTreeMap<String, Seen>,
    /// The latest time that was signed. The clock never goes back behind it.
    #[serde(default)]
    pub latest: u64,
    /// Payloads that did not start here.
    #[serde(default)]
    pub bad: Vec<Digest>,
    /// Stands for this machine where it has no id of its own.
    pub machine: String,
    /// What was replaced last.
    #[serde(default)]
    pub previous: Option<Previous>,
    /// Files that this updater has made beside the bundle, and that have to go.
    #[serde(default)]
    pub leftovers: Vec<PathBuf>,
}

/// A bundle that was replaced, and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its version.
    pub version: String,
    /// Of the whole file.
    pub sha256: Digest,
}

impl State {
    const FORMAT: u32 = 1;

    /// What is remembered at `path`; if that is nothing, or can't be read, a new state.
    pub fn read(path: &Path) -> Self {
        let found = fs::read(path).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        found.filter(|state| state.format == Self::FORMAT).unwrap_or_else(|| Self {
            format: Self::FORMAT,
            root: None,
            seen: BTreeMap::new(),
            latest: 0,
            bad: Vec::new(),
            // std seeds its hash maps from the system's random numbers.
            machine: format!("{:016x}", RandomState::new().build_hasher().finish()),
            previous: None,
            leftovers: Vec::new(),
        })
    }

    /// Removes leftovers, as far as nobody runs them (Windows). Whether something has changed.
    pub fn remove_leftovers(&mut self) -> bool {
        let before = self.leftovers.len();
        self.leftovers.retain(|path| {
            let is_gone = |error: io::Error| error.kind() == io::ErrorKind::NotFound;
            !fs::remove_file(path).map_or_else(is_gone, |()| true)
        });
        self.leftovers.len() != before
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When it can't be written. What was remembered before still is.
    pub fn write(&self, path: &Path) -> Result<(), UpdateError> {
        let written = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        written.and_then(|text| new_file::replace(path, &text)).map_err(UpdateError::disk("write", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_remembered_and_what_is_damaged_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let mut state = State::read(&path);
        state.seen.insert("stable".to_owned(), Seen { root: 2, serial: 7 });
        state.latest = 5;
        state.write(&path).unwrap();
        assert_eq!(State::read(&path), state);
        for damaged in ["", "{", "{\"format\": 2, \"machine\": \"x\"}"] {
            fs::write(&path, damaged).unwrap();
            assert_eq!((State::read(&path).seen.len(), State::read(&path).latest), (0, 0), "{damaged}");
        }
    }
}
