//! `uv.lock`: its list with hashes, and whether it still fits the project.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use toml::Table;

use super::installer::{self, Installer};
use super::resolved::Resolved;
use crate::config::{AppSource, LockPolicy, Project, normalised};
use crate::context::BuildContext;
use crate::host::uv::{self, ErrorKind, LockChange};
use crate::runtime::Runtime;

/// The hashed list in `uv.lock`. It must be up to date, unless `--frozen` says otherwise.
pub(super) fn export(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Resolved> {
    let text = match context.project.lock {
        LockPolicy::Frozen => uv::run(command(context, runtime, "--frozen"), context.report)?,
        LockPolicy::Checked | LockPolicy::Locked => checked(context, runtime)?,
    };
    Ok(Resolved::parse(&text, &directory(context.project)))
}

fn checked(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<String> {
    let failed = match uv::attempt(command(context, runtime, "--locked"), context.report) {
        Ok(text) => return Ok(text),
        Err(failed) => failed,
    };
    match failed.kind {
        // To look whether the lock fits, uv wants a Python that the project allows; the lock itself needs none.
        ErrorKind::NoInterpreter => {
            context.report.notice("no Python on this machine fits `requires-python`, so `uv.lock` is taken as it is");
        }
        // Every release changes the project's own version, which does not change what is installed.
        ErrorKind::StaleLock
            if context.project.lock == LockPolicy::Checked && differs_in_own_versions(context, runtime)? =>
        {
            context.report.detail("uv.lock has another version of the project itself, which changes nothing");
        }
        _ => return Err(failed.error),
    }
    uv::run(command(context, runtime, "--frozen"), context.report)
}

fn command(context: BuildContext<'_>, runtime: &Runtime, lock: &str) -> Command {
    let mut command = Installer::for_project(context, runtime).command(&[
        "export",
        "--format",
        "requirements.txt",
        "--no-header",
        "--no-annotate",
    ]);
    command.args(["--no-editable", "--emit-index-url", "--quiet", lock]);
    match &context.project.sources {
        AppSource::Script(file) => command.arg("--script").arg(file),
        _ => command.args(["--no-emit-project", "--no-default-groups"]),
    };
    installer::select(&mut command, context.project, "");
    command
}

/// The directory that paths in the exported list are relative to: where `uv.lock` is, the workspace's.
fn directory(project: &Project) -> PathBuf {
    let root = &project.root;
    root.ancestors().find(|d| d.join("uv.lock").is_file()).unwrap_or(root).to_owned()
}

/// Whether a new lock would have other versions of the packages in this project alone.
fn differs_in_own_versions(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<bool> {
    if matches!(context.project.sources, AppSource::Script(_)) {
        return Ok(false);
    }
    let said = uv::talk(Installer::for_project(context, runtime).command(&["lock", "--dry-run"]), context.report)?;
    let file = directory(context.project).join("uv.lock");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read `{}`", file.display()))?;
    Ok(changes_only(&said, &own_packages(&text)))
}

/// The names of the packages in a lock that lie in the project.
fn own_packages(lock: &str) -> Vec<String> {
    let lock: Table = lock.parse().unwrap_or_default();
    let packages = lock.get("package").and_then(|packages| packages.as_array()).into_iter().flatten();
    let is_own = |package: &&toml::Value| {
        let source = package.get("source");
        ["editable", "virtual", "directory"].iter().any(|kind| source.is_some_and(|s| s.get(*kind).is_some()))
    };
    let names = packages.filter(is_own).filter_map(|package| package.get("name")?.as_str());
    names.map(normalised).collect()
}

/// Whether `uv lock --dry-run` said that nothing but the versions of these packages would change, and that they would.
fn changes_only(said: &str, own: &[String]) -> bool {
    let changes = uv::lock_changes(said);
    let is_own = |package: &str| own.contains(&normalised(package));
    !changes.is_empty() && changes.iter().all(|(change, package)| *change == LockChange::Updated && is_own(package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_the_project_is_told_from_other_changes() {
        let lock = "[[package]]\nname = \"click\"\nsource = { registry = \"https://h\" }\n\
                    [[package]]\nname = \"my-app\"\nsource = { editable = \".\" }\n\
                    [[package]]\nname = \"engine\"\nsource = { virtual = \"engine\" }\n";
        let own = own_packages(lock);
        assert_eq!(own, ["my-app", "engine"]);
        for (said, expected) in [
            ("Resolved 3 packages in 2ms\nUpdate my-app v1.0 -> v1.1\n", true),
            ("Update my-app v1.0 -> v1.1\nUpdate engine v1 -> v2", true),
            ("Update my-app v1.0 -> v1.1\nUpdate click v8.0 -> v8.1", false),
            ("Update my-app v1.0 -> v1.1\nAdd click v8.1", false),
            ("Remove my-app v1.0", false),
            ("Resolved 3 packages in 2ms", false),
        ] {
            assert_eq!(changes_only(said, &own), expected, "{said}");
        }
    }
}
