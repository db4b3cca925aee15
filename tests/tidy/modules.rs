//! Rules about which module imports which.

use std::collections::BTreeSet;

use crate::imports::{Imports, cycle};

/// The builder's modules from the top down: each imports those behind it, and none before it.
const BUILDER: &[&str] = &[
    "commands",
    "release",
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

/// The same of the launcher.
const LAUNCHER: &[&str] = &[
    "launch",
    "self_cmd",
    "start",
    "service",
    "updates",
    "probation",
    "notify",
    "error",
    "exec",
    "install",
    "sys",
    "env",
];

/// Modules of `sys` that still do more than talk to the operating system: they take and return the types of `service`, `install`
/// and `self_cmd`. No further ones belong here.
const SYS_KNOWS_ABOVE: &[&str] = &["machine_place", "menu", "services"];

/// Each import of one module from another one that is not behind it in the list.
fn imports_against(list: &[&str], folder: &str) -> Vec<String> {
    let level = |path: &str| list.iter().position(|name| path.split("::").next() == Some(name));
    let edges = Imports::read(folder).edges();
    let breach = |(from, to): &(String, String)| level(from).is_some_and(|own| level(to).is_none_or(|to| to < own));
    edges.iter().filter(|edge| breach(edge)).map(|(from, to)| format!("{from} imports {to}")).collect()
}

#[test]
fn modules_of_the_builder_depend_in_one_direction() {
    let breaches = imports_against(BUILDER, "builder/src/");
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn modules_of_the_launcher_depend_in_one_direction() {
    let is_known = |breach: &String| {
        let part = breach.strip_prefix("sys::linux::").or_else(|| breach.strip_prefix("sys::windows::"));
        part.is_some_and(|part| SYS_KNOWS_ABOVE.iter().any(|known| part.starts_with(known)))
    };
    let mut breaches = imports_against(LAUNCHER, "launcher/src/");
    breaches.retain(|breach| !is_known(breach));
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_modules_of_a_folder_of_the_builder_import_each_other_in_no_cycle() {
    let folder_of = |module: &str| module.rsplit_once("::").map(|(folder, _)| folder.to_owned());
    let mut edges = Imports::read("builder/src/").edges();
    edges.retain(|(from, to)| folder_of(from) == folder_of(to));
    assert_eq!(cycle(&edges), None);
}

/// Files and folders alike. A folder's `mod.rs` is its page: it imports what is in the folder, and may declare what that shares.
#[test]
fn the_files_and_folders_in_a_folder_of_the_launcher_import_each_other_in_no_cycle() {
    let edges = Imports::read("launcher/src/").edges();
    let above = |module: &String| module.match_indices("::").map(|(at, _)| module[..at].to_owned()).collect::<Vec<_>>();
    let folders: BTreeSet<String> = edges.iter().flat_map(|(from, _)| above(from)).collect();
    // A verb may do what another one does: a service is installed with its app, which restarts its services.
    for folder in folders.into_iter().filter(|folder| folder != "self_cmd") {
        let unit = |module: &str| unit(module, &folder).map(str::to_owned);
        let among = edges.iter().filter_map(|(from, to)| Some((unit(from)?, unit(to)?)));
        let is_known = |from: &String| folder.starts_with("sys") && SYS_KNOWS_ABOVE.contains(&from.as_str());
        let among: BTreeSet<_> = among.filter(|(from, to)| from != to && !is_known(from)).collect();
        assert_eq!(cycle(&among), None, "in launcher/src/{}", folder.replace("::", "/"));
    }
}

/// The first part of a module's path below a folder; none for the folder itself and what lies elsewhere.
fn unit<'a>(module: &'a str, folder: &str) -> Option<&'a str> {
    let below = module.strip_prefix(folder)?.strip_prefix("::")?;
    // What both systems share and what is done on each of them are parts of one topic.
    let topic = ["linux::", "windows::"].iter().find_map(|system| below.strip_prefix(system));
    topic.unwrap_or(below).split("::").next()
}
