//! `ekiben build`: a project becomes a bundle.

use std::process::ExitCode;

use serde_json::json;

use super::{overrides, print_json, report};
use crate::cli::BuildCommand;
use crate::pipeline::{self, Built};
use crate::report::Verbosity;
use crate::summary;

pub(super) fn run(command: &BuildCommand) -> anyhow::Result<ExitCode> {
    let report = report(&command.build);
    let built = pipeline::build(&command.build.project, &overrides(&command.build)?, &report)?;
    if report.verbosity() > Verbosity::Quiet {
        eprint!("{}", summary::of(&built));
    }
    if command.json { print_json(&json(&built)) } else { Ok(ExitCode::SUCCESS) }
}

fn json(built: &Built) -> serde_json::Value {
    let layers: Vec<_> = built.layers.iter().map(|layer| summary::layer_json(layer.name, &layer.frames)).collect();
    json!({
        "path": built.path,
        "size": built.size,
        "digest": built.digest,
        "app": built.record.app,
        "target": built.record.target,
        "python": built.record.python,
        "runtime": built.record.runtime,
        "entry_point": built.record.entry_point,
        "launcher_size": built.launcher,
        "layers": layers,
        "seconds": built.time.as_secs_f64(),
    })
}
