//! The app that is updated: its bundle, where its releases come from, and what is remembered of them.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bundle::Bundle;
use bundle::record::Update;
use launcher::install::layout::InstallRoot;
use launcher::install::lock;
use release::place::{self, ChannelName};
use release::source::Source;
use release::{Root, Version};

use crate::call::Call;
use crate::error::UpdateError;
use crate::state::State;

/// An app, locked for one updater.
#[derive(Debug)]
pub struct Client {
    /// Where the app's bundle is.
    pub path: PathBuf,
    /// The bundle.
    pub bundle: Bundle,
    /// Its version.
    pub version: Version,
    /// Where releases come from.
    pub source: Source,
    /// Which of them.
    pub channel: ChannelName,
    /// The newest keys that are known.
    pub root: Root,
    /// Its install root.
    pub installed: InstallRoot,
    /// What is remembered.
    pub state: State,
    _lock: File,
}

impl Client {
    /// Opens it.
    ///
    /// # Errors
    /// When the bundle has no updates, or another updater is at work.
    pub fn open(call: &Call) -> Result<Self, UpdateError> {
        let bundle =
            Bundle::open(&call.bundle).map_err(|source| UpdateError::Bundle { path: call.bundle.clone(), source })?;
        let off = |what: String| UpdateError::Off { what };
        let record = bundle.record();
        let Some(Update { source, channel, root, .. }) = record.settings.update.clone() else {
            return Err(off("this app was built without updates".to_owned()));
        };
        let version = Version::new(&record.app.version)?;
        let source = Source::parse(&source).map_err(off)?;
        let channel = call.channel.clone().map_or_else(|| ChannelName::new(&channel), Ok).map_err(off)?;
        let baked = Root::parse(&place::root(1), root.as_bytes())?;

        let installed = InstallRoot::at(call.root.clone());
        let directory = installed.updates();
        std::fs::create_dir_all(&directory).map_err(UpdateError::disk("make", &directory))?;
        let lock = lock(&installed)?;
        let state = State::read(&installed.update_state());
        // A bundle can be newer than what is remembered, and the other way round.
        let remembered = state.root.as_deref().and_then(|text| Root::parse(&place::root(0), text.as_bytes()).ok());
        let root = match remembered.filter(|root| root.app == baked.app && root.number > baked.number) {
            Some(newer) => newer,
            None => baked,
        };
        let mut client =
            Self { path: call.bundle.clone(), bundle, version, source, channel, root, installed, state, _lock: lock };
        if client.state.remove_leftovers() {
            client.remember()?;
        }
        Ok(client)
    }

    /// The same, once no other updater is at work.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the other one takes too long.
    pub fn open_when_free(call: &Call, patience: Duration) -> Result<Self, UpdateError> {
        let begun = Instant::now();
        loop {
            match Self::open(call) {
                Err(UpdateError::Busy) if begun.elapsed() < patience => thread::sleep(Duration::from_millis(50)),
                result => return result,
            }
        }
    }

    /// Seconds since 1970, by a clock that never goes back behind what was signed.
    pub fn now(&self) -> u64 {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        system.max(self.state.latest)
    }

    /// Writes down what is to be remembered.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn remember(&self) -> Result<(), UpdateError> {
        self.state.write(&self.installed.update_state())
    }

    /// What stays the same on this machine, and that no other machine has.
    pub fn machine(&self) -> String {
        let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        if id.trim().is_empty() { self.state.machine.clone() } else { id.trim().to_owned() }
    }
}

/// Of two updaters, one works.
fn lock(installed: &InstallRoot) -> Result<File, UpdateError> {
    let path = installed.update_lock();
    let file = lock::open(&path).map_err(UpdateError::disk("lock", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(UpdateError::Busy),
        // A file system without locks: renames keep the app whole all the same.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}
