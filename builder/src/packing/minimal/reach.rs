//! Which modules can be reached: asks `reach.py`, in an interpreter that reads the target's bytecode.

use std::path::PathBuf;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::beginnings;
use crate::config::EntryPoint;
use crate::context::BuildContext;
use crate::packing::stage::Parts;
use crate::report::failure::Failure;
use crate::runtime::bytecode::Compiler;
use crate::runtime::interpreters;

const SCRIPT: &str = include_str!("reach.py");

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

/// Follows imports from the entry point.
pub(super) fn from_entry(context: BuildContext<'_>, parts: &Parts, compiler: &Compiler) -> anyhow::Result<Reached> {
    let tree = &parts.runtime.tree;
    let platform = context.target.platform();
    let stdlib: Vec<PathBuf> =
        platform.module_directories(&parts.runtime.version).iter().map(|directory| tree.join(directory)).collect();
    let packages = [&parts.application, &parts.dependencies].map(|packages| packages.site_packages.as_path());
    let stdlib = stdlib.iter().filter(|directory| directory.is_dir()).map(|directory| json!([directory, "stdlib"]));
    // A module of the standard library wins over one of a package with the same name, as at run time.
    let path: Vec<_> = stdlib.chain(packages.iter().map(|directory| json!([directory, "packages"]))).collect();
    let entry = &context.project.entry;
    let (names, script) = beginnings(entry);
    let script = script.and_then(|script| packages.iter().map(|p| p.join(script)).find(|path| path.is_file()));
    let keep = &context.project.minimal_keep;
    let programs = if matches!(entry, EntryPoint::Module(_)) { names.clone() } else { Vec::new() };
    let request = json!({
        "path": path,
        "platform": platform.marker().sys_platform,
        "names": names,
        "programs": programs,
        "script": script,
        "keep": keep,
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
