//! Tcl and Tk of this machine, in a copy of its CPython: a bundle has them only if something in it names tkinter.
//!
//! They are collected from all over the system, with what Tk needs to draw, and would be a third of a small bundle.

use std::collections::{HashMap, HashSet};
use std::fs;

use bundle::frame::Item;
use bundle::index::EntryKind;

use super::minimal::libraries;
use super::stage::StagedLayer;
use crate::host::digest;
use crate::platform::Platform;
use crate::runtime::tcl;

/// What an app or package names that needs Tk.
const NAMES: [&str; 2] = ["tkinter", "turtle"];

/// Takes tkinter, Tcl, Tk and their libraries out of the layers, if these came from this machine and no source of the app or
/// its dependencies contains the name of tkinter or turtle.
///
/// # Errors
/// Those of reading the files.
pub fn leave_out_if_unused(layers: &mut [StagedLayer], platform: &dyn Platform) -> anyhow::Result<()> {
    let Some((runtime, packages)) = layers.split_first_mut() else { return Ok(()) };
    if !runtime.items.iter().any(|item| is_collected(item.path.as_str(), platform)) || names_tkinter(packages)? {
        return Ok(());
    }
    let unused = unused_libraries(runtime, packages, platform)?;
    runtime.items.retain(|item| {
        let path = item.path.as_str();
        !is_of_tk(path, platform)
            && !path.strip_prefix("lib/").is_some_and(|name| unused.contains(&name.to_lowercase()))
    });
    runtime.key = digest::of_facts(["without tk", &runtime.key]);
    Ok(())
}

fn is_collected(path: &str, platform: &dyn Platform) -> bool {
    let stem = tcl::NAME.trim_end_matches(".py");
    platform.in_stdlib(path).is_some_and(|module| module.strip_prefix(stem).is_some_and(|end| end.starts_with(".py")))
}

fn is_of_tk(path: &str, platform: &dyn Platform) -> bool {
    if let Some(module) = platform.in_stdlib(path) {
        return ["tkinter/", "turtle.py", "lib-dynload/_tkinter."].iter().any(|start| module.starts_with(start));
    }
    let first = path.strip_prefix("lib/").and_then(|below| below.split_once('/')).map_or("", |(first, _)| first);
    ["tcl", "tk"]
        .iter()
        .any(|name| first.strip_prefix(name).is_some_and(|end| end.starts_with(|c: char| c.is_ascii_digit())))
}

fn names_tkinter(packages: &[StagedLayer]) -> anyhow::Result<bool> {
    let sources = packages.iter().flat_map(|layer| &layer.items).filter(|item| {
        // A package whose sources are dropped has the same names in its bytecode.
        [".py", ".pyw", ".pyc", ".so"].iter().any(|end| item.path.as_str().ends_with(end))
            && matches!(item.kind, EntryKind::File { .. })
    });
    for item in sources {
        let content = fs::read(&item.source)?;
        if NAMES.iter().any(|name| memchr::memmem::find(&content, name.as_bytes()).is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The libraries in `lib` that nothing but `_tkinter` needs, in lower case.
fn unused_libraries(
    runtime: &StagedLayer,
    packages: &[StagedLayer],
    platform: &dyn Platform,
) -> anyhow::Result<HashSet<String>> {
    let is_library = |item: &&Item| {
        let name = item.path.as_str().strip_prefix("lib/").unwrap_or_default();
        platform.is_shared_library(name) && !name.contains('/')
    };
    let name = |item: &Item| item.path.as_str().rsplit('/').next().unwrap_or_default().to_lowercase();
    let candidates: HashMap<String, &Item> =
        runtime.items.iter().filter(is_library).map(|item| (name(item), item)).collect();
    let is_code = |item: &&Item| {
        let executable = matches!(item.kind, EntryKind::File { executable: true, .. });
        executable || platform.is_shared_library(item.path.as_str().rsplit('/').next().unwrap_or_default())
    };
    let of_runtime = runtime.items.iter().filter(|item| !is_library(item));
    let all = of_runtime.chain(packages.iter().flat_map(|layer| &layer.items)).filter(is_code);
    let (of_tk, others): (Vec<&Item>, Vec<&Item>) = all.partition(|item| is_of_tk(item.path.as_str(), platform));
    let needed = libraries::needed(&candidates, others)?;
    let mut unused = libraries::needed(&candidates, of_tk)?;
    unused.retain(|name| !needed.contains(name));
    Ok(unused)
}
