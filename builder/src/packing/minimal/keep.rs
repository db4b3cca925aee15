//! What stays of a bundle, file by file.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use bundle::frame::Item;
use bundle::index::EntryKind;

use super::libraries;
use crate::config::Project;
use crate::packing::sizes::owner::{self, Owners};
use crate::packing::stage::StagedLayer;

/// What is known of the files that stay.
pub(super) struct Rules<'a> {
    modules: &'a HashSet<PathBuf>,
    owners: Owners,
    /// Distributions of which a module stays, or which have none.
    alive: HashSet<String>,
    /// The directories of modules that stay, below the version dir.
    directories: HashSet<String>,
    /// Shared libraries of the runtime that are needed.
    libraries: HashSet<String>,
    windowed: bool,
}

/// What a file is for a reduction.
#[derive(Debug, PartialEq, Eq)]
enum Role {
    /// Imported under a name: stays if that is reached.
    Module,
    /// A library of the runtime, which the loader is asked for.
    Library,
    /// The interpreter for apps with windows.
    Windowed,
    /// What only type checkers read.
    Hints,
    /// Tcl's and Tk's scripts.
    Tcl,
    /// Anything else of a CPython tree, or beside its modules.
    OfPython,
    /// Anything else among the packages.
    OfPackages,
}

impl<'a> Rules<'a> {
    pub(super) fn new(layers: &[StagedLayer], modules: &'a HashSet<PathBuf>, project: &Project) -> anyhow::Result<Self> {
        let all = || layers.iter().flat_map(|layer| layer.items.iter().map(move |item| (layer.name, item)));
        let mut records = Vec::new();
        for (_, item) in all().filter(|(_, item)| owner::is_record(item.path.as_str())) {
            records.push((item.path.as_str().to_owned(), fs::read_to_string(&item.source)?));
        }
        let owners = Owners::new(&records, &project.name);
        let mut alive = HashMap::<String, (bool, bool)>::new();
        let mut directories = HashSet::new();
        let (mut candidates, mut users) = (HashMap::new(), Vec::new());
        for (layer, item) in all() {
            let path = item.path.as_str();
            let stays = modules.contains(&item.source);
            let is_module = role(path) == Role::Module;
            let (has_modules, any_stays) = alive.entry(owners.of(layer, path)).or_default();
            *has_modules |= is_module;
            *any_stays |= stays;
            if stays {
                directories.extend(path.rsplit_once('/').map(|(directory, _)| directory.to_owned()));
            }
            let used = match role(path) {
                Role::Module => stays,
                Role::Windowed => project.windowed,
                Role::Library => {
                    let name = path.rsplit('/').next().unwrap_or(path);
                    candidates.insert(name.to_lowercase(), item);
                    false
                }
                // Code of packages may be linked with libraries of the runtime.
                Role::OfPython | Role::OfPackages => true,
                Role::Hints | Role::Tcl => false,
            };
            if used && is_code(item) {
                users.push(item);
            }
        }
        let libraries = libraries::needed(&candidates, users)?;
        let alive = alive.into_iter().filter(|(_, (has, any))| *any || !*has).map(|(name, _)| name).collect();
        Ok(Self { modules, owners, alive, directories, libraries, windowed: project.windowed })
    }

    /// Whether the file stays.
    pub(super) fn allow(&self, layer: &str, item: &Item) -> bool {
        let path = item.path.as_str();
        match role(path) {
            Role::Module => self.modules.contains(&item.source),
            Role::Library => self.libraries.contains(&path.rsplit('/').next().unwrap_or(path).to_lowercase()),
            Role::Windowed => self.windowed,
            Role::Hints => layer == "application",
            Role::Tcl => self
                .modules
                .iter()
                .any(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("_tkinter."))),
            // The app's own data is beside what was asked for, whoever reads it.
            Role::OfPackages => layer == "application" || self.alive.contains(&self.owners.of(layer, path)),
            Role::OfPython => match path.rsplit_once('/') {
                Some((directory, _)) if in_stdlib(path).is_some_and(|below| below.contains('/')) => {
                    self.is_alive(directory)
                }
                _ => true,
            },
        }
    }

    /// Whether a module stays in this directory of the standard library, or in one above it.
    fn is_alive(&self, mut directory: &str) -> bool {
        while in_stdlib(directory).is_some() {
            if self.directories.contains(directory) {
                return true;
            }
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
        }
        false
    }
}

/// What of a path is below the standard library's directory.
fn in_stdlib(path: &str) -> Option<&str> {
    path.strip_prefix("Lib/").or_else(|| path.strip_prefix("lib/python3.")?.split_once('/').map(|(_, below)| below))
}

fn role(path: &str) -> Role {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_packages = path.contains("/site-packages/");
    let stdlib = in_stdlib(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "py" | "pyw" | "pyc" if stdlib.is_some() => return Role::Module,
        "pyd" => return Role::Module,
        // Without a tag, it may as well be a library that is loaded by its path.
        "so" if name.contains(".cpython-") || name.ends_with(".abi3.so") || path.contains("/lib-dynload/") => {
            return Role::Module;
        }
        "pyi" => return Role::Hints,
        _ if name == "py.typed" => return Role::Hints,
        _ => {}
    }
    if in_packages {
        return Role::OfPackages;
    }
    if stdlib.is_some() {
        return Role::OfPython;
    }
    let top = path.strip_prefix("lib/").unwrap_or(path).split('/').next().unwrap_or(path);
    match extension {
        _ if name == "pythonw.exe" => Role::Windowed,
        _ if top != name && ["tcl", "tk", "itcl", "thread"].iter().any(|start| top.starts_with(start)) => Role::Tcl,
        "so" | "dll" => Role::Library,
        _ if name.contains(".so.") => Role::Library,
        _ => Role::OfPython,
    }
}

/// Whether it may be a program or a library. Bytecode, sources and the like are not read to find out.
fn is_code(item: &Item) -> bool {
    let path = item.path.as_str();
    let name = path.rsplit('/').next().unwrap_or(path);
    let EntryKind::File { executable, .. } = item.kind else { return false };
    executable || name.contains(".so.") || [".so", ".pyd", ".dll", ".exe"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_role() {
        for (path, expected) in [
            ("lib/python3.13/asyncio/events.pyc", Role::Module),
            ("lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so", Role::Module),
            ("lib/python3.13/site-packages/a/b.abi3.so", Role::Module),
            ("lib/python3.13/site-packages/a/libb.so", Role::OfPackages),
            ("lib/python3.13/site-packages/a.libs/libb-1.so.3", Role::OfPackages),
            ("lib/python3.13/site-packages/a/py.typed", Role::Hints),
            ("lib/python3.13/pydoc_data/_pydoc.css", Role::OfPython),
            ("lib/libcrypto.so.3", Role::Library),
            ("lib/tcl8.6/init.tcl", Role::Tcl),
            ("bin/python3.13", Role::OfPython),
            ("python._pth", Role::OfPython),
            ("ekiben-start.py", Role::OfPython),
            ("_ssl.pyd", Role::Module),
            ("DLLs/_ssl.pyd", Role::Module),
            ("libcrypto-3.dll", Role::Library),
            ("Lib/json/__init__.pyc", Role::Module),
            ("Lib/site-packages/a/b.dll", Role::OfPackages),
            ("pythonw.exe", Role::Windowed),
            ("python.exe", Role::OfPython),
        ] {
            assert_eq!(role(path), expected, "{path}");
        }
    }
}
