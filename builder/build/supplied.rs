//! Launchers that somebody else has built, for packagers: `EKIBEN_LAUNCHERS=DIR` holds a file for each target, named by
//! its triple. Then neither the Rust target nor a C compiler for it is needed.

use std::fs;
use std::path::Path;

use super::ways::Launcher;

/// How executables begin, for Linux and for Windows.
const EXECUTABLES: &[&[u8]] = &[b"\x7fELF", b"MZ"];

/// Copies the launcher for its target from `directory` to `to`.
///
/// # Errors
/// The reason, in one line.
pub(crate) fn copy(directory: &Path, launcher: &Launcher, to: &Path) -> Result<(), String> {
    let file = directory.join(launcher.target);
    let could_not =
        |error: &dyn std::fmt::Display| format!("could not read the launcher `{}`: {error}", file.display());
    let bytes = fs::read(&file).map_err(|error| could_not(&error))?;
    if !EXECUTABLES.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(could_not(&"it is not an executable"));
    }
    fs::write(to, bytes).map_err(|error| format!("could not write `{}`: {error}", to.display()))
}
