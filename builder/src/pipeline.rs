//! A build: config → runtime → dependencies → stage → pack → brand → write → sign → check.

use std::path::{Path, PathBuf};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use bundle::digest::Digest;
use bundle::entry_path::EntryPath;
use bundle::record::{self, App, AppId, LaunchRecord, Settings, Start, Update};
use launcher::install::layout;

use crate::config::{Command, CommandChoice, EntryPoint, Overrides, Project};
use crate::context::BuildContext;
use crate::dependencies::{self, Describer, Installed, Tree};
use crate::executable::brand;
use crate::executable::launchers;
use crate::host::cache::{self, Cache};
use crate::host::digest;
use crate::packing::check;
use crate::packing::minimal::{self, LeftOut};
use crate::packing::output::Output;
use crate::packing::pack::{self, Packed};
use crate::packing::stage::{self, Parts, StagedLayer};
use crate::packing::start_script::{self, StartScript};
use crate::packing::tk;
use crate::platform::{BundledLinks, ExecutableFormat, PREFIX, Target};
use crate::report::Report;
use crate::report::failure::Failure;
use crate::report::timings::{self, Timings};
use crate::runtime::bytecode::{Compiler, SourcePolicy};
use crate::runtime::{Runtime, RuntimeLocation, RuntimeRequest, StdlibSources};

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The bundle.
    pub path: PathBuf,
    /// Its length in bytes.
    pub size: u64,
    /// What names its payload.
    pub digest: Digest,
    /// What it starts.
    pub record: LaunchRecord,
    /// The launcher's length in bytes.
    pub launcher: u64,
    /// Its layers.
    pub layers: Vec<Packed>,
    /// What `minimal` left out of them.
    pub left_out: Option<LeftOut>,
    /// How long it took.
    pub time: Duration,
    /// And each step of it.
    pub timings: Timings,
}

/// Builds the project at `path`. The bundle appears under its name by one rename, complete and checked, or not at all.
///
/// # Errors
/// What went wrong, and what to do about it. An earlier file of that name is untouched then.
pub fn build(path: &Path, choice: &Overrides, report: &Report) -> anyhow::Result<Built> {
    let begun = Instant::now();
    let mut timings = Timings::default();
    let cache = Cache::open()?;
    let describer = Describer::new(&cache, report);
    let project = timings.step("reading the project", || Project::load(path, choice, &describer))?;
    if let Some(note) = &project.note {
        report.notice(note);
    }
    let target = project.target.map_or_else(Target::host, Ok)?;
    let launcher = launchers::for_target(target)?;
    let output = Output::prepare(&project, target)?;
    let uv = timings.step("finding uv", || describer.uv())?;
    let context = BuildContext { project: &project, target, cache: &cache, uv, report };

    let runtime = timings.step("runtime", || describer.runtime(&request(context)))?;
    let parts = parts(context, runtime, &mut timings)?;
    let record = launch_record(context, &parts)?;
    thread::scope(|scope| {
        let mut importing = Importing::start(scope, context, &parts);
        let mut layers = timings.step("staging", || stage(context, &parts))?;
        if project.minimal || !packs_quickly(context, &layers) {
            importing.join(&mut timings)?;
        }
        let left_out = match project.minimal {
            true => Some(timings.step("reducing", || reduce(context, &mut layers, &parts))?),
            false => None,
        };
        let layers = timings.step("packing", || pack_all(context, &layers))?;
        let launcher = brand::brand(launcher, &project, &record.app.version, target, report)?;
        let written = timings.step("writing", || output.write(&launcher, &layers, &record))?;
        importing.join(&mut timings)?;
        let written = timings.step("signing", || written.sign(context))?;
        let (path, size, digest) = timings.step("reading back", || written.finish(report))?;
        cache.keep_within_limit(report);
        let (launcher, time) = (launcher.len() as u64, begun.elapsed());
        Ok(Built { path, size, digest, record, launcher, layers, left_out, time, timings })
    })
}

fn request(context: BuildContext<'_>) -> RuntimeRequest {
    let project = context.project;
    RuntimeRequest {
        target: context.target,
        python: project.python.clone(),
        requires_python: project.requires_python.clone(),
        location: RuntimeLocation::from_setting(project.runtime.as_ref()),
        stdlib_sources: StdlibSources::from_setting(project.kept_sources),
    }
}

