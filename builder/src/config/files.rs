//! The files that say what a project is, read once.

use std::path::{Path, PathBuf};

use super::document::{Document, Table};
use super::found::Found;
use super::metadata::{Metadata, checked};
use super::package::Installed;
use super::script::Block;
use super::settings::Settings;
use crate::report::failure::Failure;

/// The settings' table in `pyproject.toml` and in a script's block.
const IN_PYPROJECT: &str = "[tool.ekiben]";

/// What the files of a project say.
pub(super) struct Files<'t> {
    /// As it was given, for messages.
    pub(super) root: PathBuf,
    /// The file that messages about the project as a whole name.
    pub(super) shown: String,
    /// `pyproject.toml`, or a script's block.
    pub(super) document: Option<Document<'t>>,
    pub(super) settings: Settings,
    /// Where they are or could be, for messages.
    pub(super) settings_place: &'static str,
    pub(super) metadata: Option<Metadata>,
    /// Whether the metadata is a wheel's, and not in a file of the project.
    pub(super) is_described: bool,
    pub(super) wheel: Option<PathBuf>,
    pub(super) script: Option<PathBuf>,
    /// The script among the files of a directory that is the app, if nothing else is named.
    pub(super) main: Option<String>,
    /// The name of the app, if nothing else names it.
    pub(super) name: Option<String>,
    /// The package that is built instead of a project.
    pub(super) package: Option<Installed>,
    pub(super) script_requires: Option<String>,
    pub(super) script_dependencies: Vec<String>,
}

impl<'t> Files<'t> {
    pub(super) fn read(found: &'t Found) -> anyhow::Result<Self> {
        match found {
            Found::Script { path, block } => Self::read_script(path, block.as_ref()),
            Found::Directory { root, pyproject, own, script, name } => {
                let files = Self::read_directory(root, pyproject.as_ref(), own.as_ref())?;
                Ok(Self { main: script.clone(), name: name.clone(), ..files })
            }
            Found::Package(package) => Ok(Self::of_package(package)),
        }
    }

    /// A package has no files here: options of the command line alone say how it is built.
    fn of_package(package: &Installed) -> Self {
        Self {
            root: PathBuf::from("."),
            shown: package.package.requirement.clone(),
            document: None,
            settings: Settings::default(),
            settings_place: "the command line",
            metadata: None,
            is_described: false,
            wheel: None,
            script: None,
            main: None,
            name: package.command.clone(),
            package: Some(package.clone()),
            script_requires: None,
            script_dependencies: Vec::new(),
        }
    }

    fn read_directory(root: &Path, pyproject: Option<&'t String>, own: Option<&'t String>) -> anyhow::Result<Self> {
        let parse =
            |name: &str, text: Option<&'t String>| text.map(|text| Document::parse(&root.join(name), text)).transpose();
        let (pyproject, own) = (parse("pyproject.toml", pyproject)?, parse("ekiben.toml", own)?);
        let shown = pyproject.as_ref().or(own.as_ref()).map(|d| d.shown().to_owned());
        let shown = shown.unwrap_or_else(|| root.display().to_string());
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
            settings_place: if own.is_none() && pyproject.is_some() { IN_PYPROJECT } else { "ekiben.toml" },
            document: pyproject,
            settings,
            metadata,
            is_described: false,
            wheel: None,
            script: None,
            main: None,
            name: None,
            package: None,
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
            settings_place: IN_PYPROJECT,
            metadata: None,
            is_described: false,
            wheel: None,
            script: Some(std::path::absolute(path)?),
            main: None,
            name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            package: None,
            script_requires: requires.map(|r| r.value),
            script_dependencies: checked(dependencies)?,
            document,
        })
    }
}
