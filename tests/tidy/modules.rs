//! Rules about which module imports which.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::rust;

/// The builder's modules from the top down: each imports those behind it, and none before it.
const BUILDER: &[&str] = &[
    "commands",
    "pipeline",
    "packing",
    "executable",
    "dependencies",
    "runtime",
    "context",
    "config",
    "platform",
    "host",
    "report",
];

#[test]
fn modules_of_the_builder_depend_in_one_direction() {
    let mut breaches = Vec::new();
    for (module, imported) in imports("builder/src/") {
        let level = |path: &str| BUILDER.iter().position(|name| path.split("::").next() == Some(name));
        let Some(own) = level(&module) else { continue };
        for other in imported {
            if level(&other).is_none_or(|other| other < own) {
                breaches.push(format!("{module} imports {other}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_modules_of_a_folder_of_the_builder_import_each_other_in_no_cycle() {
    let folder_of = |module: &str| module.rsplit_once("::").map(|(folder, _)| folder.to_owned());
    let mut graph = imports("builder/src/");
    for (module, imported) in &mut graph {
        imported.retain(|other| folder_of(other) == folder_of(module));
    }
    // What imports nothing that is left is in no cycle.
    while let Some(free) = graph.iter().find(|(_, imported)| imported.is_empty()).map(|(module, _)| module.clone()) {
        graph.remove(&free);
        for imported in graph.values_mut() {
            imported.remove(&free);
        }
    }
    assert!(graph.is_empty(), "{graph:#?}");
}

/// For each module below a folder, such as `runtime::source`, the modules that its code names. Unit tests may name any.
fn imports(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let files: Vec<_> = rust(&[folder]).into_iter().filter(|file| !file.path.contains("tests")).collect();
    let name = |path: &str| {
        let below = path.strip_prefix(folder).unwrap().trim_end_matches(".rs").trim_end_matches("/mod");
        below.replace('/', "::")
    };
    let modules: BTreeSet<String> = files.iter().map(|file| name(&file.path)).collect();
    let imports_of = |module: &str, code: &str| {
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let (mut paths, text) = (Vec::new(), code.replace(['\n', ' '], ""));
        for (start, base) in [("crate::", ""), ("super::", parent)] {
            for rest in text.split(start).skip(1) {
                paths.extend(paths_in(rest).into_iter().map(|path| format!("{base}::{path}")));
            }
        }
        let module_of = |path: &String| {
            let mut path = path.trim_start_matches("::");
            while !modules.contains(path) {
                path = path.rsplit_once("::")?.0;
            }
            Some(path.to_owned())
        };
        paths.iter().filter_map(module_of).filter(|other| other != module).collect()
    };
    files.iter().map(|file| (name(&file.path), imports_of(&name(&file.path), file.code()))).collect()
}

/// The paths that begin a text without blanks: one, or those of the braces behind it.
fn paths_in(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let path = &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())];
    let Some(group) = text[path.len()..].strip_prefix('{') else { return vec![path.to_owned()] };
    let (mut depth, mut parts, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.extend(paths_in(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts.into_iter().map(|part| format!("{path}{part}")).collect()
}
