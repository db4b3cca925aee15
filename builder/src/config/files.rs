//! The files that say what a project is, found and read once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::document::{Document, Table};
use super::metadata::Metadata;
use super::script::{self, Block};
use super::settings::Settings;
use crate::failure::{Failure, Help};

/// The files that make a directory a project.
const PROJECT_FILES: &[&str] = &["pyproject.toml", "ekiben.toml", "setup.py"];

/// The files of a project, each read once.
pub(super) enum Found {
    Script { path: PathBuf, block: Option<Block> },
    Directory { root: PathBuf, pyproject: Option<String>, own: Option<String> },
}

impl Found {
    pub(super) fn at(path: &Path) -> anyhow::Result<Self> {
        let is_script = path.extension().is_some_and(|e| e == "py" || e == "pyw");
        if is_script && path.file_name().is_none_or(|name| name != "setup.py") {
            let text = fs::read_to_string(path).or_fail(
                format!("could not read `{}`", path.display()),
                "name a directory with a pyproject.toml, or a .py file in UTF-8",
            )?;
            return Ok(Self::Script { path: path.to_owned(), block: script::block(path, &text)? });
        }
        let is_config = path.file_name().is_some_and(|n| PROJECT_FILES.iter().any(|file| n == *file));
        let root = if is_config { path.parent().unwrap_or(path) } else { path };
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let (pyproject, own) = (text_of(&root.join("pyproject.toml"))?, text_of(&root.join("ekiben.toml"))?);
        if pyproject.is_none() && own.is_none() && !root.join("setup.py").is_file() {
            let failure = if path.exists() {
                Failure::new(format!("`{}` is no Python project: it has no pyproject.toml", path.display()))
            } else {
                Failure::new(format!("there is no `{}`", path.display()))
            };
            let help = "name a directory with a pyproject.toml (or ekiben.toml), or a .py file";
            return Err(failure.help(help).into());
        }
        Ok(Self::Directory { root: root.to_owned(), pyproject, own })
    }
}

/// What the files of a project say.
pub(super) struct Files<'t> {
    /// As it was given, for messages.
    pub(super) root: PathBuf,
    /// The file that messages about the project as a whole name.
    pub(super) shown: String,
    /// `pyproject.toml`, or a script's block.
    pub(super) document: Option<Document<'t>>,
    pub(super) settings: Settings,
    pub(super) metadata: Option<Metadata>,
    /// Whether the metadata is a wheel's, and not in a file of the project.
    pub(super) is_described: bool,
    pub(super) wheel: Option<PathBuf>,
    pub(super) script: Option<PathBuf>,
    pub(super) script_requires: Option<String>,
    pub(super) script_dependencies: Vec<String>,
}

impl<'t> Files<'t> {
    pub(super) fn read(found: &'t Found) -> anyhow::Result<Self> {
        match found {
            Found::Script { path, block } => Self::read_script(path, block.as_ref()),
            Found::Directory { root, pyproject, own } => Self::read_directory(root, pyproject.as_ref(), own.as_ref()),
        }
    }

    fn read_directory(root: &Path, pyproject: Option<&'t String>, own: Option<&'t String>) -> anyhow::Result<Self> {
        let parse =
            |name: &str, text: Option<&'t String>| text.map(|text| Document::parse(&root.join(name), text)).transpose();
        let (pyproject, own) = (parse("pyproject.toml", pyproject)?, parse("ekiben.toml", own)?);
        let shown = pyproject.as_ref().or(own.as_ref()).map(|d| d.shown().to_owned());
        let shown = shown.unwrap_or_else(|| root.join("setup.py").display().to_string());
        let in_pyproject = pyproject.as_ref().map(Settings::in_tool_table).transpose()?.flatten();
        let settings = match (in_pyproject, &own) {
            (Some(_), Some(own)) => {
                return Err(Failure::new(format!(
                    "`{shown}` has a [tool.ekiben] and there is a `{}` too",
                    own.shown()
                ))
                .help("keep the settings in one of them")
                .into());
            }
            (Some(settings), None) => settings,
            (None, Some(own)) => Settings::in_own_file(own)?,
            (None, None) => Settings::default(),
        };
        let metadata = pyproject.as_ref().map(Metadata::read).transpose()?.flatten();
        Ok(Self {
            root: root.to_owned(),
            shown,
            document: pyproject,
            settings,
            metadata,
            is_described: false,
            wheel: None,
            script: None,
            script_requires: None,
            script_dependencies: Vec::new(),
        })
    }

    fn read_script(path: &Path, block: Option<&'t Block>) -> anyhow::Result<Self> {
        let document = block.map(|b| Document::parse_block(path, &b.text, (b.after, 2))).transpose()?;
        let table = document.as_ref().map(Document::root);
        let strings = |key| table.as_ref().map(|t: &Table<'_>| t.strings(key)).transpose();
        if let Some(table) = &table {
            table.only(&["requires-python", "dependencies", "tool"])?;
        }
        let dependencies = strings("dependencies")?.unwrap_or_default();
        let requires = table.as_ref().map(|t| t.string("requires-python")).transpose()?.flatten();
        let settings = document.as_ref().map(Settings::in_tool_table).transpose()?.flatten().unwrap_or_default();
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        Ok(Self {
            root: parent.unwrap_or(Path::new(".")).to_owned(),
            shown: path.strip_prefix(".").unwrap_or(path).display().to_string(),
            settings,
            metadata: None,
            is_described: false,
            wheel: None,
            script: Some(std::path::absolute(path)?),
            script_requires: requires.map(|r| r.value),
            script_dependencies: dependencies.into_iter().map(|d| d.value).collect(),
            document,
        })
    }
}

/// What is in the file; `None` when there is none.
pub(super) fn text_of(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e).with_context(|| format!("could not read `{}`", file.display())),
    }
}
