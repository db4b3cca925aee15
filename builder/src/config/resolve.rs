//! From files and command line to a [`Project`]: precedence, defaults, contradictions.

use std::path::{Path, PathBuf};

use super::document::Located;
use super::files::Files;
use super::found::{Found, text_of};
use super::metadata;
use super::settings::Settings;
use super::{
    AddedData, AppSource, Describe, Described, KeptSources, Overrides, Project, PythonRequirement, RuntimeSetting,
    UpdateSettings, Wanted, names, plain, python, stdlib_parts, variables,
};
use crate::host::files;
use crate::platform::{Glibc, OLDEST, Target};
use crate::report::failure::Failure;
use bundle::Compression;

/// The version of a project that states none.
const NO_VERSION: &str = "0.0.0";

pub(super) fn load(path: &Path, choice: &Overrides, describe: &dyn Describe) -> anyhow::Result<Project> {
    let found = Found::at(path, choice)?;
    let mut read = Files::read(&found)?;
    let root = std::path::absolute(&read.root)?;
    let sources = read.sources()?;
    if sources == AppSource::Wheel && read.leaves_out_what_matters(&root)? {
        read.described(describe.project(&root)?);
    } else if read.is_a_poetry_application()? {
        read.described(Described { metadata: describe.poetry(&root)?, wheel: None });
    }
    read.describe_package(choice, describe)?;
    let option = |option: &'static str| move |value: &String| Located::on_the_command_line(value, option);
    read.settings.extras.extend(choice.extras.iter().map(option("--extra")));
    read.settings.groups.extend(choice.groups.iter().map(option("--group")));
    let (settings, metadata) = (&read.settings, read.metadata.as_ref());

    // A path that ends with `..` has no name at its end.
    let real_root = files::real_path(&root).unwrap_or_else(|_| root.clone());
    let is_named = choice.name.is_some() || settings.name.is_some();
    let of_script = read.script.as_ref().filter(|_| !is_named).map(|script| names::of_script(script, &real_root));
    let name = choice
        .name
        .clone()
        .or_else(|| read.package.as_ref().and_then(|package| package.command.clone()))
        .or_else(|| read.other_script(choice, metadata.map_or("", |m| &m.name)))
        .or_else(|| settings.name.as_ref().map(|n| n.value.clone()))
        .or_else(|| metadata.map(|m| m.name.clone()).filter(|name| !name.is_empty()))
        .or_else(|| of_script.as_ref().map(|(name, _)| name.clone()))
        .or_else(|| read.name.clone())
        .or_else(|| root.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let id = names::id(&name, read.settings_place)?;
    let commands = read.commands(choice)?;
    let chosen = read.entry(choice, &id, &sources, &commands)?;
    // The version of a package was chosen for the Python that there is.
    let described = metadata.filter(|_| read.package.is_none());
    let requires_python = described.and_then(|m| m.requires_python.clone()).or_else(|| read.script_requires.clone());
    let python = read.python(choice, requires_python.as_deref())?;
    let version = match (&settings.version, metadata) {
        (Some(version), _) => Some(version.value.clone()),
        // A nameless application of Poetry has no version either.
        (None, Some(metadata)) if !metadata.name.is_empty() => metadata.version.clone(),
        (None, _) => Some(NO_VERSION.to_owned()),
    };
    if version.is_none() && sources != AppSource::Wheel {
        return Err(Failure::new(format!(
            "{}: the version is `dynamic`, but nothing is built that knows it",
            read.shown
        ))
        .help(format!("write `version` in [project] or in {}, or add a [build-system]", read.settings_place))
        .into());
    }
    let target = settings.target.as_ref().map(|t| {
        let parsed = t.value.parse::<Target>();
        parsed.map_err(|f| t.place.failure(&f).help(f.help_text().unwrap_or_default()))
    });
    let glibc = settings.glibc.as_ref().map(|g| match g.value.parse::<Glibc>() {
        Ok(glibc) if glibc >= Glibc::OLDEST => Ok(glibc),
        Ok(_) => {
            Err(g.place.failure(format!("`glibc` is older than {}", Glibc::OLDEST)).help("no wheels are made for it"))
        }
        Err(f) => Err(g.place.failure(&f).help(f.help_text().unwrap_or_default())),
    });
    let compression = settings.compression.as_ref().map(|c| {
        let parsed = c.value.parse::<Compression>();
        parsed.map_err(|e| c.place.failure(&e).help("it is `fast`, `default` or `smallest`"))
    });
    let values = |list: &[Located<String>]| list.iter().map(|l| l.value.clone()).collect::<Vec<_>>();
    let project = Project {
        entry: chosen.entry,
        arguments: chosen.arguments,
        command_choice: read.command_choice(&commands),
        commands,
        windowed: choice.windowed.or(settings.gui).unwrap_or(chosen.windowed),
        icon: read.icon(choice, &root)?,
        lock: choice.lock,
        added_data: choice.add_data.iter().map(|text| AddedData::parse(text)).collect::<Result<_, _>>()?,
        windows: settings.windows.clone(),
        service: settings.service.clone(),
        update: update(settings)?,
        sign: settings.sign.clone().filter(|_| choice.sign.unwrap_or(true)),
        python,
        requires_python,
        runtime: read.runtime(choice, &root)?,
        target: choice.target.or(target.transpose()?),
        glibc: glibc.transpose()?,
        dependencies: read.locked(choice.lock, read.dependencies(&root)?)?,
        extras: values(&settings.extras),
        groups: values(&settings.groups),
        dependency_tests: settings.dependency_tests.unwrap_or(false),
        python_flags: values(&settings.python_flags),
        environment: variables::checked(&settings.environment)?,
        compression: choice.compression.or(compression.transpose()?).unwrap_or_default(),
        kept_sources: read.kept_sources()?,
        stdlib_keep: stdlib_parts::kept(&settings.stdlib_keep)?,
        minimal: choice.minimal.or(settings.minimal).unwrap_or(false),
        minimal_keep: values(&settings.minimal_keep),
        minimal_trial: trials(&settings.minimal_trial)?,
        lazy_imports: settings.lazy_imports.resolve()?,
        output: Some(read.output(choice, &root)?),
        force: choice.force,
        check: choice.check.or(settings.check).unwrap_or(true),
        publisher: settings.publisher.clone(),
        self_word: self_word(settings.self_command.as_ref())?,
        keep: settings.keep_versions.unwrap_or(launcher_default().keep),
        note: of_script.and_then(|(_, note)| note),
        root,
        id,
        name,
        version,
        sources,
        wheel: read.wheel,
        metadata: read.metadata,
        settings_place: read.settings_place,
    };
    plain::check(&project)?;
    Ok(project)
}

/// The arguments of each trial run, which are written as in a shell.
fn trials(written: &[Located<String>]) -> Result<Vec<Vec<String>>, Failure> {
    let words = |trial: &Located<String>| {
        shlex::split(&trial.value).ok_or_else(|| {
            let failure = trial.place.failure(format!("`{}` has an unclosed quote", trial.value));
            failure.help("each item of `minimal-trial` is the arguments of one start, written as in a shell")
        })
    };
    written.iter().map(words).collect()
}

impl Files<'_> {
    /// Whether only the build system knows which files the bundle is made from.
    fn leaves_out_what_matters(&self, root: &Path) -> Result<bool, Failure> {
        let (Some(document), Some(_)) = (&self.document, &self.metadata) else { return Ok(true) };
        let dynamic = |fields: &[&str]| metadata::has_dynamic(document, fields);
        Ok(dynamic(&["scripts", "gui-scripts", "entry-points"])?
            || (dynamic(&["dependencies"])? && self.is_unlisted(root)))
    }

    /// Uses the metadata of the project's wheel in the place of the project's own.
    fn described(&mut self, described: Described) {
        self.metadata = Some(described.metadata);
        self.wheel = described.wheel;
        self.is_described = true;
    }

    /// Asks for the metadata of the package that is built instead of a project.
    fn describe_package(&mut self, choice: &Overrides, describe: &dyn Describe) -> anyhow::Result<()> {
        let Some(installed) = &self.package else { return Ok(()) };
        let runtime = self.runtime(choice, &std::env::current_dir()?)?;
        let python = choice.python.as_deref();
        let wanted = Wanted { package: &installed.package, target: choice.target, python, runtime: runtime.as_ref() };
        let metadata = describe.package(wanted)?;
        self.described(Described { metadata, wheel: None });
        Ok(())
    }

    fn sources(&self) -> anyhow::Result<AppSource> {
        if self.package.is_some() {
            return Ok(AppSource::Package);
        }
        let globs = (&self.settings.include, &self.settings.exclude);
        let sources = if let Some(script) = &self.script {
            AppSource::Script(script.clone())
        } else if self.has_build_system()? {
            AppSource::Wheel
        } else {
            let values = |list: &[Located<String>]| list.iter().map(|l| l.value.clone()).collect();
            for glob in globs.0.iter().chain(globs.1) {
                globset::Glob::new(&glob.value).map_err(|e| {
                    glob.place
                        .failure(format!("`{}` is not a valid glob: {}", glob.value, e.kind()))
                        .help("`*` matches within a name, `**` across directories, as in `data/**/*.json`")
                })?;
            }
            return Ok(AppSource::Tree { include: values(globs.0), exclude: values(globs.1) });
        };
        let what = if sources == AppSource::Wheel { "a project with a [build-system]" } else { "a script" };
        if let Some(glob) = globs.0.first().or(globs.1.first()) {
            let failure = glob.place.failure(format!("`include` and `exclude` mean nothing for {what}"));
            return Err(failure.help("the build system's own settings choose what its wheel holds").into());
        }
        Ok(sources)
    }

    fn kept_sources(&self) -> Result<KeptSources, Failure> {
        let Some(layers) = &self.settings.sources else { return Ok(KeptSources::default()) };
        let mut kept = KeptSources { runtime: false, dependencies: false, application: false };
        for layer in layers {
            match layer.value.as_str() {
                "runtime" => kept.runtime = true,
                "dependencies" => kept.dependencies = true,
                "application" => kept.application = true,
                other => {
                    return Err(layer.place.failure(format!("`sources` names `{other}`, which is not a layer")).help(
                        "the layers are `runtime`, `dependencies` and `application`: those named keep their .py files",
                    ));
                }
            }
        }
        Ok(kept)
    }

    fn has_build_system(&self) -> Result<bool, Failure> {
        let has_setup = self.root.join("setup.py").is_file();
        let Some(document) = &self.document else { return Ok(has_setup) };
        let tool = document.root().table("tool")?;
        let uv = tool.map(|t| t.table("uv")).transpose()?.flatten();
        if let Some(package) = uv.map(|t| t.boolean("package")).transpose()?.flatten() {
            return Ok(package);
        }
        Ok(document.root().has("build-system") && self.poetry_package_mode()? != Some(false) || has_setup)
    }

    /// Whether the project is one of Poetry's and no wheel of it can be built.
    fn is_a_poetry_application(&self) -> Result<bool, Failure> {
        let has_table = self.poetry_package_mode()?.is_some();
        Ok(has_table && self.metadata.is_none() && self.script.is_none())
    }

    /// Whether the project is a package for Poetry; `None` if it is none of Poetry's.
    fn poetry_package_mode(&self) -> Result<Option<bool>, Failure> {
        let Some(document) = &self.document else { return Ok(None) };
        let tool = document.root().table("tool")?;
        let poetry = tool.map(|t| t.table("poetry")).transpose()?.flatten();
        poetry.map(|t| Ok(t.boolean("package-mode")?.unwrap_or(true))).transpose()
    }

    fn python(&self, choice: &Overrides, requires: Option<&str>) -> anyhow::Result<Option<String>> {
        let asked = match (&choice.python, &self.settings.python) {
            (Some(version), _) => Some((version.clone(), "--python".to_owned())),
            (None, Some(version)) => Some((version.value.clone(), version.place.to_string())),
            (None, None) => {
                let file = self.root.join(".python-version");
                let found = text_of(&file)?.as_deref().and_then(python::from_version_file);
                found.map(|version| (version, file.strip_prefix(".").unwrap_or(&file).display().to_string()))
            }
        };
        let requirement = requires.map(|text| {
            PythonRequirement::parse(text).ok_or_else(|| {
                Failure::new(format!("{}: `{text}` in `requires-python` is not a version specifier", self.shown))
                    .help("write it as `requires-python = \">=3.11\"`")
            })
        });
        let requirement = requirement.transpose()?;
        let Some((version, place)) = asked else { return Ok(None) };
        if python::is_free_threaded(&version) {
            let version = version.trim_end_matches("+freethreaded").trim_end_matches('t');
            return Err(Failure::new(format!("{place}: a free-threaded CPython is asked for"))
                .help(format!("ekiben makes bundles of CPython with its global lock only: choose `{version}`"))
                .into());
        }
        if !python::is_request(&version) {
            return Err(Failure::new(format!("{place}: `{version}` is not a Python version"))
                .help("write it as `3.13` or `3.13.2`")
                .into());
        }
        if python::is_too_old(&version) {
            let message = format!("{place}: this requests CPython {version}, but ekiben needs {OLDEST} or newer");
            let help = format!(
                "the bundle contains its own CPython, so users need none: choose a version with `-p 3.13`, or with \
                 `python = \"3.13\"` in {}",
                self.settings_place
            );
            return Err(Failure::new(message).help(help).into());
        }
        if let (Some(requirement), Some(text)) = (requirement, requires)
            && !requirement.allows(&version)
        {
            let message = format!("{place}: Python {version} is asked for, but the project requires {text}");
            return Err(Failure::new(message).help("change one of them, or choose another with `-p`").into());
        }
        Ok(Some(version))
    }

    fn runtime(&self, choice: &Overrides, root: &Path) -> anyhow::Result<Option<RuntimeSetting>> {
        let settings = &self.settings;
        let (location, base) = match (&choice.runtime, &settings.runtime) {
            (Some(location), _) => (location, std::env::current_dir()?),
            (None, Some(location)) => (&location.value, root.to_owned()),
            (None, None) => return Ok(None),
        };
        // The digest in the file is that of the file's runtime, not of another one from the command line.
        let from_file = settings.runtime_sha256.as_ref().filter(|_| choice.runtime.is_none());
        let sha256 = match (&choice.runtime_sha256, from_file) {
            (Some(digest), _) => Some((digest, "--runtime-sha256".to_owned())),
            (None, Some(digest)) => Some((&digest.value, digest.place.to_string())),
            (None, None) => None,
        };
        let sha256 = sha256.map(|(digest, place)| {
            let digest = digest.to_ascii_lowercase();
            if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Ok(digest);
            }
            Err(Failure::new(format!("{place}: `{digest}` is not a SHA-256"))
                .help("a SHA-256 is 64 hexadecimal digits; `sha256sum FILE` prints one"))
        });
        let path = base.join(location);
        let location = if !location.contains("://") && path.exists() {
            std::path::absolute(path)?.to_string_lossy().into_owned()
        } else {
            location.clone()
        };
        Ok(Some(RuntimeSetting { location, sha256: sha256.transpose()? }))
    }

    /// Where the bundle goes: beside the project's other products, wherever the command was started. A script has no
    /// directory of its own.
    fn output(&self, choice: &Overrides, root: &Path) -> anyhow::Result<PathBuf> {
        // With a separator at its end, as only a directory's name has.
        let dist = Path::new("dist").join("");
        Ok(match (&choice.output, &self.settings.output) {
            (Some(output), _) => std::path::absolute(output)?,
            (None, Some(output)) => root.join(&output.value),
            (None, None) if self.package.is_some() => std::env::current_dir()?.join(""),
            (None, None) if self.script.is_some() => std::path::absolute(dist)?,
            (None, None) => root.join(dist),
        })
    }

    fn icon(&self, choice: &Overrides, root: &Path) -> anyhow::Result<Option<PathBuf>> {
        let base = if choice.icon.is_some() { "the current directory" } else { "the project's directory" };
        let (icon, file) = match (&choice.icon, &self.settings.icon) {
            (Some(file), _) => {
                let file = std::path::absolute(file)?;
                (Located::on_the_command_line(file.display().to_string(), "--icon"), file)
            }
            (None, Some(icon)) => (icon.clone(), root.join(&icon.value)),
            (None, None) => return Ok(None),
        };
        let extension = file.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        if !matches!(extension.as_deref(), Some("ico" | "png" | "svg")) {
            let failure = icon.place.failure(format!("`{}` is not an icon", icon.value));
            return Err(failure.help("an icon is an .ico, .png or .svg file").into());
        }
        if !file.is_file() {
            let failure = icon.place.failure(format!("there is no icon `{}`", icon.value));
            return Err(failure.help(format!("the path is relative to {base}")).into());
        }
        Ok(Some(file))
    }
}

fn launcher_default() -> bundle::record::Settings {
    bundle::record::Settings::default()
}

/// Updates are asked for through the launcher's word.
fn update(settings: &Settings) -> Result<Option<UpdateSettings>, Failure> {
    if settings.update.is_some()
        && let Some(None) = settings.self_command
    {
        return Err(Failure::new(
            "[tool.ekiben.update] needs the launcher, and `self-command = false` switches it off",
        )
        .help("choose a word for `self-command`"));
    }
    Ok(settings.update.clone())
}

/// The word that asks for the launcher itself. It is not an option, which would be the app's, and has no spaces.
fn self_word(setting: Option<&Option<Located<String>>>) -> Result<Option<String>, Failure> {
    let word = match setting {
        None => return Ok(launcher_default().self_word),
        Some(None) => return Ok(None),
        Some(Some(word)) => word,
    };
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ':' | '@');
    if word.value.is_empty() || word.value.starts_with('-') || !word.value.chars().all(fine) {
        let failure = word.place.failure(format!("`{}` can't be the word for `self-command`", word.value));
        return Err(failure.help("choose a word of letters, digits and hyphens that the app does not use, or `false`"));
    }
    Ok(Some(word.value.clone()))
}
