//! Small bundles for tests of installing.

use std::fs;
use std::path::{Path, PathBuf};

use super::Watcher;
use super::layout::InstallRoot;
use super::version::file_list::{self, Owner};
use bundle::LaunchRecord;
use bundle::entry_path::EntryPath;
use bundle::frame::{Item, Position, pack};
use bundle::index::EntryKind;
use bundle::record::{App, AppId, Settings, Start};
use bundle::writer::Writer;

/// Creates the directories of an install root.
pub(super) fn create(root: &InstallRoot) {
    for directory in [root.versions(), root.staging()] {
        fs::create_dir_all(directory).unwrap();
    }
}

/// The bytes of a bundle with one layer of these frames, each of files with these contents; `bin/…` is executable.
pub(super) fn bundle(scratch: &Path, version: &str, frames: &[&[(&str, &[u8])]]) -> Vec<u8> {
    let path = |path: &str| EntryPath::new(path).unwrap();
    let mut writer = Writer::new(Vec::new(), b"launcher").unwrap();
    writer.layer("runtime");
    for (number, files) in frames.iter().enumerate() {
        let item = |(name, content): &(&str, &[u8])| {
            let source = scratch.join(format!("source-{version}-{}", name.replace('/', "_")));
            fs::write(&source, content).unwrap();
            let kind = EntryKind::File { size: content.len() as u64, executable: name.starts_with("bin/") };
            Item { path: path(name), kind, source }
        };
        let items: Vec<_> = files.iter().map(item).collect();
        writer.frame(pack(&items, Position::new(number, frames.len()), 1).unwrap()).unwrap();
    }
    writer.finish(&record(version)).unwrap().1
}

pub(crate) fn record(version: &str) -> LaunchRecord {
    let path = |path: &str| EntryPath::new(path).unwrap();
    LaunchRecord {
        app: App { id: AppId::new("app").unwrap(), name: "App".to_owned(), version: version.to_owned() },
        target: String::new(),
        python: String::new(),
        runtime: String::new(),
        glibc: None,
        entry_point: String::new(),
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
    }
}

/// Somebody's, who publishes an app of this id.
pub(super) fn owner(app: &str) -> Owner {
    Owner::from_record(&LaunchRecord { app: App { id: AppId::new(app).unwrap(), ..record("1").app }, ..record("1") })
}

/// A version dir, sealed and empty.
pub(super) fn version_dir(path: &Path, owner: &Owner) {
    fs::create_dir(path).unwrap();
    file_list::begin(path, owner).unwrap();
    file_list::complete(path, &bundle::index::Index { layers: Vec::new() }, &|_| None).unwrap();
    super::version::seal::Seal::write(path).unwrap();
}

/// Hears nothing.
pub(super) struct Quiet;

impl Watcher for Quiet {
    fn waiting(&mut self) {}
    fn extracted(&mut self, _done: u64, _total: u64) {}
}

/// Every file below a directory with its content, sorted.
pub(super) fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match fs::symlink_metadata(&path).unwrap().is_dir() {
            true => found.extend(contents(&path)),
            false => found.push((path.clone(), fs::read(path).unwrap())),
        }
    }
    found.sort();
    found
}
