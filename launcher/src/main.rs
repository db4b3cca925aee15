//! The executable at the front of every bundle.

#![cfg_attr(unix, no_main)]

use launcher::{launch, notify, process};

#[path = "main/linux.rs"]
#[cfg(target_os = "linux")]
mod linux;
#[path = "main/windows.rs"]
#[cfg(windows)]
mod windows;

fn main() {
    process::tell_of_panics();
    process::load_from_the_system_alone();
    let code = launch::launch().unwrap_or_else(|failure| {
        process::outlive_closed_pipes();
        notify::failure(&failure);
        failure.error.exit_code()
    });
    notify::before_the_console_closes(code);
    // An exit code of Windows has 32 bits, and `ExitCode` holds 8.
    std::process::exit(code.cast_signed());
}
