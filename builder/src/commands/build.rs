//! `ekiben build`: a project becomes a bundle.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::{overrides, print_json, report};
use crate::commands::cli::BuildCommand;
use crate::commands::summary;
use crate::packing::lazy_imports::write;
use crate::pipeline::{self, Built};
use crate::report::Verbosity;

pub(super) fn run(command: &BuildCommand) -> anyhow::Result<ExitCode> {
    let report = report(&command.build);
    let built = pipeline::build(&command.build.project, &overrides(&command.build)?, &report)?;
    if report.verbosity() > Verbosity::Quiet {
        eprint!("{}", summary::of(&built));
    }
    if command.timings {
        eprint!("{}", summary::timings(&built));
    }
    if command.write
        && let Some(choice) = &built.lazy_imports
    {
        write::into(&built.settings_file, choice)?;
    }
    if command.json { print_json(&json(&built)) } else { Ok(ExitCode::SUCCESS) }
}

fn json(built: &Built) -> serde_json::Value {
    let layers: Vec<_> = built.layers.iter().map(|layer| summary::layer_json(layer.name, &layer.frames)).collect();
    let step = |(name, time): &(&str, Duration)| json!({ "step": name, "seconds": time.as_secs_f64() });
    let timings: Vec<_> = built.timings.steps().iter().map(step).collect();
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
        "left_out": built.left_out,
        "lazy_imports": built.lazy_imports,
        "left_out_tests": built.left_out_tests,
        "seconds": built.time.as_secs_f64(),
        "timings": timings,
    })
}
