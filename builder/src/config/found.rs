//! What is at the path that the user named: a project's directory, or a script.
//!
//! A directory is a project if it has a `pyproject.toml`, an `ekiben.toml` or a `setup.py`, if it lists requirements,
//! or if one script in it is clearly the app. If the user named nothing, ekiben looks for a project in the current
//! directory and the directories above it, as uv does.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use toml::de::DeTable;

use super::document::{Document, quoted};
use super::package::{self, Installed, Package};
use super::script::{self, Block};
use super::settings::Settings;
use super::{Overrides, requirement};
use crate::report::failure::{Failure, Help};

/// The files that make a directory a project.
const PROJECT_FILES: &[&str] = &["pyproject.toml", "ekiben.toml", "setup.py"];

/// The files that list what a directory of scripts requires: the first one counts.
pub(super) const LISTS: &[&str] = &["requirements.txt", "requirements.in", "Pipfile.lock", "Pipfile"];

/// Scripts that are never the app.
const TOOLING: &[&str] = &["setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "__init__.py"];

/// The files of a project, each read once.
pub(super) enum Found {
    Script {
        path: PathBuf,
        block: Option<Block>,
    },
    Directory {
        root: PathBuf,
        pyproject: Option<String>,
        own: Option<String>,
        /// The script that was named, or the only possible one.
        script: Option<String>,
        /// The script's name without its suffix, if it was named: the app's.
        name: Option<String>,
    },
    /// A package instead of a project.
    Package(Installed),
}

impl Found {
    pub(super) fn at(path: &Path, choice: &Overrides) -> anyhow::Result<Self> {
        if let Some(package) = Self::package(path, choice)? {
            return Ok(Self::Package(package));
        }
        let is_setup = path.file_name().is_some_and(|name| name == "setup.py");
        if has_suffix(path) && !is_setup || path.is_file() && is_python_by_its_first_line(path) {
            return Self::script(path);
        }
        let root = if is_project_file(path) { path.parent().unwrap_or(path) } else { path };
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let found = if path == Path::new(".") { above(root)? } else { None };
        let root = found.as_deref().unwrap_or(root);
        let (pyproject, own) = (text_of(&root.join("pyproject.toml"))?, text_of(&root.join("ekiben.toml"))?);
        let scripts = Scripts::of(root);
        let is_project = PROJECT_FILES.iter().chain(LISTS).any(|file| root.join(file).is_file());
        if is_project || choice.entry.is_some() && !scripts.0.is_empty() || scripts.app().is_some() {
            let script = scripts.app();
            return Ok(Self::Directory { root: root.to_owned(), pyproject, own, script, name: None });
        }
        let help = "name a directory with a pyproject.toml, a setup.py or a main.py, or a script";
        let failure = if !path.exists() {
            let missing = format!("there is no `{}`", path.display());
            match requirement::fault(&path.to_string_lossy()) {
                Some(fault) => {
                    Failure::new(format!("{missing}, and it is not a requirement: {fault}")).help(package::HELP)
                }
                None => Failure::new(missing).help(help),
            }
        } else if !path.is_dir() {
            Failure::new(format!(
                "`{}` is not a Python script: it ends with neither `.py` nor `.pyw`, and its first line \
                                  names no Python",
                path.display()
            ))
            .help(help)
        } else if scripts.0.is_empty() {
            let what = "it has neither a pyproject.toml, a setup.py nor a script";
            Failure::new(format!("`{}` is not a Python project: {what}", path.display())).help(help)
        } else {
            let names: Vec<_> = scripts.0.iter().map(|script| &script.name).collect();
            Failure::new(format!("`{}` has several scripts: {}", path.display(), quoted(&names)))
                .help(format!("choose one with `--entry {}`", names[0]))
        };
        Err(failure.into())
    }

    /// The package that the user means, if it is one. A path that exists is taken for a project, except a file that
    /// can't be one: the bundle of a package is such a file, and has the package's name.
    fn package(path: &Path, choice: &Overrides) -> anyhow::Result<Option<Installed>> {
        let with = choice.with.iter().map(|text| Package::of_option("--with", text)).collect::<Result<_, _>>();
        let with: Vec<_> = with?;
        let text = path.to_string_lossy();
        if let Some(from) = &choice.from {
            let command = (path != Path::new(".")).then(|| text.into_owned());
            return Ok(Some(Installed { package: Package::of_option("--from", from)?, with, command }));
        }
        let is_project = has_suffix(path)
            || path.is_dir()
            || path.is_file() && (is_python_by_its_first_line(path) || is_project_file(path));
        match Package::parse(&text).filter(|_| !is_project) {
            Some(package) => Ok(Some(Installed { package, with, command: None })),
            None if with.is_empty() => Ok(None),
            None => Err(Failure::new("`--with` can't be used with a project")
                .help("add the package to the project's dependencies")
                .into()),
        }
    }

    /// A script is built alone, unless its directory lists requirements and the script itself does not.
    fn script(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).or_fail(
            format!("could not read `{}`", path.display()),
            "name a directory with a pyproject.toml, or a .py file in UTF-8",
        )?;
        let block = script::block(path, &text)?;
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lists = LISTS.iter().any(|list| root.join(list).is_file());
        let is_project = PROJECT_FILES.iter().any(|file| root.join(file).is_file());
        if block.is_none() && lists && !is_project {
            let text = |name: Option<&OsStr>| name.map(|name| name.to_string_lossy().into_owned());
            let (script, name) = (text(path.file_name()), text(path.file_stem()));
            return Ok(Self::Directory { root: root.to_owned(), pyproject: None, own: None, script, name });
        }
        Ok(Self::Script { path: path.to_owned(), block })
    }
}

