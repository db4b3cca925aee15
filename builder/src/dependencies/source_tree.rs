//! The app as plain source files: which go in, and where they come to lie.
//!
//! The modules are those in `src/`, if there is one, else those beside `pyproject.toml`. Files go in as they are,
//! data files inside packages too; links are followed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::failure::Failure;

/// What never goes in, wherever it is: made by tools, of no use in a bundle. Hidden directories are left out too.
const NEVER: &[&str] = &["__pycache__", "node_modules", "*.egg-info", "*.dist-info", "*.pyc", ".DS_Store"];

/// What does not go in from the top, unless `include` names it: not part of what is imported.
const NOT_BY_DEFAULT: &[&str] = &[
    "build",
    "dist",
    "doc",
    "docs",
    "env",
    "examples",
    "test",
    "tests",
    "venv",
    "conftest.py",
    "noxfile.py",
    "setup.py",
    "tasks.py",
];

/// Copies the sources below `root` into `tree`. Whether there were any.
///
/// # Errors
/// Those of the file system.
pub(super) fn copy(root: &Path, include: &[String], exclude: &[String], tree: &Path) -> anyhow::Result<bool> {
    let chosen = Choice { root, base: base(root), include: globs(include)?, exclude: globs(exclude)? };
    let mut any = false;
    // Without `include`, only the modules' directory is looked through: a project may have gigabytes of data beside it.
    let start = if include.is_empty() { &chosen.base } else { root };
    let walk = WalkDir::new(start).follow_links(true).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|e| e.depth() == 0 || chosen.enters(e.path(), e.file_type().is_dir())) {
        let entry = entry.with_context(|| format!("could not read the sources in `{}`", root.display()))?;
        if !entry.file_type().is_file() || !chosen.takes(entry.path()) {
            continue;
        }
        let file = entry.path();
        let place = file.strip_prefix(&chosen.base).or_else(|_| file.strip_prefix(root))?;
        let to = tree.join(place);
        fs::create_dir_all(to.parent().unwrap_or(tree))?;
        fs::copy(file, &to).with_context(|| format!("could not copy `{}`", crate::text::path(file)))?;
        any = true;
    }
    Ok(any)
}

/// The failure when there is nothing to copy.
pub(super) fn nothing_to_copy(root: &Path, include: &[String]) -> Failure {
    if include.is_empty() {
        Failure::new(format!("`{}` has no Python modules", base(root).display()))
            .help("put the code there or in `src/`, or name what belongs to the app: `include = [\"code/**\"]`")
    } else {
        Failure::new(format!("`include` matches no file in `{}`", root.display()))
            .help("patterns are relative to the project's directory: `data/**/*.json`")
    }
}

struct Choice<'a> {
    root: &'a Path,
    /// The directory that becomes the top of site-packages.
    base: PathBuf,
    include: GlobSet,
    exclude: GlobSet,
}

impl Choice<'_> {
    /// Whether something below here may go in.
    fn enters(&self, path: &Path, is_directory: bool) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let never = NEVER.iter().any(|n| matches_simply(n, &name));
        let tooling = is_directory && (name.starts_with('.') || path.join("pyvenv.cfg").is_file());
        if never || tooling || matches(&self.exclude, path, self.root) {
            return false;
        }
        if !self.include.is_empty() || path.parent() != Some(&self.base) {
            return true;
        }
        !NOT_BY_DEFAULT.contains(&&*name) && if is_directory { is_package(path, &name) } else { is_module(&name) }
    }

    fn takes(&self, file: &Path) -> bool {
        self.include.is_empty() || matches(&self.include, file, self.root)
    }
}

/// `src/`, if there are modules in it, else the root.
fn base(root: &Path) -> PathBuf {
    let src = root.join("src");
    let entries = fs::read_dir(&src).into_iter().flatten().flatten();
    let mut names = entries.map(|e| (e.path(), e.file_name().to_string_lossy().into_owned()));
    let has_modules = !src.join("__init__.py").is_file() && names.any(|(p, n)| is_module(&n) || is_package(&p, &n));
    if has_modules { src } else { root.to_owned() }
}

fn is_module(name: &str) -> bool {
    [".py", ".pyw", ".pyd", ".so"].iter().any(|e| name.ends_with(e))
}

/// A directory that can be imported: it has modules in it, at any depth (a namespace has none at its top).
fn is_package(path: &Path, name: &str) -> bool {
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let files = || WalkDir::new(path).max_depth(4).into_iter().flatten().filter(|e| e.file_type().is_file());
    is_name && path.is_dir() && files().any(|e| is_module(&e.file_name().to_string_lossy()))
}

