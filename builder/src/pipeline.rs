//! A build: config → runtime → dependencies → stage → pack → brand → write → sign → check.

use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use bundle::digest::Digest;
use bundle::entry_path::EntryPath;
use bundle::record::{App, AppId, LaunchRecord, Settings, Start};
use launcher::install::layout;

use crate::config::{EntryPoint, Overrides, Project};
use crate::dependencies::{self, Describer, Inputs, Tree};
use crate::executable::brand;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::packing::check;
use crate::packing::launchers;
use crate::packing::minimal::{self, LeftOut};
use crate::packing::output::Output;
use crate::packing::pack::{self, Packed};
use crate::packing::stage::{self, Layer};
use crate::packing::start_script;
use crate::packing::start_script::Argument;
use crate::platform::{ExecutableFormat, Target};
use crate::report::Report;
use crate::report::failure::Failure;
use crate::report::timings::{self, Timings};
use crate::runtime::bytecode::{Compiler, Sources};
use crate::runtime::{Runtime, RuntimeLocation, RuntimeRequest};

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
/// With what went wrong and what to do about it. A file that stood under the bundle's name is untouched then.
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

    let runtime = timings.step("runtime", || describer.runtime(&request(&project, target)))?;
    let compiler = Compiler::for_runtime(&runtime, &cache, report);
    let version = runtime.version.to_string();
    let interpreter = runtime.runs_here.then(|| runtime.tree.join(&runtime.interpreter));
    let inputs = Inputs {
        project: &project,
        target,
        python_version: &version,
        interpreter: interpreter.as_deref(),
        uv,
        cache: &cache,
        report,
    };
    let (dependencies, application) = packages(inputs, &mut timings)?;
    let bytecode = Bytecode { compiler: compiler.as_ref(), cache: &cache, report };
    let kept = project.kept_sources;
    let dependencies = timings.step("compiling", || bytecode.of(dependencies, kept.dependencies, &project.entry))?;
    let application =
        timings.step("compiling the app", || bytecode.of(application, kept.application, &project.entry))?;
    let check = || {
        if !project.check || !runtime.runs_here {
            check::tkinter(&runtime, &application.site_packages, report);
            return Ok(());
        }
        let _step = report.step("importing the entry point");
        check::entry_point(&project.entry, &runtime, &[&application.site_packages, &dependencies.site_packages])
    };

    // The import of a large app takes as long as all that follows it when only the app has changed. When there is more to
    // pack, what is wrong with the app is said first.
    let how = project.compression;
    thread::scope(|scope| {
        let checking = scope.spawn(|| timings::measured(check));
        let record = record(&project, &runtime, &application, target, report)?;
        let mut layers = timings
            .step("staging", || stage(&project, &runtime, &dependencies, &application, target, &cache, report))?;
        let quick = layers.iter().all(|layer| layer.name == "application" || pack::is_packed(layer, how, &cache));
        let mut checking = Some(checking);
        let mut checked = |timings: &mut Timings| checking.take().map_or(Ok(()), |checking| joined(checking, timings));
        if !quick || project.minimal {
            checked(&mut timings)?;
        }
        let packages = [&application, &dependencies];
        let reduction = minimal::Inputs {
            project: &project,
            target,
            runtime: &runtime,
            compiler: compiler.as_ref(),
            packages,
            report,
        };
        let reduce = |layers: &mut Vec<Layer>| {
            let left_out = minimal::reduce(layers, reduction)?;
            if project.check && runtime.runs_here {
                minimal::trial(layers, &project.entry, &runtime, &cache)?;
            }
            layers.retain(|layer| !layer.items.is_empty());
            anyhow::Ok(left_out)
        };
        let left_out = project.minimal.then(|| timings.step("reducing", || reduce(&mut layers))).transpose()?;
        let layers = timings.step("packing", || {
            layers.iter().map(|layer| pack::pack(layer, how, &cache, report)).collect::<anyhow::Result<Vec<_>>>()
        })?;
        let launcher = brand::brand(launcher, &project, &record.app.version, target, report)?;
        let written = timings.step("writing", || output.write(&launcher, &layers, &record))?;
        checked(&mut timings)?;
        let written = timings.step("signing", || written.sign(&project, target, report))?;
        let (path, size, digest) = timings.step("reading back", || written.finish(report))?;
        let (launcher, time) = (launcher.len() as u64, begun.elapsed());
        Ok(Built { path, size, digest, record, launcher, layers, left_out, time, timings })
    })
}

/// The third-party packages, and the app. Its wheel is built while they are resolved and installed; what is wrong with
/// them is said first.
fn packages(inputs: Inputs<'_>, timings: &mut Timings) -> anyhow::Result<(Tree, Tree)> {
    thread::scope(|scope| {
        let building = scope.spawn(move || timings::measured(|| dependencies::own_wheel(inputs)));
        let resolved = timings.step("resolving dependencies", || dependencies::resolve(inputs))?;
        let dependencies = timings.step("installing dependencies", || dependencies::install(inputs, &resolved))?;
        let (own, time) = building.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        timings.add("building the app (meanwhile)", time);
        let own = own?;
        let application = timings.step("installing the app", || dependencies::application(inputs, &resolved, &own))?;
        let trees = [&dependencies, &application];
        dependencies::check_completeness(inputs.project, &trees, inputs.target, inputs.python_version, inputs.report)?;
        Ok((dependencies, application))
    })
}

