//! What a bundle needs of `[project]`, or, where there is none, of the metadata of the project's wheel. Other keys are ignored.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::document::{Document, Located, Place, Table};
use super::requirement;
use crate::report::failure::Failure;

/// What `[project]` says, or the `METADATA` of a wheel.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// `name`, as it is written.
    pub name: String,
    /// `version`; `None` when it is `dynamic`.
    pub version: Option<String>,
    /// `[project.scripts]`: name → `pkg.mod:func`, in the order of names.
    pub scripts: BTreeMap<String, String>,
    /// `[project.gui-scripts]`, alike.
    pub gui_scripts: BTreeMap<String, String>,
    /// `[project.entry-points.*]`: group → name → reference.
    pub entry_points: BTreeMap<String, BTreeMap<String, String>>,
    /// The programs that a wheel contains beside its modules, by the command that starts each.
    pub programs: BTreeMap<String, Program>,
    /// `dependencies`; of a wheel every `Requires-Dist`, also those that belong to an extra.
    pub dependencies: Vec<String>,
    /// The names of the extras of a wheel.
    pub extras: Vec<String>,
    /// `requires-python`.
    pub requires_python: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The names in `authors`.
    pub authors: Vec<String>,
}

/// A program among the files of a package, relative to where its modules are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A script for Python.
    Script(String),
    /// Machine code.
    Native(String),
}

impl Metadata {
    /// Reads `[project]`, if the document has one.
    pub(super) fn read(document: &Document<'_>) -> Result<Option<Self>, Failure> {
        let Some(project) = document.root().table("project")? else { return Ok(None) };
        let line = document.root().place("project");
        let missing = |what: &str| {
            let message = format!("[project] has no `{what}`");
            let failure = match &line {
                Some(place) => place.failure(message),
                None => Failure::new(format!("{}: {message}", document.shown())),
            };
            failure.help(format!("add `{what} = \"…\"`"))
        };
        let value = |located: Option<Located<String>>| located.map(|l| l.value);
        let name = value(project.string("name")?).ok_or_else(|| missing("name"))?;
        let version = value(project.string("version")?);
        let dynamic = project.strings("dynamic")?;
        if version.is_none() && !dynamic.iter().any(|d| d.value == "version") {
            return Err(missing("version"));
        }
        let mut entry_points = BTreeMap::new();
        if let Some(groups) = project.table("entry-points")? {
            for group in groups.keys() {
                entry_points.insert(group.to_owned(), references(&groups, group)?);
            }
        }
        // Also of extras that are not chosen: the build system reads them all.
        if let Some(extras) = project.table("optional-dependencies")? {
            extras.keys().try_for_each(|extra| checked(extras.strings(extra)?).map(drop))?;
        }
        Ok(Some(Self {
            name,
            version,
            scripts: references(&project, "scripts")?,
            gui_scripts: references(&project, "gui-scripts")?,
            entry_points,
            dependencies: checked(project.strings("dependencies")?)?,
            extras: Vec::new(),
            programs: BTreeMap::new(),
            requires_python: value(project.string("requires-python")?),
            description: value(project.string("description")?),
            authors: names(&project.values("authors")?),
        }))
    }
}

/// The names of people in a list of `{name = "…", email = "…"}`. Other values are left to the build system to refuse.
fn names(people: &[&Spanned<DeValue<'_>>]) -> Vec<String> {
    let name = |person: &&Spanned<DeValue<'_>>| match person.get_ref() {
        DeValue::Table(person) => person.get("name")?.get_ref().as_str().map(str::to_owned),
        _ => None,
    };
    people.iter().filter_map(name).collect()
}

/// These requirements, if each of them is valid.
pub(super) fn checked(requirements: Vec<Located<String>>) -> Result<Vec<String>, Failure> {
    let one = |located: Located<String>| {
        requirement::check(&located.place, &located.value)?;
        Ok(located.value)
    };
    requirements.into_iter().map(one).collect()
}

