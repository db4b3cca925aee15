//! The app as plain source files: which go in, and where they come to lie.
//!
//! The modules are those in `src/`, if there is one, else those beside `pyproject.toml`. Files go in as they are,
//! data files inside packages too. A link to something that goes in stays a link where the target has links; what another
//! one leads to goes in as if it lay there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::failure::Failure;
use crate::host;
use crate::report::Report;

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

/// What becomes of a symbolic link to something that goes in too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// It stays one.
    Kept,
    /// What it leads to is there twice: the target has no links.
    Followed,
}

/// What becomes of links, and where it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Treatment<'a> {
    pub(super) links: Links,
    pub(super) report: &'a Report,
}

/// Copies the sources below `root` into `tree`. Whether there were any.
///
/// # Errors
/// Those of the file system.
pub(super) fn copy(
    root: &Path,
    include: &[String],
    exclude: &[String],
    tree: &Path,
    Treatment { links, report }: Treatment<'_>,
) -> anyhow::Result<bool> {
    let choice = Choice { root, base: base(root), include: globs(include)?, exclude: globs(exclude)? };
    // Without `include`, only the modules' directory is looked through: a project may have gigabytes of data beside it.
    let start = if include.is_empty() { choice.base.clone() } else { root.to_owned() };
    let mut copying = Copying { choice, tree, links, report, open: Vec::new(), any: false };
    copying.directory(&start).with_context(|| format!("could not read the sources in `{}`", root.display()))?;
    Ok(copying.any)
}

/// A walk through the sources. What a link leads to is walked through like what lies there.
struct Copying<'a> {
    choice: Choice<'a>,
    tree: &'a Path,
    links: Links,
    report: &'a Report,
    /// The real paths of the directories that the walk is in.
    open: Vec<PathBuf>,
    any: bool,
}

impl Copying<'_> {
    fn directory(&mut self, directory: &Path) -> anyhow::Result<()> {
        let real = fs::canonicalize(directory)?;
        if self.open.contains(&real) {
            let shown = directory.strip_prefix(self.choice.root).unwrap_or(directory).display();
            self.report.notice(format!("`{shown}` is left out: it is a link to a directory that it lies in"));
            return Ok(());
        }
        self.open.push(real);
        let entries = fs::read_dir(directory).with_context(|| format!("could not read `{}`", directory.display()))?;
        let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        for path in paths {
            self.entry(&path)?;
        }
        self.open.pop();
        Ok(())
    }

    fn entry(&mut self, path: &Path) -> anyhow::Result<()> {
        let is_link = path.is_symlink();
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            // A link that leads nowhere, or around in a circle: editors lock files with such.
            Err(_) if is_link => {
                if self.choice.enters(path, false) && self.choice.takes(path) {
                    let shown = path.strip_prefix(self.choice.root).unwrap_or(path).display();
                    self.report.notice(format!("`{shown}` is left out: it is a link that leads nowhere"));
                }
                return Ok(());
            }
            Err(e) => return Err(e).with_context(|| format!("could not read `{}`", path.display())),
        };
        if !self.choice.enters(path, metadata.is_dir()) {
            return Ok(());
        }
        if is_link && self.links == Links::Kept && self.keeps_link(path, metadata.is_dir())? {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.directory(path);
        }
        if metadata.is_file() && self.choice.takes(path) {
            let to = self.place(path)?;
            fs::copy(path, &to).with_context(|| format!("could not copy `{}`", crate::text::path(path)))?;
            self.any = true;
        }
        Ok(())
    }

    /// Makes a link of a link, if what it leads to goes in as well. A module stays a file: bytecode may take its place.
    fn keeps_link(&mut self, path: &Path, is_directory: bool) -> anyhow::Result<bool> {
        let (real, base) = (fs::canonicalize(path)?, fs::canonicalize(&self.choice.base)?);
        let Ok(below) = real.strip_prefix(&base) else { return Ok(false) };
        let is_module = !is_directory && path.extension().is_some_and(|e| e == "py" || e == "pyw");
        if is_module || self.open.contains(&real) || !self.choice.holds(below, is_directory) {
            return Ok(false);
        }
        if !is_directory && !self.choice.takes(path) {
            return Ok(false);
        }
        let link = self.place(path)?;
        let from = link.parent().and_then(|parent| parent.strip_prefix(self.tree).ok()).unwrap_or(Path::new(""));
        let Some(target) = relative(from, below) else { return Ok(false) };
        // Not every account of Windows may make links.
        Ok(host::symlink(&target, &link).is_ok())
    }

    /// Where a file comes to lie; the directories above are made.
    fn place(&self, path: &Path) -> anyhow::Result<PathBuf> {
        let place = path.strip_prefix(&self.choice.base).or_else(|_| path.strip_prefix(self.choice.root))?;
        let to = self.tree.join(place);
        fs::create_dir_all(to.parent().unwrap_or(self.tree))?;
        Ok(to)
    }
}

