//! Which modules can be reached: asks `reach.py`, in an interpreter that reads the target's bytecode.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::beginnings;
use crate::config::EntryPoint;
use crate::context::BuildContext;
use crate::packing::stage::Parts;
use crate::platform::PREFIX;
use crate::report::failure::Failure;
use crate::runtime::bytecode::Compiler;
use crate::runtime::interpreters;

const SCRIPT: &str = concat!(include_str!("known.py"), include_str!("reach.py"));

/// What `reach.py` found.
#[derive(Debug, Deserialize)]
pub(super) struct Reached {
    /// Every file of every module that stays.
    pub(super) files: Vec<PathBuf>,
    pub(super) unseen: Vec<Unseen>,
    absent: Vec<String>,
}

/// A place where modules are imported under names that are computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(String, u32, Option<String>)")]
pub struct Unseen {
    /// The module that does it.
    pub module: String,
    /// In which line.
    pub line: u32,
    /// The package around it. All of that stays therefore.
    pub package: Option<String>,
}

impl From<(String, u32, Option<String>)> for Unseen {
    fn from((module, line, package): (String, u32, Option<String>)) -> Self {
        Self { module, line, package }
    }
}

/// Follows imports from the entry point, and from the modules that were `recorded` in a trial.
pub(super) fn from_entry(
    context: BuildContext<'_>,
    parts: &Parts,
    compiler: &Compiler,
    recorded: &[String],
) -> anyhow::Result<Reached> {
    let tree = &parts.runtime.tree;
    let platform = context.target.platform();
    let stdlib: Vec<PathBuf> =
        platform.module_directories(&parts.runtime.version).iter().map(|directory| tree.join(directory)).collect();
    let packages = [&parts.application, &parts.dependencies].map(|packages| packages.site_packages.as_path());
    let entry = &context.project.entry;
    let script = beginnings(entry).1;
    let modules = parts.application.modules();
    let script = script.and_then(|script| {
        let command = script.replacen("bin", platform.commands(), 1);
        let commands = packages.iter().map(|packages| packages.join(PREFIX).join(&command));
        let beside = std::iter::once(modules.as_path()).chain(packages).map(|place| place.join(script));
        beside.chain(commands).find(|path| path.is_file())
    });
    let own = match script.as_deref().and_then(Path::parent) {
        Some(beside) => Some(beside),
        None => Some(modules.as_path()).filter(|modules| *modules != packages[0]),
    };
    // What is in the standard library and in a package by the same name is the standard library's, as at run time; what the
    // app has beside its script or in a directory of its own is the app's.
    let stdlib = stdlib.iter().filter(|directory| directory.is_dir()).map(|directory| json!([directory, "stdlib"]));
    let packaged = packages.map(|directory| json!([directory, "packages"]));
    let path: Vec<_> = own.map(|own| json!([own, "app"])).into_iter().chain(stdlib).chain(packaged).collect();
    let keep = &context.project.minimal_keep;
    let names_of = |entry: &EntryPoint| beginnings(entry).0;
    let names: Vec<String> = context.project.entries().flat_map(names_of).collect();
    let modules_alone = context.project.entries().filter(|entry| matches!(entry, EntryPoint::Module(_)));
    let programs: Vec<String> = modules_alone.flat_map(names_of).collect();
    let request = json!({
        "path": path,
        "platform": platform.marker().sys_platform,
        "names": names,
        "programs": programs,
        "script": script,
        "keep": keep,
        "recorded": recorded,
    });
    let reached: Reached =
        interpreters::answer(compiler.program(), SCRIPT, &request).context("could not follow the app's imports")?;
    if let Some(absent) = reached.absent.first() {
        return Err(Failure::new(format!("`minimal-keep` names `{absent}`, and there is no such module"))
            .help("name modules as `import` does, such as `encodings.big5`; all that is below them stays, too")
            .into());
    }
    Ok(reached)
}
