//! `ekiben`, the command.

use std::process::ExitCode;

use clap::Parser as _;
use ekiben::commands::{self, cli::Cli};
use ekiben::report::failure;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", failure::render(&error));
            ExitCode::FAILURE
        }
    }
}
