//! The app as plain source files: which are included, and where they go.
//!
//! [`layout`] says where the modules are. Files go in as they are, data files inside packages too, and so do hidden and empty
//! directories there. A link to something that goes in stays a link where the target has links; what another one leads to
//! goes in as if it lay there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::config::EntryPoint;
use crate::host::files;
use crate::host::system;
use crate::platform::BundledLinks;
use crate::report::Report;
use crate::report::failure::Failure;

mod layout;

use layout::{Layout, is_module, is_package};

/// What never goes in, wherever it is: made by tools, of no use in a bundle.
const NEVER: &[&str] = &["__pycache__", "*.egg-info", "*.dist-info", "*.pyc", ".DS_Store"];

/// Hidden directories that tools make, and that are never part of an app.
const OF_TOOLS: &[&str] = &[".git", ".hg", ".svn", ".idea", ".vscode", ".ipynb_checkpoints", ".tox", ".nox"];

/// How a directory is marked that holds only what can be made again: <https://bford.info/cachedir/>.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// What is left out at the top, unless `include` names it, because it is not imported.
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

/// What becomes of links, and where it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Treatment<'a> {
    pub(super) links: BundledLinks,
    pub(super) report: &'a Report,
}

/// What is to be copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'a> {
    /// The project's directory.
    pub(super) root: &'a Path,
    /// What is started: it tells where the modules are.
    pub(super) entry: &'a EntryPoint,
    /// The globs of what goes in; none: every module and package.
    pub(super) include: &'a [String],
    /// The globs of what stays out.
    pub(super) exclude: &'a [String],
}

/// Copies the selected sources into `tree`. Whether there were any.
///
/// # Errors
/// Those of the file system.
pub(super) fn copy(
    selection: Selection<'_>,
    tree: &Path,
    Treatment { links, report }: Treatment<'_>,
) -> anyhow::Result<bool> {
    let Selection { root, entry, include, exclude } = selection;
    let Layout { base, takes_root, beside_entry } = Layout::of(root, entry);
    // Only the modules' directory is looked through, if nothing beside it is wanted: a project may have gigabytes of data.
    let start = if include.is_empty() && !takes_root { base.clone() } else { root.to_owned() };
    let with_metadata = include.iter().any(|item| item.contains(".dist-info"));
    let choice = Choice { root, base, beside_entry, include: globs(include)?, exclude: globs(exclude)?, with_metadata };
    let mut copying = Copying { choice, tree, links, report, open: Vec::new(), any: false };
    copying.directory(&start).with_context(|| format!("could not read the sources in `{}`", root.display()))?;
    Ok(copying.any)
}

/// A walk through the sources. What a link leads to is walked through like what lies there.
struct Copying<'a> {
    choice: Choice<'a>,
    tree: &'a Path,
    links: BundledLinks,
    report: &'a Report,
    /// The real paths of the directories that the walk is in.
    open: Vec<PathBuf>,
    any: bool,
}

impl Copying<'_> {
    fn directory(&mut self, directory: &Path) -> anyhow::Result<()> {
        let real = files::real_path(directory)?;
        if self.open.contains(&real) {
            let shown = directory.strip_prefix(self.choice.root).unwrap_or(directory).display();
            self.report.notice(format!("`{shown}` is left out: it is a link to a directory that it lies in"));
            return Ok(());
        }
        self.open.push(real);
        let entries = fs::read_dir(directory).with_context(|| format!("could not read `{}`", directory.display()))?;
        let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        // Those of the root come first, so that they win over those of `src/`.
        paths.sort_by_key(|path| *path == self.choice.base);
        if paths.is_empty() && self.choice.takes(directory) && directory != self.choice.base {
            fs::create_dir_all(self.place(directory)?)?;
        }
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
        if is_link && self.links == BundledLinks::Kept && self.keeps_link(path, metadata.is_dir())? {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.directory(path);
        }
        if metadata.is_file() && self.choice.takes(path) {
            let to = self.place(path)?;
            if to.exists() {
                return Ok(());
            }
            fs::copy(path, &to).with_context(|| format!("could not copy `{}`", crate::report::text::path(path)))?;
            self.any = true;
        }
        Ok(())
    }

    /// Makes a link of a link, if what it leads to goes in as well. A module stays a file: bytecode may take its place.
    fn keeps_link(&mut self, path: &Path, is_directory: bool) -> anyhow::Result<bool> {
        let (real, base) = (files::real_path(path)?, files::real_path(&self.choice.base)?);
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
        Ok(system::symlink(&target, &link).is_ok())
    }

    /// Where a file goes. Its directories are made.
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
    // A link to a directory above it has no path from there.
    (common < to.len()).then(|| climbs.chain(to[common..].iter().cloned()).collect::<Vec<_>>().join("/"))
}

/// The failure when there is nothing to copy.
pub(super) fn nothing_to_copy(root: &Path, include: &[String]) -> Failure {
    if include.is_empty() {
        Failure::new(format!("`{}` has no Python modules", layout::modules(root).display()))
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
    /// The directory at the top that the entry point is in.
    beside_entry: Option<PathBuf>,
    include: GlobSet,
    exclude: GlobSet,
    /// Whether `include` names metadata, so that it goes in where it matches; a pattern such as `**` does not ask for it.
    with_metadata: bool,
}

impl Choice<'_> {
    /// Whether something below here may go in.
    fn enters(&self, path: &Path, is_directory: bool) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Editors name lock files like this.
        let never = name.starts_with(".#") || NEVER.iter().any(|n| matches_simply(n, &name));
        let never = never && !(self.with_metadata && name.ends_with(".dist-info"));
        let tooling = is_directory && (OF_TOOLS.contains(&&*name) || is_marked(path));
        if never || tooling || matches(&self.exclude, path, self.root) {
            return false;
        }
        let at_the_top = [Some(self.root), Some(&self.base)].contains(&path.parent());
        if !at_the_top || path == self.base {
            return true;
        }
        if is_directory && (name.starts_with('.') || name == "node_modules") {
            return false;
        }
        if !self.include.is_empty() || self.beside_entry.as_deref() == Some(path) {
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

/// Whether this directory holds what tools have made: a virtual environment, a cache.
fn is_marked(path: &Path) -> bool {
    path.join("pyvenv.cfg").is_file() || path.join(CACHE_MARK).is_file()
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
mod tests;
