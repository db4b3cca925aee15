//! What of a CPython tree no application needs: tests, headers, static libraries, stale bytecode, other
//! people's packages. Every module that a program may import stays.

use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::platform::Platform;

/// Removes all ballast from the tree.
///
/// # Errors
/// Those of the file system; the tree is then half trimmed.
pub(super) fn trim(tree: &Path, platform: &dyn Platform) -> io::Result<()> {
    let mut entries = WalkDir::new(tree).min_depth(1).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Some(relative) = relative(tree, entry.path()) else { continue };
        if !is_ballast(&relative, platform) {
            continue;
        }
        if entry.file_type().is_dir() {
            entries.skip_current_dir();
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `path` below `tree`, with `/` between its parts. `None` for a name that is not text: CPython ships none.
pub(super) fn relative(tree: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(tree).ok()?.components();
    parts.map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

/// Whether this file or directory, named from the top of the tree, is ballast.
pub(super) fn is_ballast(path: &str, platform: &dyn Platform) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "__pycache__" || name == "EXTERNALLY-MANAGED" || platform.is_ballast(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    #[test]
    fn ballast_goes_and_what_an_app_imports_stays() {
        for (platform, path, ballast) in [
            (LINUX, "lib/python3.13/test", true),
            (LINUX, "lib/python3.13/unittest", false),
            (LINUX, "lib/python3.11/unittest/test", true),
            (LINUX, "lib/python3.13/config-3.13-x86_64-linux-gnu", true),
            (LINUX, "lib/python3.13/configparser.py", false),
            (LINUX, "lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so", true),
            (LINUX, "lib/python3.13/lib-dynload/_sqlite3.cpython-313-x86_64-linux-gnu.so", false),
            (LINUX, "lib/python3.13/site-packages", false),
            (LINUX, "lib/python3.13/site-packages/pip", true),
            (LINUX, "lib/python3.13/ensurepip/__init__.py", false),
            (LINUX, "lib/python3.13/ensurepip/_bundled", false),
            (LINUX, "lib/python3.13/idlelib/run.py", false),
            (LINUX, "lib/python3.13/idlelib/idle_test", true),
            (LINUX, "lib/python3.13/json/__pycache__", true),
            (LINUX, "lib/libpython3.13.so.1.0", false),
            (LINUX, "lib/tcl8.6", false),
            (LINUX, "bin/python3.13", false),
            (LINUX, "bin/python3.13-config", true),
            (LINUX, "bin/pip3", true),
            (LINUX, "share", true),
            (WINDOWS, "libs", true),
            (WINDOWS, "Lib", false),
            (WINDOWS, "tcl", false),
            (WINDOWS, "tcl/tk8.6/tk.tcl", false),
            (WINDOWS, "tcl/tk8.6/demos", true),
            (WINDOWS, "tcl/nmake", true),
            (WINDOWS, "tcl/tcl86t.lib", true),
            (WINDOWS, "DLLs/_testcapi.pyd", true),
            (WINDOWS, "DLLs/_ssl.pyd", false),
            (WINDOWS, "_ssl.pyd", false),
            (WINDOWS, "Lib/test", true),
            (WINDOWS, "python313._pth", true),
            (WINDOWS, "LICENSE.txt", false),
        ] {
            assert_eq!(is_ballast(path, platform), ballast, "{path}");
        }
    }
}
