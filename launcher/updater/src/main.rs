//! The executable in the layer `updater`.

use std::process::ExitCode;

fn main() -> ExitCode {
    updater::run(std::env::args_os().skip(1))
}
