//! `self info`: what this file is, and where it is installed.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::PathValue;
use super::{Answer, SelfCommand, json, wording};
use crate::install::places::{Candidate, Needed};
use crate::install::version::disk_use::disk_use;
use crate::sys::processes;

pub(super) fn run(command: &SelfCommand<'_>) -> Answer {
    let facts = Facts::new(command);
    let text = if command.options.has("--json") { facts.json(command) } else { facts.text(command) };
    Answer { text, code: 0 }
}

#[derive(Serialize)]
struct InfoAnswer<'a> {
    app: AppAnswer<'a>,
    target: &'a str,
    python: &'a str,
    entry_point: &'a str,
    bundle: BundleAnswer,
    root: Option<RootAnswer>,
    installed: bool,
    version_dir: Option<PathValue>,
    installed_versions: Vec<VersionAnswer>,
    disk_use: u64,
}

#[derive(Serialize)]
struct AppAnswer<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct BundleAnswer {
    path: PathValue,
    size: u64,
    digest: String,
}

#[derive(Serialize)]
struct RootAnswer {
    place: String,
    path: PathValue,
}

#[derive(Serialize)]
struct VersionAnswer {
    path: PathValue,
    size: u64,
    in_use: bool,
    processes: Vec<u32>,
    /// Whether it is the version that this bundle starts.
    this: bool,
}

struct Facts {
    bundle_size: u64,
    /// Where it is installed, or would be.
    chosen: Option<Candidate>,
    /// Its version dir, if that is there.
    version_dir: Option<std::path::PathBuf>,
    versions: Vec<Version>,
    disk_use: u64,
}

/// An installed version, of any root of this app.
pub(super) struct Version {
    pub(super) path: std::path::PathBuf,
    pub(super) size: u64,
    pub(super) is_in_use: bool,
    pub(super) processes: Vec<processes::Process>,
}

impl Facts {
    fn new(command: &SelfCommand<'_>) -> Self {
        let bundle = command.bundle;
        let roots = command.roots();
        // Let go at once: this process is no user of the version.
        let installed = roots.find(bundle).map(|found| (found.candidate, found.version_dir));
        let (chosen, version_dir) = match installed {
            Some((candidate, version_dir)) => (Some(candidate), Some(version_dir)),
            None => {
                let needed =
                    bundle.index().map_or_else(|_| Needed::default(), |index| Needed::from_bundle(bundle, &index));
                (roots.all().into_iter().find(|candidate| candidate.assess(needed).is_ok()), None)
            }
        };
        let is_listed = |candidate: &Candidate| candidate.is_there() && candidate.is_safe();
        let there: Vec<Candidate> = roots.all().into_iter().filter(is_listed).collect();
        Self {
            bundle_size: bundle.file_len().unwrap_or_default(),
            chosen,
            version_dir,
            versions: versions(&there),
            disk_use: once(there.iter().map(|candidate| candidate.root.path())).into_iter().map(disk_use).sum(),
        }
    }

    fn json(&self, command: &SelfCommand<'_>) -> String {
        let (bundle, record) = (command.bundle, command.bundle.record());
        let version = |version: &Version| VersionAnswer {
            path: version.path.as_path().into(),
            size: version.size,
            in_use: version.is_in_use,
            processes: version.processes.iter().map(|process| process.id).collect(),
            this: Some(&version.path) == self.version_dir.as_ref(),
        };
        json::line(&InfoAnswer {
            app: AppAnswer { id: record.app.id.as_str(), name: &record.app.name, version: &record.app.version },
            target: &record.target,
            python: &record.python,
            entry_point: &record.entry_point,
            bundle: BundleAnswer {
                path: command.own_path.into(),
                size: self.bundle_size,
                digest: bundle.digest().to_string(),
            },
            root: self
                .chosen
                .as_ref()
                .map(|candidate| RootAnswer { place: candidate.place.to_string(), path: candidate.root.path().into() }),
            installed: self.version_dir.is_some(),
            version_dir: self.version_dir.as_deref().map(PathValue::from),
            installed_versions: self.versions.iter().map(version).collect(),
            disk_use: self.disk_use,
        })
    }

    fn text(&self, command: &SelfCommand<'_>) -> String {
        let (bundle, record) = (command.bundle, command.bundle.record());
        let mut text = String::new();
        let root = self.chosen.as_ref().map_or_else(
            || "none that could take it: `self doctor` tells why".to_owned(),
            |candidate| format!("{} ({})", wording::path(candidate.root.path()), candidate.place),
        );
        for (name, value) in [
            ("app", format!("{} {}", record.app.name, record.app.version)),
            ("target", record.target.clone()),
            ("python", record.python.clone()),
            ("entry point", record.entry_point.clone()),
            ("bundle", format!("{}, {}", wording::path(command.own_path), wording::size(self.bundle_size))),
            ("digest", bundle.digest().to_string()),
            ("root", root),
            ("installed", self.version_dir.as_deref().map_or_else(|| "no".to_owned(), wording::path)),
            ("disk use", wording::size(self.disk_use)),
        ] {
            let _ = writeln!(text, "{name:12} {value}");
        }
        if !self.versions.is_empty() {
            text.push_str("versions\n");
        }
        for version in &self.versions {
            text.push_str(&version.line());
        }
        text
    }
}

/// All versions in these roots.
pub(super) fn versions(roots: &[Candidate]) -> Vec<Version> {
    let paths = once(roots.iter().flat_map(|candidate| candidate.root.installed()));
    let version = |path: std::path::PathBuf| Version {
        size: disk_use(&path),
        is_in_use: crate::install::is_in_use(&path),
        processes: processes::users(&path).unwrap_or_default(),
        path,
    };
    paths.into_iter().map(version).collect()
}

/// Two places may be the same directory.
fn once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

impl Version {
    pub(super) fn line(&self) -> String {
        let used = match (self.is_in_use, self.processes.is_empty()) {
            (false, true) => String::new(),
            (true, true) => ", in use".to_owned(),
            (_, false) => format!(", in use by {}", wording::processes(&self.processes)),
        };
        format!("  {}, {}{used}\n", wording::path(&self.path), wording::size(self.size))
    }
}
