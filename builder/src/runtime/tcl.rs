//! Tcl and Tk in a copy of this machine's CPython: their scripts are in `lib/tcl8.6` and `lib/tk8.6` of the tree, and tkinter
//! tells the libraries so.
//!
//! python-build-standalone has Tcl and Tk inside and needs nothing of this.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const MODULE: &str = include_str!("tcl.py");

/// The module in the package tkinter that finds the scripts. It is there in copies of a machine's CPython alone.
pub(crate) const NAME: &str = "tkinter/_ekiben.py";

/// The line of `tkinter/__init__.py` before which it has to be imported.
const IMPORT: &str = "\nimport _tkinter";

/// Whether the tree has the scripts.
pub(super) fn has_scripts(tree: &Path) -> bool {
    scripts(tree).is_some()
}

/// Lets tkinter find the scripts of the tree, if it has both. A tree without `_tkinter` loses the rest.
///
/// # Errors
/// Those of the file system.
pub(super) fn point_to_scripts(tree: &Path) -> io::Result<()> {
    let Some(tcl) = scripts(tree) else { return Ok(()) };
    for stdlib in entries(&tree.join("lib"), "python3.")? {
        let module = stdlib.join("tkinter/__init__.py");
        // What was copied from another bundle's tree has no source, and was changed before.
        let Ok(text) = fs::read_to_string(&module) else { continue };
        if entries(&stdlib.join("lib-dynload"), "_tkinter.")?.is_empty() {
            fs::remove_dir_all(stdlib.join("tkinter"))?;
            continue;
        }
        let Some(name) = tcl.file_name().and_then(|name| name.to_str()) else { continue };
        let own = MODULE.replace("{tcl}", name).replace("{tk}", &name.replacen("tcl", "tk", 1));
        fs::write(stdlib.join(NAME), own)?;
        if !text.contains("_ekiben; ") {
            // In the same line, so that tracebacks name the right ones.
            fs::write(&module, text.replacen(IMPORT, "\nfrom tkinter import _ekiben; import _tkinter", 1))?;
        }
    }
    Ok(())
}

/// `lib/tcl8.6`.
fn scripts(tree: &Path) -> Option<PathBuf> {
    let found = entries(&tree.join("lib"), "tcl").ok()?;
    found.into_iter().find(|directory| directory.join("init.tcl").is_file())
}

/// What begins with this in a directory; nothing, if there is no such directory.
fn entries(directory: &Path, start: &str) -> io::Result<Vec<PathBuf>> {
    let found = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found?,
    };
    let names = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(start);
    let mut found: Vec<PathBuf> = found.flatten().filter(names).map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}
