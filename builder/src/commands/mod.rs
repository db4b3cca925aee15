//! One verb, one file.

use std::io::Write as _;
use std::process::ExitCode;

use crate::commands::cli::{BuildOptions, Cli, Command};
use crate::config::{LockPolicy, Overrides};
use crate::host::network;
use crate::host::scratch;
use crate::report::failure::Failure;
use crate::report::text;
use crate::report::{Report, Verbosity};

mod build;
mod cache;
pub mod cli;
pub mod cli_release;
mod completions;
mod diff;
mod extract;
mod init;
mod inspect;
mod keygen;
mod open;
mod publish;
mod release;
mod root;
mod run;
mod schema;
pub mod summary;
mod verify;

/// Does what the command line says.
///
/// # Errors
/// What went wrong; [`crate::report::failure::render`] turns it into text.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    scratch::remove_all_when_interrupted();
    match cli.command {
        Command::Build(command) => build::run(&command),
        Command::Run(command) => run::run(&command),
        Command::Inspect(command) => inspect::run(&command),
        Command::Extract(command) => extract::run(&command),
        Command::Verify(command) => verify::run(&command),
        Command::Publish(command) => publish::run(&command),
        Command::Init(command) => init::run(&command),
        Command::Cache(command) => cache::run(&command),
        Command::Schema => schema::run(),
        Command::Diff(command) => diff::run(&command),
        Command::Keygen(command) => keygen::run(&command),
        Command::Release(command) => release::run(&command),
        Command::Root(command) => root::run(&command),
        Command::Completions(command) => completions::run(&command),
    }
}

/// What the command line chose, resolved.
fn overrides(options: &BuildOptions) -> Result<Overrides, Failure> {
    if options.offline {
        network::stay_offline();
    }
    Ok(Overrides {
        entry: options.entry.clone(),
        name: options.name.clone(),
        python: options.python.clone(),
        runtime: options.runtime.clone(),
        runtime_sha256: options.runtime_sha256.clone(),
        target: options.target.as_deref().map(str::parse).transpose()?,
        output: options.output.clone(),
        force: options.force,
        minimal: options.minimal.then_some(true),
        compression: options.compression,
        lock: match (options.locked, options.frozen) {
            (true, _) => LockPolicy::Locked,
            (_, true) => LockPolicy::Frozen,
            _ => LockPolicy::Checked,
        },
        add_data: options.add_data.clone(),
        icon: options.icon.clone(),
        windowed: options.windowed.then_some(true),
        from: options.from.clone(),
        with: options.with.clone(),
        extras: options.extra.clone(),
        groups: options.group.clone(),
        check: options.no_check.then_some(false),
        sign: options.no_sign.then_some(false),
    })
}

fn report(options: &BuildOptions) -> Report {
    Report::new(match (options.quiet, options.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    })
}

/// Writes to stdout. A closed pipe is not an error: its reader has seen enough.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn print_json(value: &serde_json::Value) -> anyhow::Result<ExitCode> {
    print(&text::json(value))
}
