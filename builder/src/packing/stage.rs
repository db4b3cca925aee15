//! Stage: decides where each file goes in the version dir, layer by layer. Nothing is copied: items name the source files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use bundle::entry_path::{EntryPath, check_link};
use bundle::frame::Item;
use bundle::index::EntryKind;
use bundle::layer::sort;
use walkdir::WalkDir;

use crate::dependencies::{Tree, path_in_record};
use crate::host::digest;
use crate::host::system;
use crate::packing::sizes::owner::source_of;
use crate::platform::{BundledLinks, PREFIX, Platform};
use crate::report::Report;
use crate::report::failure::{Failure, Help};
use crate::report::text;
use crate::runtime::Runtime;
use crate::runtime::bytecode::Compiler;

/// Changes whenever the same directory becomes another layer.
const RECIPE: &str = "layer 3";

/// The parts of a bundle.
#[derive(Debug)]
pub struct Parts {
    /// The CPython.
    pub runtime: Runtime,
    /// The interpreter of this machine that writes and reads its bytecode, if there is one.
    pub compiler: Option<Compiler>,
    /// The third-party packages.
    pub dependencies: Tree,
    /// The app itself.
    pub application: Tree,
    /// The packages of which the tests were left out, with the number of their files.
    pub left_out_tests: BTreeMap<String, usize>,
}

/// The files of one layer, in the order in which they are packed.
#[derive(Debug)]
pub struct StagedLayer {
    /// `runtime`, `dependencies`, `updater` or `application`.
    pub name: &'static str,
    /// Names the content: two layers with the same key hold the same.
    pub key: String,
    /// What it holds.
    pub items: Vec<Item>,
}

impl StagedLayer {
    /// Everything below `directory`, put below `prefix` in the version dir (`""` is the version dir itself). `key`
    /// names the directory's content.
    ///
    /// # Errors
    /// When the directory can't be read, or holds a name that no version dir may hold.
    pub fn new(
        name: &'static str,
        directory: &Path,
        prefix: &str,
        key: &str,
        platform: &dyn Platform,
    ) -> anyhow::Result<Self> {
        let key = digest::of_facts([RECIPE, name, prefix, key]);
        let mut layer = Self { name, key, items: Vec::new() };
        layer.add(directory, prefix, platform)?;
        sort(&mut layer.items);
        Ok(layer)
    }

    /// A layer of one program, whose `content` is already at `source`.
    ///
    /// # Errors
    /// When `path` may not be created in a version dir.
    pub fn of_program(name: &'static str, path: &str, content: &[u8], source: &Path) -> anyhow::Result<Self> {
        let key = digest::of_facts([RECIPE, name, path, &digest::of_bytes(content)]);
        let kind = EntryKind::File { size: content.len() as u64, executable: true };
        let item = Item { path: EntryPath::new(path)?, kind, source: source.to_path_buf() };
        Ok(Self { name, key, items: vec![item] })
    }

    /// Adds a file of our own making, whose `content` is already at `source`.
    ///
    /// # Errors
    /// When `path` may not be created in a version dir.
    pub fn with_file(mut self, path: &str, content: &[u8], source: &Path) -> anyhow::Result<Self> {
        self.key = digest::of_facts([&self.key, path, &digest::of_bytes(content)]);
        let kind = EntryKind::File { size: content.len() as u64, executable: false };
        self.items.push(Item { path: EntryPath::new(path)?, kind, source: source.to_path_buf() });
        sort(&mut self.items);
        Ok(self)
    }

