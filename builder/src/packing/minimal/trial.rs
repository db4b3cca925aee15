//! Trials: the app is started in a tree of its own, laid out as a version dir.
//!
//! 1. [`Trial::record`], before anything is left out: which modules the entry point imports, and a start with each of the
//!    arguments in `minimal-trial`, child processes included.
//! 2. [`Trial::confirm`], from exactly what stays: the same has to work.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bundle::index::EntryKind;

use crate::context::BuildContext;
use crate::host::system;
use crate::packing::check;
use crate::packing::stage::{Parts, StagedLayer};
use crate::packing::start_script::StartScript;
use crate::runtime::interpreters::quiet_command;

const RECORDER: &str = include_str!("record.py");

/// The recorder's module and the `.pth` file that imports it, which comes before those of packages.
const RECORDER_NAMES: [&str; 2] = ["_ekiben_record.py", "00-ekiben-record.pth"];

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where something is tried.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    context: BuildContext<'a>,
    parts: &'a Parts,
}

impl<'a> Trial<'a> {
    /// On this machine, which runs the target.
    pub fn new(context: BuildContext<'a>, parts: &'a Parts) -> Self {
        Self { context, parts }
    }

    /// The names of the modules that the app looks for, in the layers with everything in them.
    ///
    /// # Errors
    /// When a start does not end with the exit code 0.
    pub fn record(&self, layers: &[StagedLayer]) -> anyhow::Result<Vec<String>> {
        let scratch = self.context.cache.scratch()?;
        let (tree, list) = (scratch.path().join("tree"), scratch.path().join("imports"));
        fs::write(&list, "")?;
        lay_out(layers, &tree).context("could not lay out the app")?;
        let site_packages = tree.join(&self.parts.runtime.site_packages);
        fs::create_dir_all(&site_packages)?;
        let shown = serde_json::Value::from(list.to_string_lossy()).to_string();
        fs::write(site_packages.join(RECORDER_NAMES[0]), RECORDER.replace("\"{file}\"", &shown))?;
        fs::write(site_packages.join(RECORDER_NAMES[1]), "import _ekiben_record\n")?;
        let (project, runtime) = (self.context.project, &self.parts.runtime);
        check::recorded_entry_points(project, runtime, self.parts.application.modules, &tree)?;
        self.run_all(&tree, check::failed_trial)?;
        Ok(fs::read_to_string(list)?.lines().map(str::to_owned).collect())
    }

    /// Imports the entry point and repeats the starts, in the layers as they are packed.
    ///
    /// # Errors
    /// When that fails, with the key that keeps what is missing.
    pub fn confirm(&self, layers: &[StagedLayer]) -> anyhow::Result<()> {
        let scratch = self.context.cache.scratch()?;
        let tree = scratch.path().join("tree");
        lay_out(layers, &tree).context("could not lay out what `minimal` keeps")?;
        let (project, runtime) = (self.context.project, &self.parts.runtime);
        check::reduced_entry_points(project, runtime, self.parts.application.modules, &tree)?;
        self.run_all(&tree, check::failed_reduced_trial)
    }

    fn run_all(&self, tree: &Path, failed: fn(&str, &str, &str) -> anyhow::Error) -> anyhow::Result<()> {
        for words in &self.context.project.minimal_trial {
            let said = tree.with_file_name("stderr");
            let code = self.run(tree, words, &said)?;
            if code != "exit code 0" {
                let shown = words.join(" ");
                return Err(failed(&shown, &code, &String::from_utf8_lossy(&fs::read(&said)?)));
            }
        }
        Ok(())
    }

    /// Starts the app as its launcher does, in an empty directory. How it ended.
    fn run(&self, tree: &Path, words: &[String], stderr: &Path) -> anyhow::Result<String> {
        let Parts { runtime, application, .. } = self.parts;
        let project = self.context.project;
        let platform = self.context.target.platform();
        let start_script = StartScript::new(project, application, &runtime.site_packages, platform);
        let (flags, script) = start_script.command_line(project);
        let directory = tree.with_file_name("empty");
        fs::create_dir_all(&directory)?;
        let interpreter = tree.join(&runtime.interpreter);
        let mut command = quiet_command(&interpreter);
        command.arg("-B").args(flags).arg(tree.join(script)).arg(&project.id).args(words).current_dir(directory);
        command.stdout(Stdio::null()).stderr(fs::File::create(stderr)?);
        let child =
            command.spawn().with_context(|| format!("could not start the app by `{}`", interpreter.display()))?;
        Ok(match wait(child, PATIENCE)? {
            Some(status) => status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}")),
            None => format!("it did not end within {} s", PATIENCE.as_secs()),
        })
    }
}

/// Waits for a program, and kills it if it takes too long: `None`.
///
/// # Errors
/// When the system does not say how it ended.
pub fn wait(mut child: Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if begun.elapsed() > patience => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Lays out the layers' files at `tree`, by hard links where possible.
///
/// # Errors
/// Those of the file system.
pub fn lay_out(layers: &[StagedLayer], tree: &Path) -> anyhow::Result<()> {
    for item in layers.iter().flat_map(|layer| &layer.items) {
        let to = tree.join(item.path.as_str());
        let above = to.parent().unwrap_or(tree);
        fs::create_dir_all(above)?;
        match &item.kind {
            EntryKind::Directory => fs::create_dir_all(&to)?,
            EntryKind::Symlink { target } => system::symlink(target, &to)?,
            EntryKind::File { .. } => {
                if fs::hard_link(&item.source, &to).is_err() {
                    fs::copy(&item.source, &to)?;
                }
            }
        }
    }
    Ok(())
}
