//! Small bundles made by hand: the real writer, around files that a test states.
//!
//! Everything that tests build without the builder starts here. [`crate::forged`] takes such a bundle apart, to change what the
//! writer would never write.

use std::io;
use std::path::{Path, PathBuf};

use bundle::entry_path::{EntryPath, UnsafePath};
use bundle::frame::{Item, Position, pack};
use bundle::index::EntryKind;
use bundle::record::{App, AppId, LaunchRecord, Settings, Start};
use bundle::writer::Writer;

/// What a bundle holds at one path.
#[derive(Debug, Clone)]
pub struct Entry {
    path: String,
    kind: EntryKind,
    content: Vec<u8>,
}

impl Entry {
    /// A regular file.
    pub fn file(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self::regular(path.into(), content.into(), false)
    }

    /// A file that may be executed.
    pub fn program(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self::regular(path.into(), content.into(), true)
    }

    /// An empty directory.
    pub fn directory(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: EntryKind::Directory, content: Vec::new() }
    }

    /// A symbolic link.
    pub fn symlink(path: impl Into<String>, target: impl Into<String>) -> Self {
        Self { path: path.into(), kind: EntryKind::Symlink { target: target.into() }, content: Vec::new() }
    }

    fn regular(path: String, content: Vec<u8>, executable: bool) -> Self {
        Self { path, kind: EntryKind::File { size: content.len() as u64, executable }, content }
    }

    /// As the packer takes it: its content in a file of `directory`.
    fn item(&self, directory: &Path) -> io::Result<Item> {
        let path = EntryPath::new(&self.path).map_err(invalid)?;
        let source = match self.kind {
            EntryKind::File { .. } => directory.join(self.path.replace('/', "-")),
            _ => PathBuf::new(),
        };
        if matches!(self.kind, EntryKind::File { .. }) {
            std::fs::write(&source, &self.content)?;
        }
        Ok(Item { path, kind: self.kind.clone(), source })
    }
}

/// A bundle to be written: its launch record, which a test may change, and its layers.
#[derive(Debug, Clone)]
pub struct Handmade {
    /// What to start. [`Handmade::new`] says `python` with the script `start.py`, no options, and all settings as they are
    /// without any.
    pub record: LaunchRecord,
    layers: Vec<(String, Vec<Vec<Entry>>)>,
    level: i32,
}

impl Handmade {
    /// A bundle without layers.
    ///
    /// # Panics
    /// When `id` can't be the id of an app: the test is wrong.
    #[expect(clippy::expect_used, reason = "the caller's own words")]
    pub fn new(id: &str, version: &str) -> Self {
        let path = |path: &str| EntryPath::new(path).expect("a valid path");
        let id = AppId::new(id).expect("a valid id");
        let record = LaunchRecord {
            app: App { name: id.as_str().to_owned(), id, version: version.to_owned() },
            target: "x86_64-unknown-linux-gnu".to_owned(),
            python: "3.13.2".to_owned(),
            runtime: "a shell script".to_owned(),
            glibc: None,
            entry_point: "start.py".to_owned(),
            start: Start {
                interpreter: path("python"),
                flags: Vec::new(),
                script: path("start.py"),
                windowed: false,
                environment: Vec::new(),
                commands: Vec::new(),
                programs: None,
                command_argument: false,
            },
            settings: Settings::default(),
        };
        Self { record, layers: Vec::new(), level: 1 }
    }

    /// With another interpreter and script than `python` and `start.py`.
    ///
    /// # Panics
    /// When one of them can't be a path in a bundle: the test is wrong.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the caller's own words")]
    pub fn starting(mut self, interpreter: &str, script: &str) -> Self {
        self.record.start.interpreter = EntryPath::new(interpreter).expect("a valid path");
        self.record.start.script = EntryPath::new(script).expect("a valid path");
        self
    }

    /// With a further layer of these frames.
    #[must_use]
    pub fn layer(mut self, name: &str, frames: impl IntoIterator<Item = Vec<Entry>>) -> Self {
        self.layers.push((name.to_owned(), frames.into_iter().collect()));
        self
    }

    /// Compressed at this level of zstd; 1 if nothing is said.
    #[must_use]
    pub fn level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }

    /// The bundle's bytes, behind this launcher.
    ///
    /// # Errors
    /// When an entry has a path that no bundle may hold, when the record is one that no reader takes, or when the
    /// directory for temporary files can't be written to.
    pub fn bytes(&self, launcher: &[u8]) -> io::Result<Vec<u8>> {
        let directory = tempfile::tempdir()?;
        let mut writer = Writer::new(Vec::new(), launcher)?;
        for (name, frames) in &self.layers {
            writer.layer(name);
            for (number, entries) in frames.iter().enumerate() {
                let items: Vec<_> =
                    entries.iter().map(|entry| entry.item(directory.path())).collect::<io::Result<_>>()?;
                writer.frame(pack(&items, Position::new(number, frames.len()), self.level)?)?;
            }
        }
        Ok(writer.finish(&self.record)?.1)
    }
}

fn invalid(error: UnsafePath) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error.to_string())
}