/// A pattern without `/` matches a name at any depth; one that matches a directory takes everything in it.
fn globs(patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        let anywhere = if trimmed.contains('/') { trimmed.to_owned() } else { format!("**/{trimmed}") };
        let anchored = anywhere.trim_start_matches('/');
        set.add(GlobBuilder::new(anchored).literal_separator(true).build()?);
    }
    Ok(set.build()?)
}

fn matches(set: &GlobSet, path: &Path, root: &Path) -> bool {
    let Ok(relative) = path.strip_prefix(root) else { return false };
    relative.ancestors().filter(|a| !a.as_os_str().is_empty()).any(|a| set.is_match(a))
}

fn matches_simply(pattern: &str, name: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == name, |end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(files: &[&str], include: &[&str], exclude: &[&str]) -> Result<Vec<String>, String> {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            fs::write(root.path().join(file), file).unwrap();
        }
        let tree = tempfile::tempdir().unwrap();
        let list = |l: &[&str]| l.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        copy(root.path(), &list(include), &list(exclude), tree.path())
            .map_err(|e| e.to_string().replace(root.path().to_str().unwrap(), "ROOT"))?;
        let files = WalkDir::new(tree.path()).sort_by_file_name().into_iter().map(|e| e.unwrap());
        let files = files.filter(|e| e.file_type().is_file()).map(|e| e.path().to_owned()).collect::<Vec<_>>();
        Ok(files.iter().map(|f| f.strip_prefix(tree.path()).unwrap().to_str().unwrap().to_owned()).collect())
    }

    const FLAT: &[&str] = &[
        "pyproject.toml",
        "uv.lock",
        "README.md",
        "main.py",
        "app/__init__.py",
        "app/data/x.json",
        "app/tests/t.py",
        "app/__pycache__/x.pyc",
        "app/.cache/x",
        "space/inner/m.py",
        "tests/t.py",
        "docs/conf.py",
        "setup.py",
        ".venv/lib/x.py",
        "my-env/pyvenv.cfg",
        "my-env/x.py",
        "assets/logo.png",
        "app.egg-info/PKG-INFO",
        "dist/x.py",
    ];

    #[test]
    fn modules_and_packages_with_their_data_go_in() {
        let expected = ["app/__init__.py", "app/data/x.json", "app/tests/t.py", "main.py", "space/inner/m.py"];
        assert_eq!(copied(FLAT, &[], &[]).unwrap(), expected);
    }

    #[test]
    fn src_is_preferred_when_it_holds_the_modules() {
        let files = ["src/app/__init__.py", "src/one.py", "other.py", "src/notes.txt"];
        assert_eq!(copied(&files, &[], &[]).unwrap(), ["app/__init__.py", "one.py"]);
        assert_eq!(copied(&["src/__init__.py", "main.py"], &[], &[]).unwrap(), ["main.py", "src/__init__.py"]);
        assert_eq!(copied(&["src/c.rs", "main.py"], &[], &[]).unwrap(), ["main.py"]);
    }

    #[test]
    fn globs_choose_files_and_directories() {
        assert_eq!(copied(FLAT, &["main.py", "assets"], &[]).unwrap(), ["assets/logo.png", "main.py"]);
        assert_eq!(copied(FLAT, &["app/**/*.json"], &[]).unwrap(), ["app/data/x.json"]);
        assert_eq!(copied(FLAT, &["app/*"], &["app/tests/"]).unwrap(), ["app/__init__.py", "app/data/x.json"]);
        assert_eq!(copied(FLAT, &[], &["*.json", "space", "tests"]).unwrap(), ["app/__init__.py", "main.py"]);
        assert_eq!(copied(&["src/a.py", "data/x"], &["src/*", "data"], &[]).unwrap(), ["a.py", "data/x"]);
    }

    #[test]
    fn nothing_to_copy_is_told() {
        assert!(
            copied(&["README.md"], &[], &[]).unwrap().is_empty() && copied(FLAT, &["nope"], &[]).unwrap().is_empty()
        );
        assert_eq!(nothing_to_copy(Path::new("p"), &[]).to_string(), "`p` has no Python modules");
        let include = ["nope".to_owned()];
        assert_eq!(nothing_to_copy(Path::new("p"), &include).to_string(), "`include` matches no file in `p`");
    }
}
