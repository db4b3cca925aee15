//! Where a project's third-party packages are listed: the first place that there is.

use std::fs;
use std::path::Path;

use toml::de::DeTable;

use super::files::Files;
use super::found::LISTS;
use super::{Dependencies, LockPolicy, metadata, requires_dist};
use crate::report::failure::Failure;

impl Files<'_> {
    /// Where the third-party packages are listed.
    pub(super) fn dependencies(&self, root: &Path) -> anyhow::Result<Dependencies> {
        if let Some(setting) = &self.settings.requirements {
            let file = root.join(&setting.value);
            if !file.is_file() {
                let failure = setting.place.failure(format!("there is no requirements file `{}`", setting.value));
                return Err(failure.help("the path is relative to the project's directory").into());
            }
            self.no_selection("a requirements file")?;
            let lock = file.extension().is_some_and(|e| e == "toml");
            return Ok(if lock { Dependencies::PyLock(file) } else { Dependencies::Requirements(file) });
        }
        if let Some(script) = &self.script {
            let mut lock = script.clone().into_os_string();
            lock.push(".lock");
            if Path::new(&lock).is_file() {
                return Ok(Dependencies::UvLock);
            }
        } else if self.metadata.is_some() && has_uv_lock(root) {
            return Ok(Dependencies::UvLock);
        }
        let lock = root.join("pylock.toml");
        if self.script.is_none() && lock.is_file() {
            self.no_selection("a pylock.toml")?;
            return Ok(Dependencies::PyLock(lock));
        }
        if let Some(metadata) = self.metadata.as_ref().filter(|_| self.is_described) {
            if let Some(package) = &self.package {
                return Ok(Dependencies::Required(package.required(metadata)));
            }
            let mut required = requires_dist::selected(metadata, &self.settings.extras)?;
            required.extend(self.groups()?);
            return Ok(if required.is_empty() { Dependencies::None } else { Dependencies::Required(required) });
        }
        if self.metadata.is_none()
            && self.script.is_none()
            && let Some(list) = self.list_beside_scripts(root)?
        {
            return Ok(list);
        }
        let listed = self.listed()?;
        Ok(if listed.is_empty() { Dependencies::None } else { Dependencies::Listed(listed) })
    }

    /// The same, if it is locked or need not be.
    pub(super) fn locked(&self, policy: LockPolicy, found: Dependencies) -> Result<Dependencies, Failure> {
        let none = match policy {
            LockPolicy::Checked => false,
            LockPolicy::Locked => {
                matches!(found, Dependencies::Listed(_) | Dependencies::Required(_)) || has_no_hashes(&found)
            }
            LockPolicy::Frozen => matches!(found, Dependencies::Listed(_) | Dependencies::Required(_)),
        };
        if none {
            let option = if policy == LockPolicy::Locked { "--locked" } else { "--frozen" };
            return Err(Failure::new(format!("{}: {option} was given, and no lock is there", self.shown))
                .help("make a `uv.lock` with `uv lock`"));
        }
        Ok(found)
    }

    /// What lists the requirements of a directory without a `[project]`.
    fn list_beside_scripts(&self, root: &Path) -> Result<Option<Dependencies>, Failure> {
        let Some(name) = LISTS.iter().find(|list| root.join(list).is_file()) else { return Ok(None) };
        let file = root.join(name);
        self.no_selection(&format!("`{name}`"))?;
        match *name {
            "Pipfile.lock" => Ok(Some(Dependencies::Pipfile(file))),
            "Pipfile" => Err(Failure::new(format!("there is a `{}`, but no `Pipfile.lock` beside it", file.display()))
                .help("make it with `pipenv lock`")),
            _ => Ok(Some(Dependencies::Requirements(file))),
        }
    }

    /// Whether nothing but `[project]` lists the dependencies.
    pub(super) fn is_unlisted(&self, root: &Path) -> bool {
        self.settings.requirements.is_none() && !has_uv_lock(root) && !root.join("pylock.toml").is_file()
    }

    fn listed(&self) -> Result<Vec<String>, Failure> {
        let Some(document) = &self.document else { return Ok(Vec::new()) };
        if metadata::has_dynamic(document, &["dependencies"])? {
            return Err(Failure::new(format!("{}: the dependencies are `dynamic`", self.shown))
                .help("lock them with `uv lock`, or name a requirements file: `requirements = \"requirements.txt\"`"));
        }
        let (mut listed, name) = match &self.metadata {
            Some(metadata) => (metadata.dependencies.clone(), metadata.name.as_str()),
            None => (self.script_dependencies.clone(), ""),
        };
        for extra in &self.settings.extras {
            listed.extend(metadata::extra(document, name, extra)?);
        }
        listed.extend(self.groups()?);
        Ok(listed)
    }

    /// The requirements of the groups that were chosen.
    fn groups(&self) -> Result<Vec<String>, Failure> {
        let mut listed = Vec::new();
        for group in &self.settings.groups {
            listed.extend(metadata::group(self.document.as_ref(), group)?);
        }
        Ok(listed)
    }

    fn no_selection(&self, what: &str) -> Result<(), Failure> {
        match self.settings.extras.first().or(self.settings.groups.first()) {
            Some(first) => Err(first
                .place
                .failure(format!("`extras` and `groups` mean nothing beside {what}"))
                .help("make the file with the extras and groups in it, and leave these keys out")),
            None => Ok(()),
        }
    }
}

/// Whether this is a requirements file that does not say which files exactly it means.
fn has_no_hashes(list: &Dependencies) -> bool {
    let Dependencies::Requirements(file) = list else { return false };
    !fs::read_to_string(file).is_ok_and(|text| text.contains("--hash="))
}

/// Whether the project has a `uv.lock`, its own or that of the workspace it is a member of.
fn has_uv_lock(root: &Path) -> bool {
    if root.join("uv.lock").is_file() {
        return true;
    }
    root.ancestors().skip(1).filter(|d| d.join("uv.lock").is_file()).any(|directory| {
        let text = fs::read_to_string(directory.join("pyproject.toml")).unwrap_or_default();
        let Ok(document) = DeTable::parse(&text) else { return false };
        let tool = document.get_ref().get("tool").and_then(|t| t.get_ref().get("uv")?.get_ref().get("workspace"));
        tool.is_some()
    })
}
