//! Decides for each file whether it stays in a reduced bundle.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use bundle::frame::Item;
use bundle::index::EntryKind;

use super::libraries;
use crate::context::BuildContext;
use crate::packing::sizes::owner::{self, Owners};
use crate::packing::stage::StagedLayer;
use crate::platform::Platform;

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
    platform: &'static dyn Platform,
}

/// What kind of file it is, for this decision.
#[derive(Debug, PartialEq, Eq)]
enum Role {
    /// A module: stays if an import reaches it.
    Module,
    /// A shared library of the runtime: stays if something that stays is linked with it.
    Library,
    /// The interpreter for apps with windows.
    Windowed,
    /// What only type checkers read.
    Hints,
    /// Tcl's and Tk's scripts.
    Tcl,
    /// Anything else of a CPython tree.
    OfPython,
    /// Anything else among the packages.
    OfPackages,
}

impl<'a> Rules<'a> {
    pub(super) fn new(
        layers: &[StagedLayer],
        modules: &'a HashSet<PathBuf>,
        context: BuildContext<'_>,
    ) -> anyhow::Result<Self> {
        let (project, platform) = (context.project, context.target.platform());
        let all = || layers.iter().flat_map(|layer| layer.items.iter().map(move |item| (layer.name, item)));
        let mut record_files = Vec::new();
        for (_, item) in all().filter(|(_, item)| owner::is_record(item.path.as_str())) {
            record_files.push((item.path.as_str().to_owned(), fs::read_to_string(&item.source)?));
        }
        let owners = Owners::new(&record_files, &project.name);
        let windowed = project.windowed || project.commands.iter().any(|command| command.windowed);
        let mut alive = HashMap::<String, (bool, bool)>::new();
        let mut directories = HashSet::new();
        let (mut candidates, mut users) = (HashMap::new(), Vec::new());
        for (layer, item) in all() {
            let path = item.path.as_str();
            let stays = modules.contains(&item.source);
            let is_module = role(path, platform) == Role::Module;
            let (has_modules, any_stays) = alive.entry(owners.of(layer, path)).or_default();
            *has_modules |= is_module;
            *any_stays |= stays;
            if stays {
                directories.extend(path.rsplit_once('/').map(|(directory, _)| directory.to_owned()));
            }
            let used = match role(path, platform) {
                Role::Module => stays,
                Role::Windowed => windowed,
                Role::Library => {
                    let name = path.rsplit('/').next().unwrap_or(path);
                    candidates.insert(name.to_lowercase(), item);
                    false
                }
                // Code of packages may be linked with libraries of the runtime.
                Role::OfPython | Role::OfPackages => true,
                Role::Hints | Role::Tcl => false,
            };
            if used && is_code(item, platform) {
                users.push(item);
            }
        }
        let libraries = libraries::needed(&candidates, users)?;
        let alive = alive.into_iter().filter(|(_, (has, any))| *any || !*has).map(|(name, _)| name).collect();
        Ok(Self { modules, owners, alive, directories, libraries, windowed, platform })
    }

    /// Whether the file stays.
    pub(super) fn allow(&self, layer: &str, item: &Item) -> bool {
        let path = item.path.as_str();
        match role(path, self.platform) {
            // What packages have installed beside their modules.
            Role::OfPython | Role::Library | Role::Tcl if layer == "dependencies" => {
                self.alive.contains(&self.owners.of(layer, path))
            }
            Role::Module => self.modules.contains(&item.source),
            Role::Library => self.libraries.contains(&path.rsplit('/').next().unwrap_or(path).to_lowercase()),
            Role::Windowed => self.windowed,
            Role::Hints => layer == "application",
            Role::Tcl => self
                .modules
                .iter()
                .any(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("_tkinter."))),
            // All data of the app stays, whichever module reads it.
            Role::OfPackages => {
                layer == "application"
                    || self.alive.contains(&self.owners.of(layer, path))
                    // A version can be asked for without an import. An entry point without its module would fail.
                    || (path.contains(".dist-info/") && !path.ends_with("/entry_points.txt"))
            }
            Role::OfPython => match path.rsplit_once('/') {
                Some((directory, _)) if self.platform.in_stdlib(path).is_some_and(|below| below.contains('/')) => {
                    self.is_alive(directory)
                }
                _ => true,
            },
        }
    }

    /// Whether a module stays in this directory of the standard library, or in one above it.
    fn is_alive(&self, mut directory: &str) -> bool {
        while self.platform.in_stdlib(directory).is_some() {
            if self.directories.contains(directory) {
                return true;
            }
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
        }
        false
    }
}

fn role(path: &str, platform: &dyn Platform) -> Role {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_packages = path.contains("/site-packages/");
    let is_in_stdlib = platform.in_stdlib(path).is_some();
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "py" | "pyw" | "pyc" if is_in_stdlib => return Role::Module,
        _ if platform.is_extension_module(path) => return Role::Module,
        "pyi" => return Role::Hints,
        _ if name == "py.typed" => return Role::Hints,
        _ => {}
    }
    if in_packages {
        return Role::OfPackages;
    }
    if is_in_stdlib {
        return Role::OfPython;
    }
    let top = path.strip_prefix("lib/").unwrap_or(path).split('/').next().unwrap_or(path);
    if platform.windowed_interpreter() == Some(name) {
        Role::Windowed
    } else if top != name && ["tcl", "tk", "itcl", "thread"].iter().any(|start| top.starts_with(start)) {
        Role::Tcl
    } else if platform.is_shared_library(name) {
        Role::Library
    } else {
        Role::OfPython
    }
}

/// Whether it may be a program or a library. Bytecode, sources and the like are not read to find out.
fn is_code(item: &Item, platform: &dyn Platform) -> bool {
    let path = item.path.as_str();
    let name = path.rsplit('/').next().unwrap_or(path);
    let EntryKind::File { executable, .. } = item.kind else { return false };
    executable || platform.is_shared_library(name) || name.ends_with(".exe")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    #[test]
    fn each_file_has_its_role() {
        for (platform, path, expected) in [
            (LINUX, "lib/python3.13/asyncio/events.pyc", Role::Module),
            (LINUX, "lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so", Role::Module),
            (LINUX, "lib/python3.13/site-packages/a/b.abi3.so", Role::Module),
            (LINUX, "lib/python3.13/site-packages/a/libb.so", Role::OfPackages),
            (LINUX, "lib/python3.13/site-packages/a.libs/libb-1.so.3", Role::OfPackages),
            (LINUX, "lib/python3.13/site-packages/a/py.typed", Role::Hints),
            (LINUX, "lib/python3.13/pydoc_data/_pydoc.css", Role::OfPython),
            (LINUX, "lib/libcrypto.so.3", Role::Library),
            (LINUX, "lib/tcl8.6/init.tcl", Role::Tcl),
            (LINUX, "bin/python3.13", Role::OfPython),
            (LINUX, "python._pth", Role::OfPython),
            (LINUX, "ekiben-start.py", Role::OfPython),
            (WINDOWS, "_ssl.pyd", Role::Module),
            (WINDOWS, "DLLs/_ssl.pyd", Role::Module),
            (WINDOWS, "libcrypto-3.dll", Role::Library),
            (WINDOWS, "Lib/json/__init__.pyc", Role::Module),
            (WINDOWS, "Lib/site-packages/a/b.dll", Role::OfPackages),
            (WINDOWS, "pythonw.exe", Role::Windowed),
            (WINDOWS, "python.exe", Role::OfPython),
        ] {
            assert_eq!(role(path, platform), expected, "{path}");
        }
    }
}