    fn add(&mut self, directory: &Path, prefix: &str, platform: &dyn Platform) -> anyhow::Result<()> {
        // Windows bundles hold no symbolic links: what they lead to is packed in their place.
        let walk =
            WalkDir::new(directory).min_depth(1).follow_links(platform.bundled_links() == BundledLinks::Followed);
        for found in walk.sort_by_file_name() {
            let found = found.with_context(|| format!("could not read `{}`", directory.display()))?;
            let kind = if found.file_type().is_dir() {
                if fs::read_dir(found.path())?.next().is_some() {
                    continue;
                }
                EntryKind::Directory
            } else if found.file_type().is_symlink() {
                let target = system::link_target(found.path())?;
                EntryKind::Symlink { target: target.ok_or_else(|| not_unicode(found.path()))? }
            } else {
                let metadata = found.metadata()?;
                // A Windows bundle is the same from every host: none has a bit that Windows does not know.
                let executable = platform.has_executable_bits() && system::is_executable(found.path(), &metadata)?;
                EntryKind::File { size: metadata.len(), executable }
            };
            let below = found.path().strip_prefix(directory)?;
            let parts = below.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>();
            let below = parts.ok_or_else(|| not_unicode(found.path()))?.join("/");
            let path = match below.strip_prefix(PREFIX).and_then(|below| below.strip_prefix('/')) {
                Some(below) => below.to_owned(),
                None if prefix.is_empty() => below,
                None => format!("{prefix}/{below}"),
            };
            let path = EntryPath::new(path).or_fail(
                match distribution_of(directory, found.path()) {
                    Some(distribution) => format!("could not pack a file of `{distribution}`"),
                    None => format!("could not pack `{}`", text::path(found.path())),
                },
                "leave it out of the project, or rename it: such a name does not work on every system",
            )?;
            if let EntryKind::Symlink { target } = &kind {
                check_link(&path, target).or_fail(
                    format!("could not pack the link `{}`", text::path(found.path())),
                    "leave it out of the project, or put what it leads to in its place: a link in a bundle names \
                     something beside it or above, and stays inside",
                )?;
            }
            self.items.push(Item { path, kind, source: found.into_path() });
        }
        Ok(())
    }
}

/// Adds links to the commands that packages install, beside the interpreter, where programs look for them in a virtual
/// environment. A name that the version dir has otherwise gets no link.
///
/// # Errors
/// When a name may not be created in a version dir.
pub fn link_commands(layers: &mut [StagedLayer], platform: &dyn Platform) -> anyhow::Result<()> {
    let commands = format!("{}/", platform.commands());
    let tops = layers.iter().flat_map(|layer| &layer.items).filter_map(|item| item.path.as_str().split('/').next());
    let mut taken: HashSet<String> = tops.map(str::to_owned).collect();
    for layer in layers.iter_mut().filter(|layer| layer.name != "runtime") {
        let mut links = Vec::new();
        for item in &layer.items {
            let Some(name) = item.path.as_str().strip_prefix(&commands) else { continue };
            if !name.contains('/') && taken.insert(name.to_owned()) {
                let kind = EntryKind::Symlink { target: item.path.as_str().to_owned() };
                links.push(Item { path: EntryPath::new(name)?, kind, source: item.source.clone() });
            }
        }
        if !links.is_empty() {
            layer.key =
                digest::of_facts(["links", &layer.key].into_iter().chain(links.iter().map(|l| l.path.as_str())));
            layer.items.extend(links);
            sort(&mut layer.items);
        }
    }
    Ok(())
}

/// Makes sure that no path occurs twice. Of a path in two layers the later layer's file stays, as a later installation would
/// overwrite the earlier one. For Windows, names that differ only in case are the same name.
///
/// # Errors
/// When one layer has such names: neither of them is the later one.
pub fn remove_duplicates(layers: &mut [StagedLayer], platform: &dyn Platform, report: &Report) -> anyhow::Result<()> {
    let mut taken = HashSet::new();
    for layer in layers.iter_mut().rev() {
        let mut own = HashMap::new();
        for item in &layer.items {
            if let Some(other) = own.insert(platform.file_key(&item.path), &item.path) {
                return Err(Failure::new(format!(
                    "the {} layer has both `{other}` and `{}`, which are one file on Windows",
                    layer.name, item.path
                ))
                .help("rename one of them, or leave it out")
                .into());
            }
        }
        let mut dropped = Vec::new();
        layer.items.retain(|item| {
            let twice = taken.contains(&platform.file_key(&item.path));
            if twice && item.kind != EntryKind::Directory {
                dropped.push(item.path.as_str().to_owned());
            }
            !twice
        });
        if let Some(first) = dropped.first() {
            report.notice(format!(
                "the {} layer has {} files that a later layer replaces (`{}`)",
                layer.name,
                dropped.len(),
                text::shown(first)
            ));
            layer.key = digest::of_facts(dropped.iter().chain([&layer.key]).map(String::as_str));
        }
        taken.extend(layer.items.iter().map(|item| platform.file_key(&item.path)));
    }
    Ok(())
}

