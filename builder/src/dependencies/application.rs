//! The app's own code as a tree: its wheel, its source files, or its one script.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::host::scratch::Scratch;
use anyhow::Context;

use super::commands::Starters;
use super::installer::{self, Installer};
use super::resolved::{Local, Resolved};
use super::source_tree::{Selection, Treatment};
use super::{Tree, added_data, dist_info, finish, own_directory, source_tree, wheel};
use crate::config::{AppSource, Dependencies, EntryPoint, Project};
use crate::context::BuildContext;
use crate::host::digest;
use crate::report::failure::{Failure, Help};
use crate::runtime::Runtime;

/// The wheel of the app, where it has a build system. Gone when dropped.
#[derive(Debug)]
pub struct OwnWheel {
    scratch: Scratch,
    wheel: Option<PathBuf>,
}

/// Builds the wheel of the app, if it has a build system. That needs neither its dependencies nor their list.
///
/// # Errors
/// When it can't be built. Nothing is left in the cache or in the project then.
pub fn own_wheel(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<OwnWheel> {
    let _step = context.report.step("building the app");
    let scratch = context.cache.scratch()?;
    let project = context.project;
    let wheel = match (&project.sources, &project.wheel) {
        (AppSource::Wheel, Some(built)) => Some(built.clone()),
        (AppSource::Wheel, None) => Some(build(context, runtime, &project.root, &scratch.path().join("app"))?),
        _ => None,
    };
    Ok(OwnWheel { scratch, wheel })
}

/// What is there when the app is installed.
#[derive(Debug, Clone, Copy)]
pub struct Installed<'a> {
    /// The third-party packages.
    pub dependencies: &'a Tree,
    /// The app's wheel.
    pub own: &'a OwnWheel,
}

/// Installs the app itself, and the packages of this machine that belong to it (members of a workspace).
///
/// # Errors
/// When one of those can't be built or a wheel does not run on the target. Nothing is left in the cache or in the project
/// then.
pub fn application(
    context: BuildContext<'_>,
    runtime: &Runtime,
    resolved: &Resolved,
    Installed { dependencies, own }: Installed<'_>,
) -> anyhow::Result<Tree> {
    let _step = context.report.step("installing the app");
    let scratch = &own.scratch;
    let tree = scratch.path().join("tree");
    fs::create_dir(&tree)?;
    let project = context.project;
    let mut wheels = local_wheels(context, runtime, resolved, scratch.path())?;
    wheels.extend(own.wheel.as_ref().map(|wheel| requirement(wheel, None)));
    install_wheels(context, runtime, &wheels, scratch.path(), &tree)?;
    let mut modules = tree.clone();
    match &project.sources {
        AppSource::Wheel | AppSource::Package => {}
        AppSource::Tree { include, exclude } => {
            let copied = scratch.path().join("copied");
            fs::create_dir(&copied)?;
            let selection = Selection { root: &project.root, entry: &project.entry, include, exclude };
            let any = source_tree::copy(selection, &copied, treatment(context))?;
            if !copy_entry_script(project, &copied)? && !any && !is_in_a_dependency(project) {
                return Err(source_tree::nothing_to_copy(&project.root, include).into());
            }
            modules = own_directory::place(&copied, &tree, &own_directory::others(context, runtime, dependencies)?)?;
            if let (Some(metadata), Some(version)) = (&project.metadata, &project.version)
                && !metadata.name.is_empty()
            {
                dist_info::write(&tree, metadata, metadata.version.as_ref().unwrap_or(version))?;
            }
        }
        AppSource::Script(file) => {
            let name = file.file_name().unwrap_or_default();
            fs::copy(file, tree.join(name)).with_context(|| format!("could not copy `{}`", file.display()))?;
        }
    }
    for data in &project.added_data {
        added_data::copy(data, &modules)?;
    }
    if let EntryPoint::Script(script) = &project.entry
        && project.sources != AppSource::Package
        && !modules.join(script).is_file()
    {
        return Err(Failure::new(format!("the entry point `{script}` is not among the app's files"))
            .help(format!("add it with `include` in {}, or name another entry point", project.settings_place))
            .into());
    }
    let modules = if modules == tree { "" } else { own_directory::NAME };
    let key = digest::of_directory(&tree)?;
    let site_packages = context.cache.directory("applications", &key, |directory| {
        // Windows does not rename a directory onto an empty one.
        fs::remove_dir(directory)?;
        Ok(fs::rename(&tree, directory)?)
    })?;
    let distributions = dist_info::distributions(&site_packages)?;
    Ok(Tree { site_packages, key, distributions, modules })
}

