//! The executable at the front of every bundle.

#![cfg_attr(unix, no_main)]

use launcher::notify::{self, unexpected_end};
use launcher::{launch, sys};

#[path = "main/linux.rs"]
#[cfg(target_os = "linux")]
mod linux;
#[path = "main/windows.rs"]
#[cfg(windows)]
mod windows;

fn main() {
    unexpected_end::report_panics();
    sys::restrict_dll_search();
    let code = launch::launch().unwrap_or_else(|failure| {
        sys::ignore_sigpipe();
        notify::failure(&failure);
        failure.error.exit_code()
    });
    notify::pause_if_console_is_ours(code);
    // An exit code of Windows has 32 bits, and `ExitCode` holds 8.
    std::process::exit(code.cast_signed());
}
