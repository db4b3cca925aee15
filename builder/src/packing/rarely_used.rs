//! Parts of the standard library that few apps need: a bundle has one of them if a source in it contains one of the part's
//! words, or `stdlib-keep` names it.
//!
//! Tcl and Tk are such a part in a copy of this machine's CPython: they are collected from all over the system, with what Tk
//! needs to draw, and would be a third of a small bundle. python-build-standalone's stay.

use std::collections::{HashMap, HashSet};
use std::fs;

use bundle::frame::Item;
use bundle::index::EntryKind;
use memchr::memmem;
use rayon::prelude::*;

use super::minimal::libraries;
use super::stage::StagedLayer;
use crate::config::{Project, StdlibPart};
use crate::host::digest;
use crate::platform::Platform;
use crate::runtime::tcl;

/// Takes the parts out of the first layer, the runtime's, that nothing in the other layers needs and the project does not keep.
///
/// # Errors
/// Those of reading the files.
pub fn leave_out(layers: &mut [StagedLayer], project: &Project, platform: &dyn Platform) -> anyhow::Result<()> {
    let Some((runtime, packages)) = layers.split_first_mut() else { return Ok(()) };
    let is_there = |part: StdlibPart| match part {
        StdlibPart::Tkinter => runtime.items.iter().any(|item| is_collected(item.path.as_str(), platform)),
        _ => runtime.items.iter().any(|item| is_part(item.path.as_str(), part, platform)),
    };
    let is_kept = |part: StdlibPart| {
        let below = |module: &String| module.split('.').next() == Some(part.name());
        project.stdlib_keep.contains(&part) || project.minimal_keep.iter().any(below)
    };
    let candidates: Vec<_> = StdlibPart::ALL.into_iter().filter(|&part| is_there(part) && !is_kept(part)).collect();
    let named = named(&candidates, packages)?;
    for part in candidates.into_iter().filter(|part| !named.contains(part)) {
        let libraries = match part {
            StdlibPart::Tkinter => unused_libraries(runtime, packages, platform)?,
            _ => HashSet::new(),
        };
        runtime.items.retain(|item| {
            let path = item.path.as_str();
            let library = path.strip_prefix("lib/").is_some_and(|name| libraries.contains(&name.to_lowercase()));
            !library && !is_part(path, part, platform)
        });
        // Which libraries stay depends on the packages, too.
        let mut libraries: Vec<&str> = libraries.iter().map(String::as_str).collect();
        libraries.sort_unstable();
        runtime.key =
            digest::of_facts(["without", part.name(), &runtime.key].into_iter().chain(libraries.iter().copied()));
    }
    Ok(())
}

/// What a source that needs the part contains.
fn words(part: StdlibPart) -> &'static [&'static str] {
    match part {
        // pygments knows another turtle, and rich asks whether idlelib is there.
        StdlibPart::Tkinter => &["tkinter", "import turtle", "from turtle", "import idlelib", "from idlelib"],
        // `venv.create(…, with_pip=True)`.
        StdlibPart::Ensurepip => &["ensurepip", "with_pip"],
        StdlibPart::Idlelib => &["import idlelib", "from idlelib"],
        StdlibPart::Turtledemo => &["turtledemo"],
    }
}

/// How the paths of its files in the standard library begin.
fn files(part: StdlibPart) -> &'static [&'static str] {
    match part {
        StdlibPart::Tkinter => &["tkinter/", "turtle.py", "lib-dynload/_tkinter."],
        StdlibPart::Ensurepip => &["ensurepip/_bundled/"],
        StdlibPart::Idlelib => &["idlelib/"],
        StdlibPart::Turtledemo => &["turtledemo/"],
    }
}

/// Whether this file shows that Tcl and Tk were collected from this machine.
fn is_collected(path: &str, platform: &dyn Platform) -> bool {
    let stem = tcl::NAME.trim_end_matches(".py");
    platform.in_stdlib(path).is_some_and(|module| module.strip_prefix(stem).is_some_and(|end| end.starts_with(".py")))
}

fn is_part(path: &str, part: StdlibPart, platform: &dyn Platform) -> bool {
    if let Some(module) = platform.in_stdlib(path) {
        return files(part).iter().any(|start| module.starts_with(start));
    }
    part == StdlibPart::Tkinter && is_script_of_tcl(path)
}

/// `lib/tcl8.6/…`, `lib/tk8.6/…`, `lib/tcl8/…`.
fn is_script_of_tcl(path: &str) -> bool {
    let first = path.strip_prefix("lib/").and_then(|below| below.split_once('/')).map_or("", |(first, _)| first);
    let is_version = |end: &str| end.starts_with(|c: char| c.is_ascii_digit());
    ["tcl", "tk"].iter().any(|name| first.strip_prefix(name).is_some_and(is_version))
}

/// Those of the parts of which some source contains a word.
fn named(parts: &[StdlibPart], packages: &[StagedLayer]) -> anyhow::Result<HashSet<StdlibPart>> {
    let is_source = |item: &&Item| {
        let path = item.path.as_str();
        let lone = path.ends_with(".pyc") && !path.contains("/__pycache__/");
        (lone || path.ends_with(".py") || path.ends_with(".pyw")) && matches!(item.kind, EntryKind::File { .. })
    };
    let sources: Vec<&Item> = packages.iter().flat_map(|layer| &layer.items).filter(is_source).collect();
    let parts_in = |item: &&Item| -> anyhow::Result<Vec<StdlibPart>> {
        let content = fs::read(&item.source)?;
        let has = |word: &&str| memmem::find(&content, word.as_bytes()).is_some();
        Ok(parts.iter().copied().filter(|part| words(*part).iter().any(has)).collect())
    };
    let found = sources.par_iter().map(parts_in).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
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
    let (of_tk, others): (Vec<&Item>, Vec<&Item>) =
        all.partition(|item| is_part(item.path.as_str(), StdlibPart::Tkinter, platform));
    let needed = libraries::needed(&candidates, others)?;
    let mut unused = libraries::needed(&candidates, of_tk)?;
    unused.retain(|name| !needed.contains(name));
    Ok(unused)
}
