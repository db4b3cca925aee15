//! `ekiben verify`: every byte of the payload, against its digests.

use std::process::ExitCode;

use serde_json::json;

use super::{open, print, print_json};
use crate::commands::cli::VerifyCommand;
use crate::packing::check;
use crate::report::failure::Help as _;
use crate::report::{Report, Verbosity};

pub(super) fn run(command: &VerifyCommand) -> anyhow::Result<ExitCode> {
    let bundle = open::open(&command.file)?;
    let index = check::verify(&bundle, &Report::new(Verbosity::Normal))
        .or_fail(format!("the bundle `{}` is damaged", command.file.display()), open::HELP)?;
    let frames = index.layers.iter().map(|layer| layer.frames.len()).sum::<usize>();
    let files = index.layers.iter().map(bundle::index::Layer::files).sum::<usize>();
    if command.json {
        print_json(&json!({ "ok": true, "digest": bundle.digest(), "frames": frames, "files": files }))
    } else {
        print(&format!(
            "{}: ok, {files} files in {frames} frames, digest {}\n",
            command.file.display(),
            bundle.digest()
        ))
    }
}
