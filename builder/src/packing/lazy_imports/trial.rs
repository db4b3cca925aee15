//! One start of the app in a version dir of its own, as the launcher would start it, with what it prints and imports.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::Duration;

use anyhow::Context as _;

use crate::context::BuildContext;
use crate::host::files;
use crate::host::scratch::Scratch;
use crate::packing::minimal;
use crate::packing::stage::{Parts, StagedLayer};
use crate::packing::start_script::{self, Laziness, Recorded, StartScript};
use crate::runtime::interpreters::quiet_command;

/// For how long a command may run.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How a start ended.
pub(super) struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// What it printed to standard output.
    pub(super) output: Vec<u8>,
    /// First names of the modules whose import statements ran, and of what they name.
    pub(super) importing: BTreeSet<String>,
    pub(super) imported: BTreeSet<String>,
}

/// A version dir for trials.
pub(super) struct Trial<'a> {
    scratch: Scratch,
    context: BuildContext<'a>,
    parts: &'a Parts,
    script: StartScript<'a>,
}

impl<'a> Trial<'a> {
    /// Lays out the layers. The directory is gone with the value.
    pub(super) fn new(
        layers: &[StagedLayer],
        context: BuildContext<'a>,
        parts: &'a Parts,
        script: StartScript<'a>,
    ) -> anyhow::Result<Self> {
        let scratch = context.cache.scratch()?;
        let tree = scratch.path().join("tree");
        minimal::lay_out(layers, &tree).context("could not lay out the app for a trial")?;
        // It is a link to the file in the cache.
        fs::remove_file(tree.join(start_script::NAME))?;
        Ok(Self { scratch, context, parts, script })
    }

    /// Runs the app with these arguments. `None` if it had to be killed, because it did not end.
    pub(super) fn run(
        &mut self,
        words: &[String],
        laziness: &Laziness,
        what: Recorded,
    ) -> anyhow::Result<Option<Ended>> {
        let (tree, log) = (self.scratch.path().join("tree"), self.scratch.path().join("log"));
        let script = tree.join(start_script::NAME);
        let starting = self.script.recording(laziness, what, &log);
        fs::write(&script, starting.text(self.context.target.platform()))?;
        fs::write(&log, "")?;
        // The same for each run: what the one before wrote is gone.
        let place = self.scratch.path().join("place");
        files::remove_directory_if_exists(&place)?;
        fs::create_dir_all(&place)?;
        let project = self.context.project.root.to_string_lossy();
        let [output, errors] = ["output", "errors"].map(|name| self.scratch.path().join(name));
        let (flags, _) = starting.command_line(self.context.project);
        let mut command = quiet_command(&tree.join(&self.parts.runtime.interpreter));
        command.arg("-B").args(flags).arg(&script).arg(&self.context.project.id).current_dir(&place);
        command.args(words.iter().map(|word| word.replace("{project}", &project)));
        let child = command.stdout(File::create(&output)?).stderr(File::create(&errors)?).spawn()?;
        let Some(status) = minimal::wait(child, PATIENCE)? else { return Ok(None) };
        let said = String::from_utf8_lossy(&fs::read(&errors)?).into_owned();
        let last = said.lines().last().unwrap_or_default();
        let but = laziness.except.len();
        self.context.report.detail(format!("trial of {words:?}, {what:?}, {but} packages excepted: {status}: {last}"));
        let seen = fs::read_to_string(&log)?;
        let names = |kind: char| {
            let of_kind = seen.lines().filter_map(|line| line.strip_prefix(kind));
            of_kind.filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        Ok(Some(Ended { code: status.code(), output: fs::read(&output)?, importing: names('>'), imported: names('<') }))
    }
}
