//! `ekiben completions`: a script that lets a shell complete ekiben's command line.

use std::process::ExitCode;

use super::print;
use crate::commands::cli::{Cli, CompletionsCommand};

pub(super) fn run(command: &CompletionsCommand) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::described(), "ekiben", &mut script);
    print(&String::from_utf8(script)?)
}
