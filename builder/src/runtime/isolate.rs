//! Isolates a CPython tree from the machine it runs on: environment, registry, working directory, user site.
//!
//! Two means, both in the tree itself, so that they hold for the application and for every process it starts
//! through `sys.executable`, and for no other Python:
//!
//! 1. A `._pth` file beside the interpreter. CPython then takes `sys.path` from it alone and ignores
//!    `PYTHONHOME`, `PYTHONPATH` and the registry; since 3.11 on every system. On Unix it is found beside the
//!    path the interpreter was started by, which is the link `python` at the top of the tree.
//! 2. The user site directory, which a `._pth` file does not rule out: see `aliases.py`.

use std::fs;
use std::io;
use std::path::Path;

use crate::host::digest;
use crate::platform::{Platform, PythonVersion};

/// What replaces `encodings/aliases.py`.
const ALIASES: &str = include_str!("aliases.py");

/// Isolates the tree. Doing it twice does no harm.
///
/// # Errors
/// Those of the file system; the tree is then of no use.
pub(super) fn isolate(tree: &Path, platform: &dyn Platform, version: &PythonVersion) -> io::Result<()> {
    let (file, text) = platform.path_file(tree, version);
    fs::write(tree.join(file), text)?;
    replace_aliases(&tree.join(platform.stdlib(version)).join("encodings"))
}

/// Names what is done here, so that no tree that was isolated in another way is taken from a cache.
pub(super) fn recipe() -> String {
    // The last part names the lines of the `._pth` file.
    digest::of_facts([ALIASES, "zip first"])
}

/// Puts ours in place of `encodings/aliases`, which lives on as `encodings/_aliases`: as source, or, in trees
/// without sources, as a lone `.pyc`. A tree that came out of a bundle has such an `_aliases` already.
fn replace_aliases(encodings: &Path) -> io::Result<()> {
    let file = |name: &str, suffix: &str| encodings.join(format!("{name}.{suffix}"));
    let find = |name: &str| ["py", "pyc"].into_iter().find(|suffix| file(name, suffix).is_file());
    if find("_aliases").is_none() {
        let suffix = find("aliases").ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("`{}` holds no `aliases`", encodings.display()))
        })?;
        fs::rename(file("aliases", suffix), file("_aliases", suffix))?;
    } else if let Some(suffix) = find("aliases") {
        fs::remove_file(file("aliases", suffix))?;
    }
    fs::write(file("aliases", "py"), ALIASES)
}