/// The third-party packages, and the app, with bytecode.
fn parts(context: BuildContext<'_>, runtime: Runtime, timings: &mut Timings) -> anyhow::Result<Parts> {
    let compiler = runtime.compiler(context.cache, context.report);
    let (dependencies, application) = packages(context, &runtime, timings)?;
    let kept = context.project.kept_sources;
    thread::scope(|scope| {
        if let Some(compiler) = compiler.as_ref() {
            let (runtime, trees) = (&runtime, [application.clone(), dependencies.clone()]);
            scope.spawn(move || check::unresolved_imports(context, runtime, compiler, trees.each_ref()));
        }
        let dependencies = timings.step("compiling", || {
            let sources = package_sources(kept.dependencies, &context.project.entry);
            compiled(context, compiler.as_ref(), dependencies, &sources)
        })?;
        let application = timings.step("compiling the app", || {
            let sources = package_sources(kept.application, &context.project.entry);
            compiled(context, compiler.as_ref(), application, &sources)
        })?;
        anyhow::Ok((dependencies, application))
    })
    .map(|(dependencies, application)| Parts { runtime, compiler, dependencies, application })
}

/// The packages as they were installed. The app's wheel is built at the same time; errors of the packages are reported first.
fn packages(context: BuildContext<'_>, runtime: &Runtime, timings: &mut Timings) -> anyhow::Result<(Tree, Tree)> {
    thread::scope(|scope| {
        let building = scope.spawn(move || timings::measured(|| dependencies::own_wheel(context, runtime)));
        let resolved = timings.step("resolving dependencies", || dependencies::resolve(context, runtime))?;
        let dependencies =
            timings.step("installing dependencies", || dependencies::install(context, runtime, &resolved))?;
        let (own, time) = building.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        timings.add("building the app (meanwhile)", time);
        let own = own?;
        let installed = Installed { dependencies: &dependencies, own: &own };
        let application =
            timings.step("installing the app", || dependencies::application(context, runtime, &resolved, installed))?;
        dependencies::check_completeness(context, &[&dependencies, &application], runtime)?;
        Ok((dependencies, application))
    })
}

/// Which sources of packages are kept.
fn package_sources(keeps_all: bool, entry: &EntryPoint) -> SourcePolicy {
    match entry {
        _ if keeps_all => SourcePolicy::Keep,
        // The start script reads it.
        EntryPoint::Script(script) => {
            SourcePolicy::Drop { except: vec![script.clone(), format!("{}/{script}", dependencies::OWN_DIRECTORY)] }
        }
        _ => SourcePolicy::Drop { except: Vec::new() },
    }
}

/// The same packages with bytecode, beside their sources or in their place. Files are shared with the original by hard links.
fn compiled(
    context: BuildContext<'_>,
    compiler: Option<&Compiler>,
    tree: Tree,
    sources: &SourcePolicy,
) -> anyhow::Result<Tree> {
    let Some(compiler) = compiler else { return Ok(tree) };
    let key = digest::of_facts([&*tree.key, &*compiler.identity(), &*sources.identity()]);
    let site_packages = context.cache.directory("compiled", &key, |directory| {
        cache::link_tree(&tree.site_packages, directory)?;
        compiler.compile(directory, sources, context.report)?;
        if *sources == SourcePolicy::Keep { Ok(()) } else { dependencies::record_bytecode(directory) }
    })?;
    Ok(Tree { site_packages, key, ..tree })
}

/// The import of the entry point, in a thread beside the rest of the build. For a large app it takes as long as all later steps
/// when only the app has changed. When there is more to pack, it is waited for first, so that its errors come early.
struct Importing<'scope>(Option<ScopedJoinHandle<'scope, (anyhow::Result<()>, Duration)>>);

impl<'scope> Importing<'scope> {
    fn start<'env>(scope: &'scope Scope<'scope, 'env>, context: BuildContext<'env>, parts: &'env Parts) -> Self {
        Self(Some(scope.spawn(move || timings::measured(|| import_entry_point(context, parts)))))
    }

    /// Waits for it, unless that was done before.
    fn join(&mut self, timings: &mut Timings) -> anyhow::Result<()> {
        let Some(thread) = self.0.take() else { return Ok(()) };
        let (result, time) = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        timings.add("importing the entry point (meanwhile)", time);
        result
    }
}

/// Whether this machine can import the entry point, and the project wants that.
fn can_import(context: BuildContext<'_>, parts: &Parts) -> bool {
    context.project.check && parts.runtime.runs_here
}

