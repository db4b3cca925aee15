//! `minimal`: a bundle with only what can be reached from the entry point.
//!
//! 1. [`reach`] follows imports, in bytecode, through all trees: which modules stay.
//! 2. [`keep`] decides on everything that is not a module: data of a distribution stays while any module of it does, a shared
//!    library while something that stays is linked with it.
//! 3. [`trial`] runs the app where the target runs on this machine: before the first step from everything, so that what is
//!    imported then is known, and at the end from exactly what stays.
//!
//! Imports of computed names can't be followed; [`LeftOut`] says where there are some.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use bundle::frame::Item;
use serde::Serialize;

use crate::config::EntryPoint;
use crate::context::BuildContext;
use crate::host::digest;
use crate::packing::stage::{Parts, StagedLayer};
use crate::platform::Platform;
use crate::report::failure::Failure;

mod keep;
pub(super) mod libraries;
mod reach;
mod trial;

pub use reach::Unseen;
pub use trial::{Trial, lay_out, wait};

/// What `minimal` left out.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Of each layer.
    pub layers: Vec<Part>,
    /// Where modules are imported under names that are computed.
    pub unseen: Vec<Unseen>,
}

/// What was left out of one layer.
#[derive(Debug, Serialize)]
pub struct Part {
    /// The layer.
    pub layer: &'static str,
    /// Bytes once extracted.
    pub uncompressed_size: u64,
    /// Files that stay.
    pub kept: usize,
    /// Modules, packages and libraries of which nothing stays, by their first names; the largest first.
    pub whole: Vec<String>,
    /// Files that are left out.
    pub files: Vec<String>,
}

/// Takes out of the layers what can't be reached from the entry point or from the modules that a trial has `recorded`.
///
/// # Errors
/// When no interpreter of this machine reads the bytecode, or the project keeps a module that does not exist.
pub fn reduce(
    layers: &mut [StagedLayer],
    context: BuildContext<'_>,
    parts: &Parts,
    recorded: &[String],
) -> anyhow::Result<LeftOut> {
    let _step = context.report.step("following imports");
    if let EntryPoint::Program(program) = &context.project.entry {
        return Err(Failure::new(format!("`minimal` follows imports, and `{program}` is not a program in Python"))
            .help("build it without `minimal`")
            .into());
    }
    let compiler = parts.compiler.as_ref().ok_or_else(|| {
        let minor = parts.runtime.version.minor();
        Failure::new(format!("`minimal` needs a CPython {minor} on this machine, to read bytecode"))
            .help("install one, or build without `minimal`")
    })?;
    let reached = reach::from_entry(context, parts, compiler, recorded)?;
    let modules: HashSet<PathBuf> = reached.files.into_iter().collect();
    let rules = keep::Rules::new(layers, &modules, context)?;
    let left = layers.iter_mut().map(|layer| take_out(layer, &rules, context.target.platform())).collect();
    Ok(LeftOut { layers: left, unseen: reached.unseen })
}

fn take_out(layer: &mut StagedLayer, rules: &keep::Rules<'_>, platform: &dyn Platform) -> Part {
    let items = std::mem::take(&mut layer.items).into_iter();
    let (kept, gone): (Vec<Item>, Vec<Item>) = items.partition(|item| rules.allow(layer.name, item));
    layer.items = kept;
    let names = || layer.items.iter().map(|item| item.path.as_str());
    layer.key = digest::of_facts(["minimal", layer.key.as_str()].into_iter().chain(names()));
    Part {
        layer: layer.name,
        uncompressed_size: gone.iter().map(|item| item.kind.size()).sum(),
        kept: layer.items.len(),
        whole: whole(&layer.items, &gone, platform),
        files: gone.into_iter().map(|item| item.path.as_str().to_owned()).collect(),
    }
}

fn whole(kept: &[Item], gone: &[Item], platform: &dyn Platform) -> Vec<String> {
    let kept: HashSet<String> = kept.iter().map(|item| first_name(item.path.as_str(), platform)).collect();
    let mut sizes = BTreeMap::<String, u64>::new();
    for item in gone {
        *sizes.entry(first_name(item.path.as_str(), platform)).or_default() += item.kind.size();
    }
    let mut names: Vec<(String, u64)> = sizes.into_iter().filter(|(name, _)| !kept.contains(name)).collect();
    names.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    names.into_iter().map(|(name, _)| name).collect()
}

/// `asyncio` of `lib/python3.13/asyncio/events.pyc`, `_ssl` of `lib-dynload/_ssl.cpython-313.so`.
fn first_name(path: &str, platform: &dyn Platform) -> String {
    let below =
        ["/site-packages/", "/lib-dynload/"].iter().find_map(|dir| path.split_once(dir)).map(|(_, below)| below);
    let below = below.or_else(|| platform.in_stdlib(path)).unwrap_or(path);
    let below = below.strip_prefix("lib/").unwrap_or(below);
    let below = below.strip_prefix("__pycache__/").unwrap_or(below);
    let first = below.split('/').next().unwrap_or(below);
    first.split('.').next().unwrap_or(first).to_owned()
}

/// The modules that a start imports, and the file that it runs.
fn beginnings(entry: &EntryPoint) -> (Vec<String>, Option<&str>) {
    match entry {
        EntryPoint::Function { module, .. } => (vec![module.clone()], None),
        EntryPoint::Module(module) => (vec!["runpy".to_owned(), module.clone(), format!("{module}.__main__")], None),
        EntryPoint::Script(path) => (Vec::new(), Some(path)),
        EntryPoint::Program(_) => (Vec::new(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    #[test]
    fn what_was_left_out_is_told_by_its_first_name() {
        for (platform, path, name) in [
            (LINUX, "lib/python3.13/asyncio/events.pyc", "asyncio"),
            (LINUX, "lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so", "_ssl"),
            (LINUX, "lib/python3.13/site-packages/rich/table.py", "rich"),
            (LINUX, "lib/python3.13/site-packages/__pycache__/six.cpython-313.pyc", "six"),
            (LINUX, "lib/libcrypto.so.3", "libcrypto"),
            (WINDOWS, "Lib/site-packages/rich/table.py", "rich"),
            (WINDOWS, "Lib/csv.pyc", "csv"),
            (WINDOWS, "_ssl.pyd", "_ssl"),
        ] {
            assert_eq!(first_name(path, platform), name, "{path}");
        }
    }
}