fn joined(checking: ScopedJoinHandle<'_, (anyhow::Result<()>, Duration)>, timings: &mut Timings) -> anyhow::Result<()> {
    let (result, time) = checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    timings.add("importing the entry point (meanwhile)", time);
    result
}

fn request(project: &Project, target: Target) -> RuntimeRequest {
    RuntimeRequest {
        target,
        python: project.python.clone(),
        requires_python: project.requires_python.clone(),
        location: RuntimeLocation::of(project.runtime.as_ref()),
        keeps_sources: project.kept_sources.runtime,
    }
}

/// What turns installed packages into what is packed.
struct Bytecode<'a> {
    compiler: Option<&'a Compiler>,
    cache: &'a Cache,
    report: &'a Report,
}

impl Bytecode<'_> {
    /// The same packages with bytecode, beside their sources or in their place. Files are shared with the original by
    /// hard links.
    fn of(&self, tree: Tree, keeps_sources: bool, entry: &EntryPoint) -> anyhow::Result<Tree> {
        let Some(compiler) = self.compiler else { return Ok(tree) };
        let sources = match entry {
            _ if keeps_sources => Sources::Stay,
            // The start script reads it.
            EntryPoint::Script(script) => Sources::Go { but_for: vec![script.clone()] },
            _ => Sources::Go { but_for: Vec::new() },
        };
        let key = digest::of_facts([&*tree.key, &*compiler.identity(), &*sources.identity()]);
        let site_packages = self.cache.directory("compiled", &key, |directory| {
            crate::host::cache::link_tree(&tree.site_packages, directory)?;
            compiler.compile(directory, &sources, self.report)?;
            if keeps_sources { Ok(()) } else { dependencies::record_bytecode(directory) }
        })?;
        Ok(Tree { site_packages, key, ..tree })
    }
}

fn stage(
    project: &Project,
    runtime: &Runtime,
    dependencies: &Tree,
    application: &Tree,
    target: Target,
    cache: &Cache,
    report: &Report,
) -> anyhow::Result<Vec<Layer>> {
    let platform = target.platform();
    let arguments: Vec<_> =
        project.arguments.iter().map(|text| Argument::of(text, &application.site_packages)).collect();
    let script = start_script::text(&project.entry, &arguments, &runtime.site_packages, platform, project.minimal);
    let script_key = digest::of_bytes(script.as_bytes());
    let script_file = cache.write("scripts", &script_key, script.as_bytes())?;
    let site_packages = runtime.site_packages.as_str();
    let mut layers =
        vec![
            Layer::of("runtime", &runtime.tree, "", &runtime.key, platform)?,
            Layer::of("dependencies", &dependencies.site_packages, site_packages, &dependencies.key, platform)?,
            Layer::of("application", &application.site_packages, site_packages, &application.key, platform)?
                .with_file(start_script::NAME, script.as_bytes(), &script_file)?,
        ];
    if platform.executable_format() == ExecutableFormat::Elf
        && let Some(icon) = brand::icon_file(project, report)?
        && let Some(application) = layers.pop()
    {
        let file = cache.write("icons", &digest::of_bytes(&icon), &icon)?;
        layers.push(application.with_file(layout::ICON, &icon, &file)?);
    }
    stage::settle(&mut layers, platform, report)?;
    layers.retain(|layer| !layer.items.is_empty());
    Ok(layers)
}

fn record(
    project: &Project,
    runtime: &Runtime,
    application: &Tree,
    target: Target,
    report: &Report,
) -> anyhow::Result<LaunchRecord> {
    let version = version(project, application)?;
    let (options, script) =
        start_script::command(&project.entry, &project.arguments, &runtime.site_packages, project.minimal);
    let chosen = project.python_flags.iter().map(String::as_str);
    let flags = ["-I"].into_iter().chain(chosen).chain(options.iter().copied()).map(str::to_owned).collect();
    Ok(LaunchRecord {
        app: App { id: AppId::new(project.id.clone())?, name: project.name.clone(), version },
        target: target.triple().to_owned(),
        python: runtime.version.to_string(),
        runtime: runtime.description.clone(),
        entry_point: project.command(),
        start: Start {
            interpreter: EntryPath::new(interpreter(project, runtime, target, report))?,
            flags,
            script: EntryPath::new(&*script)?,
            windowed: project.windowed,
            environment: project.environment.clone(),
        },
        settings: Settings {
            self_word: project.self_word.clone(),
            keep: project.keep,
            publisher: project.publisher(),
            app_user_model_id: project.windows.app_user_model_id.clone(),
        },
    })
}

/// The interpreter that a start runs: for an app with windows the one that brings no console along, if there is one.
fn interpreter(project: &Project, runtime: &Runtime, target: Target, report: &Report) -> String {
    let windowed = target.platform().windowed_interpreter().filter(|_| project.windowed);
    match windowed {
        Some(windowed) if runtime.tree.join(windowed).is_file() => return windowed.to_owned(),
        Some(windowed) => report.notice(format!(
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
            version(&project, &Tree { site_packages: PathBuf::new(), key: String::new(), distributions })
        };
        assert_eq!(of("my-dist-x").unwrap(), "1.2");
        assert_eq!(of("my-app").unwrap_err().to_string(), "`My App` has no version");
    }
}
