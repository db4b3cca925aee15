//! `ekiben`, the command.

use std::process::ExitCode;

use ekiben::commands::{self, cli::Cli};
use ekiben::report::failure;

fn main() -> ExitCode {
    match commands::run(Cli::of_this_process()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", failure::render(&error));
            ExitCode::FAILURE
        }
    }
}
