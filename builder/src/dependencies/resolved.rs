//! What is to be installed: requirements that name one file each, and the packages of this machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::installer::{Installer, SourceBuilds};
use crate::context::BuildContext;
use crate::runtime::Runtime;

/// What is to be installed.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Requirements with hashes.
    pinned: Vec<String>,
    /// Requirements without one: a commit of a repository, a file of an index that publishes none.
    unhashed: Vec<String>,
    /// Packages on this machine: members of the workspace, directories. They are part of the app.
    pub(super) local: Vec<Local>,
    /// The indexes to install from, as uv's options. They are not part of the identity, which the hashes are.
    indexes: Vec<String>,
    /// A file that is installed as it is, and all of its text.
    file: Option<(PathBuf, String)>,
}

/// A package in a directory (or file) of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) path: PathBuf,
    /// When it is wanted: `sys_platform == 'win32'`.
    pub(super) marker: Option<String>,
}

impl Resolved {
    /// A complete list, which is installed as it is, with all of its text.
    pub(super) fn from_file(file: PathBuf, text: String) -> Self {
        Self { file: Some((file, text)), ..Self::default() }
    }

    /// Everything that decides what the tree will be; the packages of this machine are not in it.
    pub(super) fn identity(&self) -> String {
        let file = self.file.as_ref().map(|(_, text)| text.as_str());
        let lines = self.pinned.iter().chain(&self.unhashed).map(String::as_str).chain(file);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Installs all of it into an empty directory, except the packages of this machine.
    pub(super) fn install(&self, context: BuildContext<'_>, runtime: &Runtime, directory: &Path) -> anyhow::Result<()> {
        let scratch = context.cache.scratch()?;
        let arguments = |file: &Path, options: &[&str]| {
            let mut arguments: Vec<OsString> = options.iter().map(OsString::from).collect();
            arguments.extend(["-r".into(), file.into()]);
            arguments
        };
        if let Some((file, _)) = &self.file {
            // Without --no-deps, so that a list that lacks something is an error now, and not a bundle that fails later.
            let lock: &[&str] = if is_toml(file) {
                &["--require-hashes", "--preview-features", "pylock"]
            } else {
                &["--require-hashes"]
            };
            Installer::for_project(context, runtime)
                .install_into(directory, &arguments(file, lock), Installer::for_project(context, runtime).sources())
                .with_context(|| format!("in `{}`", file.display()))?;
        }
        if !self.pinned.is_empty() {
            let file = scratch.path().join("requirements.txt");
            fs::write(&file, self.listed(&self.pinned))?;
            // Any index will do that has the file with the hash: nothing else is accepted.
            let options = ["--require-hashes", "--no-deps", "--index-strategy", "unsafe-best-match"];
            let installer = Installer::for_project(context, runtime);
            installer.install_into(directory, &arguments(&file, &options), installer.sources())?;
        }
        if !self.unhashed.is_empty() {
            context.report.notice(format!("without a hash, so not checked: {}", self.unhashed.join(", ")));
            let file = scratch.path().join("unhashed.txt");
            fs::write(&file, self.listed(&self.unhashed))?;
            // A repository must be built; the check of the wheels' tags afterwards refuses what does not fit.
            Installer::for_project(context, runtime).install_into(
                directory,
                &arguments(&file, &["--no-deps"]),
                SourceBuilds::Built,
            )?;
        }
        Ok(())
    }

    fn listed(&self, requirements: &[String]) -> String {
        self.indexes.iter().chain(requirements).map(|line| format!("{line}\n")).collect()
    }

    /// Of a list as uv writes it; relative paths in it begin at `root`.
    pub(super) fn parse(text: &str, root: &Path) -> Self {
        let mut resolved = Self::default();
        for requirement in joined(text) {
            let (what, marker) = match requirement.split_once(" ; ") {
                Some((what, marker)) => (what.trim(), Some(marker.trim().to_owned())),
                None => (requirement.as_str(), None),
            };
            let what = what.strip_prefix("-e ").unwrap_or(what).trim();
            let place = what.split_once(" @ ").map_or(what, |(_, place)| place);
            let is_remote = place.starts_with("git+") || place.starts_with("http://") || place.starts_with("https://");
            if ["--index-url", "--extra-index-url", "--find-links"].iter().any(|o| requirement.starts_with(o)) {
                resolved.indexes.push(absolute_place(&requirement, root));
            } else if requirement.contains("--hash=") {
                resolved.pinned.push(requirement);
            } else if is_remote || what.contains("==") {
                resolved.unhashed.push(requirement);
            } else if !what.starts_with('-') {
                let path = place.strip_prefix("file://").unwrap_or(place);
                // `file:///C:/x` on Windows.
                let path = if cfg!(windows) { path.trim_start_matches('/') } else { path };
                resolved.local.push(Local { path: root.join(path), marker });
            }
        }
        resolved
    }
}

/// `--find-links ../wheels`, and the same of an index, with the directory that it means from anywhere.
fn absolute_place(option: &str, root: &Path) -> String {
    let Some((name, place)) = option.split_once(' ') else { return option.to_owned() };
    let path = root.join(place.trim());
    if place.contains("://") || !path.exists() { option.to_owned() } else { format!("{name} {}", path.display()) }
}

pub(super) fn is_toml(file: &Path) -> bool {
    file.extension().is_some_and(|e| e == "toml")
}

/// Requirements, each with its hashes on one line; comments and empty lines are gone.
fn joined(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ").replace("\\\r\n", " ");
    let lines = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_sorted_by_how_far_it_can_be_trusted() {
        let text = "# made by uv\n--index-url https://h/simple\n\na==1 ; os_name == 'nt' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\nb==2\n\
                    c @ git+https://h/c@0123\n./lib ; sys_platform == 'linux'\nd @ file:///abs/d\nlib2\n-e ../e\n";
        let resolved = Resolved::parse(text, Path::new("/p"));
        assert_eq!(resolved.pinned, ["a==1 ; os_name == 'nt' --hash=sha256:00 --hash=sha256:01"]);
        assert_eq!(resolved.indexes, ["--index-url https://h/simple"]);
        assert!(!resolved.identity().contains("simple"));
        assert_eq!(resolved.unhashed, ["b==2", "c @ git+https://h/c@0123"]);
        let local = resolved.local.iter().map(|l| (l.path.to_str().unwrap(), l.marker.as_deref())).collect::<Vec<_>>();
        let expected =
            [("/p/./lib", Some("sys_platform == 'linux'")), ("/abs/d", None), ("/p/lib2", None), ("/p/../e", None)];
        assert_eq!(local, expected);
    }
}
