//! `ekiben schema`: what `[tool.ekiben]` and `ekiben.toml` may hold, for editors.

use std::process::ExitCode;

use super::print;
use crate::config::SCHEMA;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    print(SCHEMA)
}