/// The scripts at the top of a directory, by name.
struct Scripts(Vec<Script>);

struct Script {
    name: String,
    /// Whether it has code for when it is run and not imported.
    can_be_run: bool,
    /// First names of the modules that it imports at the beginning of a line.
    imports: Vec<String>,
}

impl Scripts {
    fn of(root: &Path) -> Self {
        let files = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
        let script = |file: PathBuf| {
            let name = file.file_name()?.to_str()?.to_owned();
            let other = name.starts_with(['.', '_']) && name != "__main__.py" || TOOLING.contains(&&*name);
            let is_script = has_suffix(&file) && file.is_file() || is_python_by_its_first_line(&file);
            (!other && is_script).then(|| {
                let text = fs::read(&file).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let can_be_run = !has_suffix(&file) || text.lines().any(|line| line.starts_with("if __name__"));
                Script { name, can_be_run, imports: imports(&text) }
            })
        };
        let mut scripts: Vec<_> = files.filter_map(script).collect();
        scripts.sort_by(|a, b| a.name.cmp(&b.name));
        Self(scripts)
    }

    /// `main.py`, else the only script, else the only one that has code for when it is run, else the only one that no other
    /// imports.
    fn app(&self) -> Option<String> {
        let main = ["main.py", "__main__.py"].into_iter().find(|main| self.0.iter().any(|script| script.name == *main));
        let only = match self.0.as_slice() {
            [only] => Some(only),
            several => {
                let mut runnable = several.iter().filter(|script| script.can_be_run);
                runnable.next().filter(|_| runnable.next().is_none())
            }
        };
        main.map(str::to_owned).or_else(|| only.or_else(|| self.not_imported()).map(|script| script.name.clone()))
    }

    fn not_imported(&self) -> Option<&Script> {
        let is_imported = |script: &&Script| {
            let module = script.name.split('.').next().unwrap_or_default();
            self.0.iter().any(|other| other.name != script.name && other.imports.iter().any(|name| name == module))
        };
        let mut others = self.0.iter().filter(|script| !is_imported(script));
        others.next().filter(|_| others.next().is_none())
    }
}

fn imports(text: &str) -> Vec<String> {
    let modules = |line: &str| -> Vec<String> {
        let first = |name: &str| name.trim().split(['.', ' ', ';']).next().unwrap_or_default().to_owned();
        match (line.strip_prefix("import "), line.strip_prefix("from ")) {
            (Some(names), _) => names.split(',').map(first).collect(),
            (None, Some(name)) => vec![first(name)],
            (None, None) => Vec::new(),
        }
    };
    text.lines().flat_map(modules).collect()
}

fn is_project_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| PROJECT_FILES.iter().any(|file| name == *file))
}

fn has_suffix(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "py" || e == "pyw")
}

