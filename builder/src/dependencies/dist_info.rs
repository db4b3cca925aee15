//! `*.dist-info`: what is installed in a tree, and the one that a source tree gets so that `importlib.metadata` works.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use walkdir::WalkDir;

use super::record_hash::record_hash;
use crate::config::{Metadata, normalised};
use crate::platform::PREFIX;

/// A package with a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distribution {
    /// Its name, normalised (PEP 503).
    pub name: String,
    /// Its version, as its metadata has it.
    pub version: String,
}

/// The `*.dist-info` directories at the top of a tree, sorted.
pub(super) fn directories(tree: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(tree)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "dist-info") && path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What is installed in a tree, by name.
pub(super) fn distributions(tree: &Path) -> anyhow::Result<Vec<Distribution>> {
    let mut found = Vec::new();
    for directory in directories(tree)? {
        let file = directory.join("METADATA");
        let text = fs::read(&file).with_context(|| format!("could not read `{}`", file.display()))?;
        let text = String::from_utf8_lossy(&text);
        let field = |name: &str| {
            let mut headers = text.lines().take_while(|l| !l.is_empty());
            headers.find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned()).unwrap_or_default()
        };
        found.push(Distribution { name: normalised(&field("Name:")), version: field("Version:") });
    }
    found.sort();
    Ok(found)
}

/// The path in a line of a RECORD: a CSV whose fields are quoted when they have to be.
pub(crate) fn path_in_record(line: &str) -> String {
    let path = &line[..length_of_path_in_record(line)];
    match path.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').unwrap_or(quoted).replace("\"\"", "\""),
        None => path.to_owned(),
    }
}

/// How many bytes of a line of a RECORD its path takes.
pub(super) fn length_of_path_in_record(line: &str) -> usize {
    let Some(rest) = line.strip_prefix('"') else { return line.find(',').unwrap_or(line.len()) };
    rest.replace("\"\"", "  ").find('"').map_or(line.len(), |end| end + 2)
}

/// A path as a RECORD has it.
pub(super) fn in_record(path: &str) -> String {
    if path.contains([',', '"']) { format!("\"{}\"", path.replace('"', "\"\"")) } else { path.to_owned() }
}

/// `path` of a RECORD, which may climb with `../`, from the directory that the packages are in.
pub(crate) fn joined(packages: &str, path: &str) -> String {
    let mut parts: Vec<&str> = packages.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// Writes the dist-info of a project that no build system has made one for. Everything else of the tree is there.
///
/// # Errors
/// Those of the file system.
pub(super) fn write(tree: &Path, metadata: &Metadata, version: &str) -> anyhow::Result<()> {
    let escaped = normalised(&metadata.name).replace('-', "_");
    let name = format!("{escaped}-{}.dist-info", version.replace('-', "_"));
    let directory = tree.join(&name);
    fs::create_dir(&directory)?;
    fs::write(directory.join("METADATA"), headers(metadata, version)?)?;
    fs::write(directory.join("INSTALLER"), "ekiben\n")?;
    let entry_points = entry_points(metadata)?;
    if !entry_points.is_empty() {
        fs::write(directory.join("entry_points.txt"), entry_points)?;
    }
    let mut record = String::new();
    for entry in WalkDir::new(tree).sort_by_file_name().into_iter().filter_entry(|e| e.file_name() != PREFIX) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let content = fs::read(entry.path())?;
            let path = entry.path().strip_prefix(tree)?.to_string_lossy().replace('\\', "/");
            writeln!(record, "{},{},{}", in_record(&path), record_hash(&content), content.len())?;
        }
    }
    writeln!(record, "{name}/RECORD,,")?;
    fs::write(directory.join("RECORD"), record)?;
    Ok(())
}

fn headers(metadata: &Metadata, version: &str) -> Result<String, std::fmt::Error> {
    let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {version}\n", metadata.name);
    if let Some(requires) = &metadata.requires_python {
        writeln!(text, "Requires-Python: {requires}")?;
    }
    for dependency in &metadata.dependencies {
        writeln!(text, "Requires-Dist: {dependency}")?;
    }
    Ok(text)
}

fn entry_points(metadata: &Metadata) -> Result<String, std::fmt::Error> {
    let own = [("console_scripts", &metadata.scripts), ("gui_scripts", &metadata.gui_scripts)];
    let others = metadata.entry_points.iter().map(|(group, entries)| (group.as_str(), entries));
    let mut text = String::new();
    for (group, entries) in own.into_iter().chain(others).filter(|(_, entries)| !entries.is_empty()) {
        writeln!(text, "[{group}]")?;
        for (name, reference) in entries {
            writeln!(text, "{name} = {reference}")?;
        }
        text.push('\n');
    }
    Ok(text)
}