/// The way from a directory to a file, both relative to the same place, with `/`.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let names = |path: &Path| path.iter().map(|name| name.to_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let (from, to) = (names(from)?, names(to)?);
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let climbs = std::iter::repeat_n("..".to_owned(), from.len() - common);
    // A link to what it lies in names nothing.
    (common < to.len()).then(|| climbs.chain(to[common..].iter().cloned()).collect::<Vec<_>>().join("/"))
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
        // An editor marks a file that it has open so.
        let never = name.starts_with(".#") || NEVER.iter().any(|n| matches_simply(n, &name));
        let tooling = is_directory && (name.starts_with('.') || path.join("pyvenv.cfg").is_file());
        if never || tooling || matches(&self.exclude, path, self.root) {
            return false;
        }
        if !self.include.is_empty() || path.parent() != Some(&self.base) {
            return true;
        }
        !NOT_BY_DEFAULT.contains(&&*name) && if is_directory { is_package(path, &name) } else { is_module(&name) }
    }

    /// Whether what lies below the modules' directory goes in by itself, whatever leads to it.
    fn holds(&self, below: &Path, is_directory: bool) -> bool {
        let path = self.base.join(below);
        let above = below.ancestors().skip(1).filter(|part| !part.as_os_str().is_empty());
        let chosen = if is_directory {
            self.include.is_empty() || matches(&self.include, &path, self.root)
        } else {
            self.takes(&path)
        };
        chosen
            && self.enters(&path, is_directory)
            && above.into_iter().all(|part| self.enters(&self.base.join(part), true))
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
        let treatment = Treatment { links: Links::Kept, report: &Report::silent() };
        copy(root.path(), &list(include), &list(exclude), tree.path(), treatment)
            .map_err(|e| e.to_string().replace(root.path().to_str().unwrap(), "ROOT"))?;
        let files = WalkDir::new(tree.path()).sort_by_file_name().into_iter().map(|e| e.unwrap());
        let files = files.filter(|e| e.file_type().is_file()).map(|e| e.path().to_owned()).collect::<Vec<_>>();
        Ok(files.iter().map(|f| f.strip_prefix(tree.path()).unwrap().to_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn the_way_from_a_directory_to_a_file_climbs_first() {
        for (from, to, expected) in [
            ("", "a/b", Some("a/b")),
            ("a", "a/b", Some("b")),
            ("a/c", "a/b", Some("../b")),
            ("x/y", "a/b", Some("../../a/b")),
            ("a/b", "a/b", None),
            ("a/b", "a", None),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), expected, "{from} {to}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn links_stay_links_where_what_they_lead_to_is_there_and_go_nowhere_else() {
        use std::os::unix::fs::symlink;
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = |name: &str| root.path().join(name);
        for file in ["app/__init__.py", "app/data/big.bin", "app/data/skip.md", "tests/t.py"] {
            fs::create_dir_all(path(file).parent().unwrap()).unwrap();
            fs::write(path(file), file).unwrap();
        }
        fs::write(outside.path().join("far.txt"), "far").unwrap();
        for (target, link) in [
            ("data", "app/same"),
            ("data/big.bin", "app/big"),
            ("__init__.py", "app/again.py"),
            ("data/skip.md", "app/readme"),
            ("../tests", "app/examples"),
            ("..", "app/loop"),
            ("me@host.1234:5", "app/.#edited.py"),
            ("self", "app/self"),
            (outside.path().to_str().unwrap(), "app/far"),
        ] {
            symlink(target, path(link)).unwrap();
        }
        let copied = |links: Links| {
            let tree = tempfile::tempdir().unwrap();
            let treatment = Treatment { links, report: &Report::silent() };
            assert!(copy(root.path(), &[], &["*.md".to_owned()], tree.path(), treatment).unwrap());
            let files = WalkDir::new(tree.path().join("app")).min_depth(1).sort_by_file_name().into_iter();
            let files = files.map(Result::unwrap).filter(|e| !e.file_type().is_dir()).map(|entry| {
                let name = entry.path().strip_prefix(tree.path().join("app")).unwrap().display().to_string();
                fs::read_link(entry.path()).map_or(name.clone(), |target| format!("{name} -> {}", target.display()))
            });
            files.collect::<Vec<_>>()
        };
        let kept = [
            "__init__.py",
            "again.py",
            "big -> data/big.bin",
            "data/big.bin",
            "examples/t.py",
            "far/far.txt",
            "readme",
            "same -> data",
        ];
        assert_eq!(copied(Links::Kept), kept);
        let followed = [
            "__init__.py",
            "again.py",
            "big",
            "data/big.bin",
            "examples/t.py",
            "far/far.txt",
            "readme",
            "same/big.bin",
        ];
        assert_eq!(copied(Links::Followed), followed);
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
