//! Where the modules of a project without a build system are, so that each layout works that `python main.py` can run.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::config::EntryPoint;
use crate::dependencies::imports;

/// Where modules are looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The directory that becomes the top of site-packages.
    pub(super) base: PathBuf,
    /// Whether the modules of the project's directory go in too, beside those of `src/`.
    pub(super) takes_root: bool,
    /// The directory at the top that a script as entry point is in: it need not be a package.
    pub(super) beside_entry: Option<PathBuf>,
}

impl Layout {
    /// The modules are those of `src/`, if there are some, else those of `root`. What imports `src` as a package means the
    /// directory above it; and a script sees the modules beside it.
    pub(super) fn of(root: &Path, entry: &EntryPoint) -> Self {
        let modules = modules(root);
        let base = if modules != root && imports_src(root, &modules, entry) { root.to_owned() } else { modules };
        let script = match entry {
            EntryPoint::Script(path) => Some(path),
            EntryPoint::Function { .. } | EntryPoint::Module(_) | EntryPoint::Program(_) => None,
        };
        let is_in = |directory: &Path| script.is_some_and(|script| directory.join(script).is_file());
        let takes_root = base != root && !is_in(&base) && is_in(root);
        let place = if is_in(&base) { &base } else { root };
        let beside_entry = script.and_then(|script| Some(place.join(script.split_once('/')?.0)));
        Self { base, takes_root, beside_entry }
    }
}

/// `src/`, if there are modules in it and it is no package itself, else the root.
pub(super) fn modules(root: &Path) -> PathBuf {
    let src = root.join("src");
    let entries = fs::read_dir(&src).into_iter().flatten().flatten();
    let mut names = entries.map(|e| (e.path(), e.file_name().to_string_lossy().into_owned()));
    let has_modules = !src.join("__init__.py").is_file() && names.any(|(p, n)| is_module(&n) || is_package(&p, &n));
    if has_modules { src } else { root.to_owned() }
}

/// Whether `src` is imported as a package, by the entry point, a module of the root or one below `src`.
fn imports_src(root: &Path, src: &Path, entry: &EntryPoint) -> bool {
    if let EntryPoint::Function { module, .. } | EntryPoint::Module(module) = entry
        && module.split('.').next() == Some("src")
    {
        return true;
    }
    let below = WalkDir::new(src).into_iter();
    let files = WalkDir::new(root).max_depth(1).into_iter().chain(below).flatten();
    files
        .filter(|file| file.file_type().is_file() && file.path().extension().is_some_and(|e| e == "py"))
        .any(|file| fs::read(file.path()).is_ok_and(|text| imports::any(&String::from_utf8_lossy(&text), &["src"])))
}

pub(super) fn is_module(name: &str) -> bool {
    [".py", ".pyw", ".pyd", ".so"].iter().any(|e| name.ends_with(e))
}

/// A directory that can be imported: it has modules in it, at any depth (a namespace has none at its top).
pub(super) fn is_package(path: &Path, name: &str) -> bool {
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let files = || WalkDir::new(path).max_depth(4).into_iter().flatten().filter(|e| e.file_type().is_file());
    is_name && path.is_dir() && files().any(|e| is_module(&e.file_name().to_string_lossy()))
}
