//! The executable at the front of every bundle.

use launcher::{launch, notify};

fn main() {
    let code = launch::launch().unwrap_or_else(|error| {
        notify::failure(&error);
        u32::from(error.exit_code())
    });
    // An exit code of Windows has 32 bits, and `ExitCode` holds 8.
    std::process::exit(code.cast_signed());
}