fn import_entry_point(context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<()> {
    let Parts { runtime, dependencies, application, .. } = parts;
    if can_import(context, parts) {
        let _step = context.report.step("importing the entry point");
        check::entry_points(context.project, runtime, &[application, dependencies])?;
    }
    // An import may come late, or be one that the check does not see.
    check::tkinter(runtime, &application.site_packages, context.report);
    Ok(())
}

fn stage(context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<Vec<StagedLayer>> {
    let BuildContext { project, cache, report, .. } = context;
    let Parts { runtime, dependencies, application, .. } = parts;
    let platform = context.target.platform();
    let site_packages = runtime.site_packages.as_str();
    let script = StartScript::new(project, application, site_packages, platform).text(platform);
    let script_key = digest::of_bytes(script.as_bytes());
    let script_file = cache.write("scripts", &script_key, script.as_bytes())?;
    let mut layers = vec![
        StagedLayer::new("runtime", &runtime.tree, "", &runtime.key, platform)?,
        StagedLayer::new("dependencies", &dependencies.site_packages, site_packages, &dependencies.key, platform)?,
    ];
    if project.update.is_some() {
        layers.push(updater(context)?);
    }
    // What changes most comes last, so that an update of it is one range of bytes.
    layers.push(
        StagedLayer::new("application", &application.site_packages, site_packages, &application.key, platform)?
            .with_file(start_script::NAME, script.as_bytes(), &script_file)?,
    );
    // Where `minimal` takes commands out, no link to them may stay.
    if platform.bundled_links() == BundledLinks::Kept && !project.minimal {
        stage::link_commands(&mut layers, platform)?;
    }
    if platform.executable_format() == ExecutableFormat::Elf
        && let Some(icon) = brand::icon_file(project, report)?
        && let Some(application) = layers.pop()
    {
        let file = cache.write("icons", &digest::of_bytes(&icon), &icon)?;
        layers.push(application.with_file(layout::ICON, &icon, &file)?);
    }
    tk::leave_out_if_unused(&mut layers, platform)?;
    stage::remove_duplicates(&mut layers, platform, report)?;
    layers.retain(|layer| !layer.items.is_empty());
    Ok(layers)
}

/// The program that updates the app, for those that want updates.
fn updater(context: BuildContext<'_>) -> anyhow::Result<StagedLayer> {
    let program = launchers::updater_for(context.target)?;
    let file = context.cache.write("updaters", &digest::of_bytes(program), program)?;
    let name = format!("{}{}", layout::UPDATER, context.target.exe_suffix());
    StagedLayer::of_program("updater", &name, program, &file)
}

/// Whether nothing but the app is left to be packed.
fn packs_quickly(context: BuildContext<'_>, layers: &[StagedLayer]) -> bool {
    let how = context.project.compression;
    layers.iter().all(|layer| layer.name == "application" || pack::is_packed(layer, how, context.cache))
}

/// Removes what `minimal` leaves out, and tries the app with the rest.
fn reduce(context: BuildContext<'_>, layers: &mut Vec<StagedLayer>, parts: &Parts) -> anyhow::Result<LeftOut> {
    let trial = can_import(context, parts).then(|| minimal::Trial::new(context, parts));
    if trial.is_none() && !context.project.minimal_trial.is_empty() {
        context.report.notice("`minimal-trial` was not run: only a build that can run the app on this machine does");
    }
    let recorded = trial.as_ref().map(|trial| trial.record(layers)).transpose()?.unwrap_or_default();
    let left_out = minimal::reduce(layers, context, parts, &recorded)?;
    if let Some(trial) = &trial {
        trial.confirm(layers)?;
    }
    layers.retain(|layer| !layer.items.is_empty());
    Ok(left_out)
}

fn pack_all(context: BuildContext<'_>, layers: &[StagedLayer]) -> anyhow::Result<Vec<Packed>> {
    let how = context.project.compression;
    layers.iter().map(|layer| pack::pack(layer, how, context.cache, context.report)).collect()
}

fn launch_record(context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<LaunchRecord> {
    let project = context.project;
    let Parts { runtime, application, .. } = parts;
    let version = version(project, application)?;
    let start_script = StartScript::new(project, application, &runtime.site_packages, context.target.platform());
    let (flags, script) = start_script.command_line(project);
    let id = AppId::new(project.id.clone())?;
    Ok(LaunchRecord {
        app: App { id: id.clone(), name: project.name.clone(), version },
        target: context.target.triple().to_owned(),
        python: runtime.version.to_string(),
        runtime: runtime.description.clone(),
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

/// The directory of commands that packages have installed, if they have.
fn programs(context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<Option<EntryPath>> {
    let commands = context.target.platform().commands();
    let has = |tree: &Tree| tree.site_packages.join(PREFIX).join(commands).is_dir();
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
    use std::fs;

    use super::*;
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
