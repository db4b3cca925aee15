//! The launch record of a bundle: the little that a start needs to know.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use bundle::entry_path::EntryPath;
use bundle::record::{self, App, AppId, LaunchRecord, Settings, Start, Update};

use crate::config::{Command, CommandChoice, Project};
use crate::context::BuildContext;
use crate::dependencies::Tree;
use crate::packing::stage::Parts;
use crate::packing::start_script::{Laziness, StartScript};
use crate::platform::PREFIX;
use crate::report::failure::Failure;
use crate::runtime::Runtime;

/// The launch record: what a start of the app needs to know.
///
/// # Errors
/// When the app has no version, or a name that no version dir may hold.
pub fn launch_record(
    context: BuildContext<'_>,
    parts: &Parts,
    laziness: Option<Laziness>,
) -> anyhow::Result<LaunchRecord> {
    let project = context.project;
    let Parts { runtime, application, .. } = parts;
    let version = version(project, application)?;
    let start_script =
        StartScript::new(project, application, &runtime.site_packages, context.target.platform()).importing(laziness);
    let (flags, script) = start_script.command_line(project);
    let id = AppId::new(project.id.clone())?;
    Ok(LaunchRecord {
        app: App { id: id.clone(), name: project.name.clone(), version },
        target: context.target.triple().to_owned(),
        python: runtime.version.to_string(),
        runtime: runtime.description.clone(),
        glibc: None,
        entry_point: project.command(),
        start: Start {
            interpreter: EntryPath::new(interpreter(context, runtime, project.windowed))?,
            flags,
            script: EntryPath::new(&*script)?,
            windowed: project.windowed,
            environment: project.environment.clone(),
            commands: commands(context, runtime)?,
            programs: programs(context, parts)?,
            command_argument: project.command_choice == CommandChoice::Argument,
        },
        settings: Settings {
            self_word: project.self_word.clone(),
            keep: project.keep,
            publisher: project.publisher(),
            app_user_model_id: project.windows.app_user_model_id.clone(),
            service: project.service.clone(),
            update: update(project, &id)?,
        },
    })
}

fn update(project: &Project, id: &AppId) -> anyhow::Result<Option<Update>> {
    project.update.as_ref().map(|update| update.for_app(id, &project.root)).transpose()
}

/// The directory of commands, if packages have installed others than the one that the bundle itself is.
fn programs(context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<Option<EntryPath>> {
    let commands = context.target.platform().commands();
    let entry = context.project.entry.to_string();
    let scripts =
        context.project.metadata.iter().flat_map(|metadata| metadata.scripts.iter().chain(&metadata.gui_scripts));
    let own: Vec<&str> = scripts.filter(|(_, reference)| **reference == entry).map(|(name, _)| name.as_str()).collect();
    let is_own = |file: &Path| file.file_stem().and_then(OsStr::to_str).is_some_and(|name| own.contains(&name));
    let has = |tree: &Tree| {
        let files = fs::read_dir(tree.site_packages.join(PREFIX).join(commands)).into_iter().flatten().flatten();
        files.map(|file| file.path()).any(|file| !is_own(&file))
    };
    let there = has(&parts.dependencies) || has(&parts.application);
    Ok(there.then(|| EntryPath::new(commands)).transpose()?)
}

/// The commands of the bundle, as the launcher chooses among them.
fn commands(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Vec<record::Command>> {
    let command = |command: &Command| {
        let interpreter = EntryPath::new(interpreter(context, runtime, command.windowed))?;
        Ok(record::Command { name: command.name.clone(), interpreter, windowed: command.windowed })
    };
    context.project.commands.iter().map(command).collect()
}

/// The interpreter that a start runs: for an app with windows the one that brings no console along, if there is one.
fn interpreter(context: BuildContext<'_>, runtime: &Runtime, windowed: bool) -> String {
    match context.target.platform().windowed_interpreter().filter(|_| windowed) {
        Some(windowed) if runtime.tree.join(windowed).is_file() => return windowed.to_owned(),
        Some(windowed) => context.report.notice(format!(
            "the runtime has no {windowed}: the app runs in {}, without a console",
            runtime.interpreter
        )),
        None => {}
    }
    runtime.interpreter.clone()
}

/// The version that the project states, or that its build system gave it. The distribution is found by its own name: the
/// app may have another in `[tool.ekiben]`.
fn version(project: &Project, application: &Tree) -> Result<String, Failure> {
    let distribution = project.metadata.as_ref().map_or(&project.id, |metadata| &metadata.name);
    let built = || application.version_of(distribution).map(str::to_owned);
    project.version.clone().or_else(built).ok_or_else(|| {
        Failure::new(format!("`{}` has no version", project.name)).help("give it one: `version` under [project]")
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::Overrides;
    use crate::dependencies::Distribution;

    #[test]
    fn an_app_of_another_name_has_its_distribution_s_version() {
        let directory = tempfile::tempdir().unwrap();
        let text = "[project]\nname = \"My__Dist.x\"\ndynamic = [\"version\"]\nscripts.a = \"a:main\"\n\
                    [build-system]\nrequires = []\n[tool.ekiben]\nname = \"My App\"\n";
        fs::write(directory.path().join("pyproject.toml"), text).unwrap();
        let project = Project::of_files(directory.path(), &Overrides::default()).unwrap();
        let of = |name: &str| {
            let distributions = vec![Distribution { name: name.to_owned(), version: "1.2".to_owned() }];
            version(&project, &Tree { site_packages: PathBuf::new(), key: String::new(), distributions, modules: "" })
        };
        assert_eq!(of("my-dist-x").unwrap(), "1.2");
        assert_eq!(of("my-app").unwrap_err().to_string(), "`My App` has no version");
    }
}