/// Whether `[project]` leaves one of these fields to the build system.
pub(super) fn has_dynamic(document: &Document<'_>, fields: &[&str]) -> Result<bool, Failure> {
    let Some(project) = document.root().table("project")? else { return Ok(false) };
    Ok(project.strings("dynamic")?.iter().any(|d| fields.contains(&&*d.value)))
}

/// The requirements of one extra, those of the project's own extras that it names included.
pub(super) fn extra(document: &Document<'_>, name: &str, extra: &Located<String>) -> Result<Vec<String>, Failure> {
    let extras = document.root().table("project")?.map(|p| p.table("optional-dependencies")).transpose()?.flatten();
    let mut found = Vec::new();
    let mut open = vec![normalised(&extra.value)];
    let mut seen: Vec<String> = Vec::new();
    while let Some(wanted) = open.pop() {
        if seen.contains(&wanted) {
            continue;
        }
        let key = extras.as_ref().and_then(|t| t.keys().find(|k| normalised(k) == wanted));
        let (Some(extras), Some(key)) = (&extras, key) else {
            return Err(unknown("extra", &wanted, "project.optional-dependencies", extras.as_ref(), &extra.place));
        };
        for requirement in checked(extras.strings(key)?)? {
            match own_extras(&requirement, name) {
                Some(more) => open.extend(more),
                None => found.push(requirement),
            }
        }
        seen.push(wanted);
    }
    Ok(found)
}

/// The requirements of one group of `[dependency-groups]`, those of the groups it includes too.
pub(super) fn group(document: Option<&Document<'_>>, group: &Located<String>) -> Result<Vec<String>, Failure> {
    let root = document.map(Document::root);
    let groups = root.as_ref().map(|r| r.table("dependency-groups")).transpose()?.flatten();
    let mut found = Vec::new();
    let mut open = vec![normalised(&group.value)];
    let mut seen: Vec<String> = Vec::new();
    while let Some(wanted) = open.pop() {
        if seen.contains(&wanted) {
            continue;
        }
        let key = groups.as_ref().and_then(|t| t.keys().find(|k| normalised(k) == wanted));
        let (Some(groups), Some(key)) = (&groups, key) else {
            return Err(unknown("group", &wanted, "dependency-groups", groups.as_ref(), &group.place));
        };
        for item in groups.values(key)? {
            match item.get_ref() {
                DeValue::String(requirement) => found.push(requirement.to_string()),
                DeValue::Table(include) => {
                    let named = include.get("include-group").and_then(|v| v.get_ref().as_str());
                    open.extend(named.map(normalised));
                }
                _ => {}
            }
        }
        seen.push(wanted);
    }
    Ok(found)
}

/// The name as PEP 503 compares it: lower case, runs of `-`, `_`, `.` (and anything else) as one hyphen.
pub(crate) fn normalised(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// `app[a,b]`, when `app` is the project itself: a and b.
fn own_extras(requirement: &str, name: &str) -> Option<Vec<String>> {
    let (project, rest) = requirement.split_once('[')?;
    (normalised(project) == normalised(name)).then_some(())?;
    Some(rest.split(']').next()?.split(',').map(normalised).collect())
}

fn unknown(kind: &str, wanted: &str, table: &str, known: Option<&Table<'_>>, place: &Place) -> Failure {
    let mut names: Vec<&str> = known.map(|t| t.keys().collect()).unwrap_or_default();
    names.sort_unstable();
    place.failure(format!("there is no {kind} `{wanted}` in [{table}]")).help(if names.is_empty() {
        format!("the project has no [{table}]")
    } else {
        format!("it has {}", super::document::quoted(&names))
    })
}

fn references(table: &Table<'_>, key: &str) -> Result<BTreeMap<String, String>, Failure> {
    let Some(table) = table.table(key)? else { return Ok(BTreeMap::new()) };
    let mut references = BTreeMap::new();
    for name in table.keys() {
        if let Some(reference) = table.string(name)? {
            references.insert(name.to_owned(), reference.value);
        }
    }
    Ok(references)
}
