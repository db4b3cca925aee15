//! The directory that an app's modules get when they are to come before all others, as those beside a script do under Python.
//!
//! Usually they lie among the packages, at the end of `sys.path`. That makes a difference if one of them is called like a module
//! of the standard library or of a package (`calendar.py`, `utils/`), or if the app looks into `sys.path[0]` for files of its
//! own. Such an app gets a directory in `site-packages`, which the start puts first; a `.pth` file puts it at the end for
//! other programs that run in the same Python.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Tree;
use crate::context::BuildContext;
use crate::runtime::Runtime;

/// Its name: one that can't be imported.
pub const NAME: &str = "ekiben-app";

/// The names of all top-level modules that are not the app's.
pub(super) fn others(context: BuildContext<'_>, runtime: &Runtime, dependencies: &Tree) -> io::Result<HashSet<String>> {
    let platform = context.target.platform();
    let mut names = names_in(&dependencies.site_packages)?;
    // The top of a tree has other things beside some modules.
    for directory in platform.module_directories(&runtime.version).iter().filter(|directory| !directory.is_empty()) {
        names.extend(names_in(&runtime.tree.join(directory))?);
    }
    Ok(names)
}

/// Moves the app's sources from `copied` into `tree`: to its top, or into a directory of their own. Answers where they are.
pub(super) fn place(copied: &Path, tree: &Path, others: &HashSet<String>) -> io::Result<PathBuf> {
    if names_in(copied)?.is_disjoint(others) && !looks_for_its_directory(copied) {
        merge(copied, tree)?;
        return Ok(tree.to_owned());
    }
    let own = tree.join(NAME);
    fs::rename(copied, &own)?;
    fs::write(tree.join(format!("{NAME}.pth")), format!("{NAME}\n"))?;
    Ok(own)
}

/// The names of the modules and packages at the top of a directory.
fn names_in(directory: &Path) -> io::Result<HashSet<String>> {
    let entries = match fs::read_dir(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(HashSet::new()),
        entries => entries?,
    };
    let mut names = HashSet::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_module = [".py", ".pyc", ".so", ".pyd"].iter().any(|suffix| name.ends_with(suffix));
        let first = name.split('.').next().unwrap_or_default();
        if (is_module || first == name) && !first.is_empty() && first != "__pycache__" {
            names.insert(first.to_owned());
        }
    }
    Ok(names)
}

/// Whether a module mentions the place in `sys.path` where Python puts the directory of a script.
fn looks_for_its_directory(copied: &Path) -> bool {
    let modules = WalkDir::new(copied).into_iter().flatten();
    modules.filter(|file| file.path().extension().is_some_and(|e| e == "py" || e == "pyw")).any(|file| {
        fs::read(file.path()).is_ok_and(|text| text.windows(b"sys.path[0]".len()).any(|part| part == b"sys.path[0]"))
    })
}

/// Moves everything in a directory into another one.
fn merge(from: &Path, into: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = into.join(entry.file_name());
        if entry.file_type()?.is_dir() && to.is_dir() {
            merge(&entry.path(), &to)?;
        } else {
            fs::rename(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_gets_a_directory_of_its_own_if_a_name_is_taken_or_it_looks_for_one() {
        for (file, text, expected) in [
            ("calendar.py", "", NAME),
            ("utils/x.py", "", NAME),
            ("main.py", "open(sys.path[0] + '/x')", NAME),
            ("main.py", "open('x')", ""),
            ("app/calendar.py", "", ""),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let (copied, tree) = (directory.path().join("copied"), directory.path().join("tree"));
            fs::create_dir_all(copied.join(file).parent().unwrap()).unwrap();
            fs::write(copied.join(file), text).unwrap();
            fs::create_dir(&tree).unwrap();
            let others = ["calendar", "utils"].map(str::to_owned).into();
            let own = place(&copied, &tree, &others).unwrap();
            assert_eq!(own, tree.join(expected), "{file}");
            assert!(own.join(file).is_file(), "{file}");
            assert_eq!(tree.join("ekiben-app.pth").is_file(), !expected.is_empty(), "{file}");
        }
    }
}