/// The script that is the entry point is included whatever its name: it may have no `.py`, or a name that is left out elsewhere.
/// Whether it had to be copied.
fn copy_entry_script(project: &Project, tree: &Path) -> anyhow::Result<bool> {
    let EntryPoint::Script(script) = &project.entry else { return Ok(false) };
    let (from, to) = (project.root.join(script), tree.join(script));
    if to.is_file() || !from.is_file() {
        return Ok(false);
    }
    fs::create_dir_all(to.parent().unwrap_or(tree))?;
    fs::copy(&from, &to).with_context(|| format!("could not copy `{}`", from.display()))?;
    Ok(true)
}

/// Whether the project needs no code of its own, because it starts one of its dependencies.
fn is_in_a_dependency(project: &Project) -> bool {
    let names_a_module = matches!(project.entry, EntryPoint::Function { .. } | EntryPoint::Module(_));
    let chooses = matches!(&project.sources, AppSource::Tree { include, .. } if !include.is_empty());
    names_a_module && !chooses && project.dependencies != Dependencies::None
}

fn treatment(context: BuildContext<'_>) -> Treatment<'_> {
    Treatment { links: context.target.platform().bundled_links(), report: context.report }
}

/// Wheels of the packages that the dependencies name by a directory, as requirements.
fn local_wheels(
    context: BuildContext<'_>,
    runtime: &Runtime,
    resolved: &Resolved,
    scratch: &Path,
) -> anyhow::Result<Vec<String>> {
    let wheel = |(number, local): (usize, &Local)| {
        let marker = local.marker.as_deref();
        if local.path.extension().is_some_and(|e| e == "whl") {
            return Ok(requirement(&local.path, marker));
        }
        let wheel = build(context, runtime, &local.path, &scratch.join(format!("local{number}")))?;
        Ok(requirement(&wheel, marker))
    };
    resolved.local.iter().enumerate().map(wheel).collect()
}

/// Builds the wheel of what is at `path` with the bundle's Python, if that runs here.
fn build(context: BuildContext<'_>, runtime: &Runtime, path: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let installer = Installer::for_project(context, runtime);
    wheel::build(|words| installer.build_command(words), path, out, context.report)
}

fn install_wheels(
    context: BuildContext<'_>,
    runtime: &Runtime,
    wheels: &[String],
    scratch: &Path,
    tree: &Path,
) -> anyhow::Result<()> {
    if wheels.is_empty() {
        return Ok(());
    }
    let list = scratch.join("wheels.txt");
    fs::write(&list, wheels.join("\n") + "\n")?;
    // Without uv's cache: it would keep a copy of each build for ever.
    let arguments: Vec<OsString> = vec!["--no-cache".into(), "--no-deps".into(), "-r".into(), list.into()];
    Installer::for_project(context, runtime).install_into(tree, &arguments, installer::SourceBuilds::Refused).or_fail(
        format!("could not install the app's wheel for {}", context.target),
        "a wheel with compiled code runs only on the platform and the Python minor version that it was built with",
    )?;
    finish(context, runtime, Starters::for_target(context).as_ref(), tree)
}

/// A wheel file as a requirement: `name @ file:///…`, with when it is wanted.
fn requirement(wheel: &Path, marker: Option<&str>) -> String {
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('-').next().unwrap_or_default().to_owned();
    let path = wheel.to_string_lossy().replace('\\', "/").replace('%', "%25").replace(' ', "%20").replace('#', "%23");
    let marker = marker.map(|m| format!(" ; {m}")).unwrap_or_default();
    format!("{name} @ file:///{}{marker}", path.trim_start_matches('/'))
}
