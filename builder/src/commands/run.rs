//! `ekiben run`: builds into the cache and starts the result, in one command for development.

use std::process::ExitCode;

use launcher::env::ROOT;

use super::{overrides, report};
use crate::commands::cli::RunCommand;
use crate::host::cache::Cache;
use crate::host::system;
use crate::pipeline;
use crate::platform::Target;
use crate::report::failure::{Failure, Help as _};

pub(super) fn run(command: &RunCommand) -> anyhow::Result<ExitCode> {
    let report = report(&command.build);
    let mut choice = overrides(&command.build)?;
    if let Some(target) = choice.target.filter(|target| !target.runs_here()) {
        let failure = Failure::new(format!("a bundle for {target} can't run on this machine"));
        return Err(failure.help("build it with `ekiben build`, and run it there").into());
    }
    choice.target = Some(Target::host()?);
    // Not held: the build itself may make the cache smaller.
    let entry = |key: &str| anyhow::Ok(Cache::open()?.entry("run", key));
    if choice.output.is_none() {
        // A directory for each project, so that two of the same name do not replace each other.
        let project = std::path::absolute(&command.build.project)?;
        let key = bundle::Digest::of(project.as_os_str().as_encoded_bytes()).short();
        let directory = entry(&key)?;
        std::fs::create_dir_all(&directory)?;
        choice.output = Some(directory);
    }
    let built = pipeline::build(&command.build.project, &choice, &report)?;

    let mut start = std::process::Command::new(&built.path);
    start.args(command.arguments());
    if std::env::var_os(ROOT).is_none() {
        // A trial does not belong among the user's installed apps.
        let roots = entry("roots")?;
        Cache::mark_as_used(&roots.join(built.record.app.id.as_str()));
        start.env(ROOT, roots);
    }
    system::hand_over(start).or_fail(
        format!("could not start `{}`", built.path.display()),
        "check that programs may be executed from that directory, or move it with EKIBEN_CACHE",
    )
}
