//! Virtual environments that an app creates with copies of the interpreter: each needs a copy of `libpython` too, which the
//! interpreter looks for in `../lib`.

use std::fs;
use std::io;
use std::path::Path;

const ADDED: &str = include_str!("venv.py");

/// Lets the package `venv` copy it, if the tree has one.
///
/// # Errors
/// Those of the file system.
pub(super) fn copy_libpython(tree: &Path, stdlib: &Path) -> io::Result<()> {
    let is_library = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("libpython");
    let module = stdlib.join("venv/__init__.py");
    // A tree that came out of a bundle has no such source, and was changed before.
    let Ok(text) = fs::read_to_string(&module) else { return Ok(()) };
    if text.contains(ADDED) || !fs::read_dir(tree.join("lib"))?.flatten().any(is_library) {
        return Ok(());
    }
    // At the end, so that tracebacks name the right lines.
    fs::write(&module, text + ADDED)
}