/// The distribution in a directory of packages that lists this file.
fn distribution_of(packages: &Path, file: &Path) -> Option<String> {
    let below = file.strip_prefix(packages).ok()?.to_str()?.replace('\\', "/");
    let below = source_of(&below).unwrap_or(below);
    let lists = |entry: &fs::DirEntry| {
        let record = fs::read_to_string(entry.path().join("RECORD")).unwrap_or_default();
        record.lines().any(|line| path_in_record(line) == below)
    };
    let metadata = fs::read_dir(packages).ok()?.flatten().find(lists)?.file_name();
    let name = metadata.to_str()?.strip_suffix(".dist-info")?;
    Some(name.replacen('-', " ", 1))
}

fn not_unicode(path: &Path) -> Failure {
    Failure::new(format!("could not pack `{}`: its name is no Unicode", text::path(path))).help("rename it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    /// A layer `name` of files with these paths, below `p` in the version dir.
    fn layer(dir: &Path, name: &'static str, files: &[&str], platform: &dyn Platform) -> StagedLayer {
        fs::create_dir(dir.join(name)).unwrap();
        for file in files {
            fs::write(dir.join(name).join(file), name).unwrap();
        }
        StagedLayer::new(name, &dir.join(name), "p", "k", platform).unwrap()
    }

    fn paths(layer: &StagedLayer) -> Vec<&str> {
        layer.items.iter().map(|item| item.path.as_str()).collect()
    }

    #[test]
    fn a_file_in_two_layers_stays_in_the_later_one() {
        for (platform, twin) in [(LINUX, "y"), (WINDOWS, "Y")] {
            let dir = tempfile::tempdir().unwrap();
            let mut layers =
                [layer(dir.path(), "a", &["x", twin], platform), layer(dir.path(), "b", &["y", "z"], platform)];
            let before = layers[0].key.clone();
            remove_duplicates(&mut layers, platform, &Report::silent()).unwrap();
            assert_eq!((paths(&layers[0]), paths(&layers[1])), (vec!["p/x"], vec!["p/y", "p/z"]));
            assert_ne!(layers[0].key, before);
        }
    }

    #[test]
    #[cfg(unix)]
    fn names_that_differ_only_in_case_are_refused_for_windows() {
        for platform in [LINUX, WINDOWS] {
            let dir = tempfile::tempdir().unwrap();
            let mut layers = [layer(dir.path(), "a", &["Read.me", "read.me"], platform)];
            match remove_duplicates(&mut layers, platform, &Report::silent()) {
                Ok(()) => assert_eq!((platform, layers[0].items.len()), (LINUX, 2)),
                Err(e) => {
                    let text = "the a layer has both `p/Read.me` and `p/read.me`, which are one file on Windows";
                    assert_eq!((platform, e.to_string().as_str()), (WINDOWS, text));
                }
            }
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_out_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let pack = || StagedLayer::new("a", dir.path(), "p", "k", LINUX);
        std::os::unix::fs::symlink("../x", dir.path().join("fine")).unwrap();
        assert!(pack().is_ok());
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("absolute")).unwrap();
        let text = crate::report::failure::render(&pack().unwrap_err());
        let begin = format!("error: could not pack the link `{}`: unsafe path", dir.path().join("absolute").display());
        assert!(text.starts_with(&begin) && text.contains("-> /etc/passwd"), "{text}");
    }
}
