//! The executable in the layer `updater`.

fn main() {
    // An exit code of Windows has 32 bits, and `ExitCode` holds 8.
    std::process::exit(updater::run(std::env::args_os().skip(1)));
}
