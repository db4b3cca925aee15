//! A build: config → runtime → dependencies → stage → pack → brand → write → sign → check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use bundle::digest::Digest;
use bundle::record::LaunchRecord;
use launcher::install::layout;

use crate::config::{EntryPoint, LazyPackages, Overrides, Project};
use crate::context::BuildContext;
use crate::dependencies::{self, Describer, Installed, Tree};
use crate::executable::brand;
use crate::executable::launchers;
use crate::host::cache::{self, Cache};
use crate::host::digest;
use crate::packing::check;
use crate::packing::launch_record;
use crate::packing::lazy_imports::{self, Choice};
use crate::packing::minimal::{self, LeftOut};
use crate::packing::needs::Needs;
use crate::packing::output::Output;
use crate::packing::pack::{self, Packed};
use crate::packing::rarely_used;
use crate::packing::stage::{self, Parts, StagedLayer};
use crate::packing::start_script::{self, Laziness, StartScript};
use crate::platform::{BundledLinks, ExecutableFormat, Target};
use crate::report::Report;
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
    /// What they need of the target.
    pub needs: Needs,
    /// What `minimal` left out of them.
    pub left_out: Option<LeftOut>,
    /// What `lazy-imports = "auto"` found.
    pub lazy_imports: Option<Choice>,
    /// Where the project's settings are.
    pub settings_file: PathBuf,
    /// The packages of which the tests were left out, with the number of their files.
    pub left_out_tests: BTreeMap<String, usize>,
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
    lazy_imports::check_version(&project.lazy_imports, &runtime.version)?;
    let parts = parts(context, runtime, &mut timings)?;
    thread::scope(|scope| {
        let mut importing = Importing::start(scope, context, &parts);
        let (mut layers, laziness, lazy_imports) = stage(context, &parts, &mut timings)?;
        let mut record = launch_record::launch_record(context, &parts, laziness)?;
        if project.minimal || !packs_quickly(context, &layers) {
            importing.join(&mut timings)?;
        }
        let left_out = match project.minimal {
            true => Some(timings.step("reducing", || reduce(context, &mut layers, &parts))?),
            false => None,
        };
        let needs = timings.step("reading what it needs", || needs(context, &layers))?;
        record.glibc = needs.glibc.as_ref().map(|(glibc, _)| glibc.to_string());
        let layers = timings.step("packing", || pack_all(context, &layers))?;
        let launcher = brand::brand(launcher, &project, &record.app.version, target, report)?;
        let written = timings.step("writing", || output.write(&launcher, &layers, &record))?;
        importing.join(&mut timings)?;
        let written = timings.step("signing", || written.sign(context))?;
        let (path, size, digest) = timings.step("reading back", || written.finish(report))?;
        cache.keep_within_limit(report);
        let (launcher, time) = (launcher.len() as u64, begun.elapsed());
        let settings_file = project.settings_file();
        let left_out_tests = parts.left_out_tests.clone();
        Ok(Built {
            path,
            size,
            digest,
            record,
            launcher,
            layers,
            needs,
            left_out,
            left_out_tests,
            lazy_imports,
            settings_file,
            time,
            timings,
        })
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
    let left_out_tests = dependencies::left_out_tests(context, &dependencies);
    check::stdlib_sources(context.project, [&application, &dependencies], context.report);
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
    .map(|(dependencies, application)| Parts { runtime, compiler, dependencies, application, left_out_tests })
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

/// The layers, and which import statements are lazy, which may have to be found out with layers in which none is.
fn stage(
    context: BuildContext<'_>,
    parts: &Parts,
    timings: &mut Timings,
) -> anyhow::Result<(Vec<StagedLayer>, Option<Laziness>, Option<Choice>)> {
    let laziness = lazy_imports::configured(context);
    let layers = timings.step("staging", || staged_layers(context, parts, laziness.clone()))?;
    if context.project.lazy_imports.packages != LazyPackages::Auto {
        return Ok((layers, laziness, None));
    }
    let choice = timings.step("trying lazy imports", || lazy_imports::determine(&layers, context, parts))?;
    let laziness = Some(choice.laziness());
    Ok((staged_layers(context, parts, laziness.clone())?, laziness, Some(choice)))
}

fn staged_layers(
    context: BuildContext<'_>,
    parts: &Parts,
    laziness: Option<Laziness>,
) -> anyhow::Result<Vec<StagedLayer>> {
    let BuildContext { project, cache, report, .. } = context;
    let Parts { runtime, dependencies, application, .. } = parts;
    let platform = context.target.platform();
    let site_packages = runtime.site_packages.as_str();
    let script = StartScript::new(project, application, site_packages, platform).importing(laziness).text(platform);
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
    rarely_used::leave_out(&mut layers, project, platform)?;
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

/// What the bundle needs of the target, which the build says if the project expects less.
fn needs(context: BuildContext<'_>, layers: &[StagedLayer]) -> anyhow::Result<Needs> {
    if context.target.platform().executable_format() != ExecutableFormat::Elf {
        return Ok(Needs::default());
    }
    let needs = Needs::of(layers, context.cache)?;
    for (library, file) in &needs.libraries {
        context.report.detail(format!("`{library}` must be on the system: `{file}` needs it"));
    }
    if let (Some((needed, file)), Some(wanted)) = (&needs.glibc, context.project.glibc)
        && *needed > wanted
    {
        let note = format!("`glibc` is {wanted}, and the bundle needs {needed}, because of `{file}`");
        context.report.notice(note);
    }
    Ok(needs)
}

fn pack_all(context: BuildContext<'_>, layers: &[StagedLayer]) -> anyhow::Result<Vec<Packed>> {
    let how = context.project.compression;
    layers.iter().map(|layer| pack::pack(layer, how, context.cache, context.report)).collect()
}
