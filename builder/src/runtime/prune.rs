//! What of a CPython tree no application needs: tests, headers, static libraries, stale bytecode, other
//! people's packages. Every module that a program may import stays.

use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::platform::Family;

/// Removes all ballast from the tree.
///
/// # Errors
/// Those of the file system; the tree is then half pruned.
pub(super) fn prune(tree: &Path, family: Family) -> io::Result<()> {
    let mut entries = WalkDir::new(tree).min_depth(1).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Some(relative) = relative(tree, entry.path()) else { continue };
        if !is_ballast(&relative, family) {
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

/// `path` below `tree`, with `/` between its parts. `None` for a name that is no text: CPython ships none.
pub(super) fn relative(tree: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(tree).ok()?.components();
    parts.map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

/// Whether this file or directory, named from the top of the tree, is ballast.
pub(super) fn is_ballast(path: &str, family: Family) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "__pycache__" || name == "EXTERNALLY-MANAGED" {
        return true;
    }
    match family {
        Family::Unix => unix(path, name),
        Family::Windows => windows(path, name),
    }
}

fn unix(path: &str, name: &str) -> bool {
    let Some(rest) = path.strip_prefix("lib/") else {
        let top = path.split('/').next().unwrap_or(path);
        let interpreter = path.strip_prefix("bin/python3.").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        return matches!(top, "include" | "share" | "man" | "etc" | "build" | "Lib")
            || (path.starts_with("bin/") && !interpreter);
    };
    let Some((stdlib, module)) = rest.split_once('/').filter(|(dir, _)| dir.starts_with("python3.")) else {
        return rest == "pkgconfig" || rest == "cmake" || (name.ends_with(".a") && !rest.contains('/'));
    };
    // Debian keeps a link of this name to a hook of its own in /etc.
    module == "sitecustomize.py"
        || module.starts_with(&format!("config-{}", &stdlib["python".len()..]))
        || module.strip_prefix("lib-dynload/").is_some_and(is_test_module)
        || stdlib_ballast(module)
}

fn windows(path: &str, name: &str) -> bool {
    if let Some(module) = path.strip_prefix("Lib/") {
        return stdlib_ballast(module);
    }
    let top = path.split('/').next().unwrap_or(path);
    let extension = path.strip_prefix("DLLs/").unwrap_or(path);
    let tcl =
        top == "tcl" && (matches!(name, "nmake" | "demos") || name.ends_with(".lib") || name.ends_with("Config.sh"));
    tcl || matches!(top, "libs" | "include" | "Doc" | "Scripts" | "Tools" | "share" | "NEWS.txt" | "python.cat")
        || name.ends_with(".pdb")
        || name.ends_with("._pth")
        || (!extension.contains('/') && name.ends_with(".pyd") && is_test_module(extension))
}

/// A directory or file of the standard library, named from its top.
fn stdlib_ballast(module: &str) -> bool {
    let directory = ["test", "idlelib", "turtledemo", "dist-packages"].contains(&module);
    let tests = [
        "lib2to3/tests",
        "ensurepip/_bundled",
        "ctypes/test",
        "distutils/tests",
        "sqlite3/test",
        "tkinter/test",
        "unittest/test",
    ]
    .contains(&module);
    directory || tests || module.starts_with("site-packages/")
}

/// The extension modules that exist for CPython's own test suite.
fn is_test_module(file: &str) -> bool {
    ["_test", "_ctypes_test", "_xxtestfuzz", "xxlimited", "xxsubtype"].iter().any(|name| file.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ballast_goes_and_what_an_app_imports_stays() {
        for (family, path, ballast) in [
            (Family::Unix, "lib/python3.13/test", true),
            (Family::Unix, "lib/python3.13/unittest", false),
            (Family::Unix, "lib/python3.11/unittest/test", true),
            (Family::Unix, "lib/python3.13/config-3.13-x86_64-linux-gnu", true),
            (Family::Unix, "lib/python3.13/configparser.py", false),
            (Family::Unix, "lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so", true),
            (Family::Unix, "lib/python3.13/lib-dynload/_sqlite3.cpython-313-x86_64-linux-gnu.so", false),
            (Family::Unix, "lib/python3.13/site-packages", false),
            (Family::Unix, "lib/python3.13/site-packages/pip", true),
            (Family::Unix, "lib/python3.13/ensurepip/__init__.py", false),
            (Family::Unix, "lib/python3.13/ensurepip/_bundled", true),
            (Family::Unix, "lib/python3.13/json/__pycache__", true),
            (Family::Unix, "lib/libpython3.13.so.1.0", false),
            (Family::Unix, "lib/tcl8.6", false),
            (Family::Unix, "bin/python3.13", false),
            (Family::Unix, "bin/python3.13-config", true),
            (Family::Unix, "bin/pip3", true),
            (Family::Unix, "share", true),
            (Family::Windows, "libs", true),
            (Family::Windows, "Lib", false),
            (Family::Windows, "tcl", false),
            (Family::Windows, "tcl/tk8.6/tk.tcl", false),
            (Family::Windows, "tcl/tk8.6/demos", true),
            (Family::Windows, "tcl/nmake", true),
            (Family::Windows, "tcl/tcl86t.lib", true),
            (Family::Windows, "DLLs/_testcapi.pyd", true),
            (Family::Windows, "DLLs/_ssl.pyd", false),
            (Family::Windows, "_ssl.pyd", false),
            (Family::Windows, "Lib/test", true),
            (Family::Windows, "python313._pth", true),
            (Family::Windows, "LICENSE.txt", false),
        ] {
            assert_eq!(is_ballast(path, family), ballast, "{path}");
        }
    }
}