/// Whether the file has no suffix and begins with `#!` and the name of a Python.
pub(super) fn is_python_by_its_first_line(path: &Path) -> bool {
    use std::io::Read as _;
    // Opening a pipe would wait for a writer.
    if path.extension().is_some() || !path.is_file() {
        return false;
    }
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(128).read_to_end(&mut start));
    if read.is_err() {
        return false;
    }
    let line = String::from_utf8_lossy(start.split(|b| *b == b'\n').next().unwrap_or_default()).into_owned();
    line.starts_with("#!") && line.contains("python")
}

/// The nearest directory above the current one that is a project, if the current one is not a project itself.
fn above(here: &Path) -> anyhow::Result<Option<PathBuf>> {
    if PROJECT_FILES.iter().chain(LISTS).any(|file| here.join(file).is_file()) {
        return Ok(None);
    }
    let here = std::path::absolute(here)?;
    for directory in here.ancestors().skip(1) {
        let pyproject = text_of(&directory.join("pyproject.toml"))?;
        let others = ["ekiben.toml", "setup.py"].iter().any(|file| directory.join(file).is_file());
        if pyproject.is_some_and(|text| is_a_projects(&text)) || others {
            return Ok(Some(directory.to_owned()));
        }
    }
    Ok(None)
}

/// Whether a `pyproject.toml` describes a project, and not only the settings of some tools. A file that is not valid
/// TOML is reported later.
fn is_a_projects(text: &str) -> bool {
    let Ok(document) = DeTable::parse(text) else { return true };
    let document = document.get_ref();
    let tool = |name: &str| document.get("tool").is_some_and(|tool| tool.get_ref().get(name).is_some());
    document.contains_key("project") || document.contains_key("build-system") || tool("poetry") || tool("ekiben")
}

/// The file in a project's directory that has settings for ekiben, if there is one.
///
/// # Errors
/// When a file can't be read or is not valid TOML.
pub fn where_settings_are(directory: &Path) -> anyhow::Result<Option<PathBuf>> {
    let (own, pyproject) = (directory.join("ekiben.toml"), directory.join("pyproject.toml"));
    if own.exists() {
        return Ok(Some(own));
    }
    let Some(text) = text_of(&pyproject)? else { return Ok(None) };
    let has_settings = Settings::in_tool_table(&Document::parse(&pyproject, &text)?)?.is_some();
    Ok(has_settings.then_some(pyproject))
}

/// Whether a directory has neither a project nor a script.
pub fn has_nothing_to_build(directory: &Path) -> bool {
    !PROJECT_FILES.iter().chain(LISTS).any(|file| directory.join(file).exists()) && Scripts::of(directory).0.is_empty()
}

/// The text of the file; `None` if there is no such file.
pub(super) fn text_of(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e).with_context(|| format!("could not read `{}`", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_that_is_clearly_the_app_is_found() {
        let runnable = "def f(): pass\nif __name__ == '__main__':\n    f()\n";
        for (files, expected) in [
            (&[("main.py", ""), ("other.py", runnable)][..], Some("main.py")),
            (&[("only.py", ""), ("setup.py", ""), ("conftest.py", ""), ("notes", "x")], Some("only.py")),
            (&[("tool.py", runnable), ("helper.py", "")], Some("tool.py")),
            (
                &[
                    ("app.py", "import os, helper\nhelper.f()\n"),
                    ("helper.py", "from other import g"),
                    ("other.py", ""),
                ],
                Some("app.py"),
            ),
            (&[("app.py", "import helper as h"), ("helper.py", ""), ("unused.py", "")], None),
            (&[("tool", "#!/usr/bin/env python3\n"), ("helper.py", "")], Some("tool")),
            (&[("gui.pyw", ""), ("shell", "#!/bin/sh\n")], Some("gui.pyw")),
            (&[("a.py", ""), ("b.py", "")], None),
            (&[("a.py", runnable), ("b.py", runnable)], None),
            (&[("data.txt", "#!/usr/bin/python")], None),
        ] {
            let directory = tempfile::tempdir().unwrap();
            files.iter().for_each(|(name, text)| fs::write(directory.path().join(name), text).unwrap());
            assert_eq!(Scripts::of(directory.path()).app().as_deref(), expected, "{files:?}");
        }
    }

    #[test]
    fn a_pyproject_with_settings_of_tools_alone_makes_no_project() {
        assert!(!is_a_projects("[tool.ruff]\nline-length = 100\n"));
        for text in ["[project]\n", "[build-system]\n", "[tool.poetry]\n", "[tool.ekiben]\n", "no toml"] {
            assert!(is_a_projects(text), "{text}");
        }
    }
}
