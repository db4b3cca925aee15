//! Locks of other tools, `poetry.lock` and `pdm.lock`: the versions that they name are the ones that are resolved to.
//!
//! They are not installed from: their hashes are not what uv reads, and it finds the same ones in the index.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use toml::Table;

use crate::config::normalised;
use crate::report::failure::Help as _;

/// Both have the same list of packages.
const LOCKS: &[&str] = &["poetry.lock", "pdm.lock"];

/// The first of these locks in `root`, as a name and as constraints for uv: `name==version` lines.
///
/// # Errors
/// When there is one that can't be read.
pub(super) fn constraints(root: &Path) -> anyhow::Result<Option<(&'static str, String)>> {
    for name in LOCKS {
        let file = root.join(name);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).with_context(|| format!("could not read `{}`", file.display())),
        };
        let lock: Table = text
            .parse()
            .or_fail(format!("could not read `{}`", file.display()), "make it again with the tool that made it")?;
        return Ok(Some((name, lines(&lock))));
    }
    Ok(None)
}

/// A package that is locked to several versions, each with a marker, is left to uv, and so is one that comes from elsewhere
/// than an index.
fn lines(lock: &Table) -> String {
    let mut versions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for package in lock.get("package").and_then(|p| p.as_array()).into_iter().flatten() {
        let text = |key: &str| package.get(key).and_then(|value| value.as_str());
        let kind = package.get("source").and_then(|source| source.get("type")?.as_str());
        let elsewhere = ["git", "url", "path"].iter().any(|key| package.get(key).is_some());
        let from_index = matches!(kind, None | Some("legacy")) && !elsewhere;
        if let (Some(name), Some(version), true) = (text("name"), text("version"), from_index) {
            versions.entry(normalised(name)).or_default().push(version);
        }
    }
    let single = versions.iter().filter_map(|(name, versions)| match versions.as_slice() {
        [first, others @ ..] if others.iter().all(|other| other == first) => Some(format!("{name}=={first}\n")),
        _ => None,
    });
    single.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_another_tool_gives_the_versions() {
        let directory = tempfile::tempdir().unwrap();
        assert!(constraints(directory.path()).unwrap().is_none());
        let text = "[[package]]\nname = \"Click\"\nversion = \"8.1.7\"\n\
                    [[package]]\nname = \"numpy\"\nversion = \"1\"\n[[package]]\nname = \"numpy\"\nversion = \"2\"\n\
                    [[package]]\nname = \"mine\"\nversion = \"1\"\n[package.source]\ntype = \"directory\"\nurl = \"../mine\"\n\
                    [[package]]\nname = \"private\"\nversion = \"3\"\n[package.source]\ntype = \"legacy\"\nurl = \"https://h\"\n\
                    [metadata]\nlock-version = \"2.1\"\n";
        fs::write(directory.path().join("poetry.lock"), text).unwrap();
        let expected = ("poetry.lock", "click==8.1.7\nprivate==3\n".to_owned());
        assert_eq!(constraints(directory.path()).unwrap(), Some(expected));
    }
}
