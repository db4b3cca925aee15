//! The command line: types for clap, without behaviour.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use bundle::Compression;

/// Turns a Python project into one executable file that needs no Python where it runs.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// One verb each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a bundle: one executable file with CPython, the dependencies and the app in it
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildCommand),
    /// Build a bundle and run it, with the arguments after `--`
    Run(RunCommand),
    /// Show what a bundle holds
    Inspect(InspectCommand),
    /// Extract a bundle's files into a new directory
    Extract(ExtractCommand),
    /// Check every byte of a bundle's payload
    Verify(VerifyCommand),
    /// Put a bundle in the place of the one that people use, on a share for instance
    Publish(PublishCommand),
    /// Print completions for a shell
    Completions(CompletionsCommand),
}

const BUILD_EXAMPLES: &str = "\
Examples:
  ekiben build                            the project in this directory, for this machine
  ekiben build --target windows           the same for Windows, from anywhere
  ekiben build tool.py -o tool            a script with inline metadata (PEP 723)
  ekiben build httpie                     a package of the index, by its command
  ekiben build --from awscli aws          a command that has another name than its package
  ekiben build --runtime cpython.tar.zst  with a CPython of your own

Settings beyond these are in [tool.ekiben] of pyproject.toml: see docs/CONFIG.md.";

/// `ekiben build`.
#[derive(Debug, Args)]
pub struct BuildCommand {
    /// What to build, and how.
    #[command(flatten)]
    pub build: BuildOptions,
    /// Print what was built as JSON
    #[arg(long)]
    pub json: bool,
    /// Say how long each step took
    #[arg(long)]
    pub timings: bool,
}

/// `ekiben run`.
#[derive(Debug, Args)]
pub struct RunCommand {
    /// What to build, and how.
    #[command(flatten)]
    pub build: BuildOptions,
    /// What the app gets as its arguments
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

/// What to build, and how: for `build` and `run`.
#[derive(Debug, Args)]
pub struct BuildOptions {
    /// A project's directory, a script, or a package such as `httpie` [default: the project around the current directory]
    #[arg(default_value = ".", value_name = "PROJECT", hide_default_value = true)]
    pub project: PathBuf,
    /// Where to write the bundle: a file, or a directory (there, or with a slash at its end) [default: dist/<name>]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace what stands under that name even if it is no bundle
    #[arg(long)]
    pub force: bool,
    /// The name of the app [default: the project's, the script's or the directory's]
    #[arg(long)]
    pub name: Option<String>,
    /// What to build for: linux, windows, or a triple [default: this machine]
    #[arg(short, long)]
    pub target: Option<String>,
    /// The version of CPython to bring along, such as 3.13
    #[arg(short, long, value_name = "VERSION")]
    pub python: Option<String>,
    /// A CPython of your own: a directory, an archive, or a URL
    #[arg(long, value_name = "PATH|URL")]
    pub runtime: Option<String>,
    /// The SHA-256 of the runtime's archive
    #[arg(long, value_name = "HEX", requires = "runtime")]
    pub runtime_sha256: Option<String>,
    /// What to start: the name of a script of the project, `pkg.module:function`, `-m pkg` or `script.py`
    #[arg(short, long, value_name = "ENTRY", allow_hyphen_values = true)]
    pub entry: Option<String>,
    /// The package that has the command which is named in the place of PROJECT: `--from awscli aws`
    #[arg(long, value_name = "PACKAGE")]
    pub from: Option<String>,
    /// A package that goes in beside the one that is built
    #[arg(long, value_name = "PACKAGE")]
    pub with: Vec<String>,
    /// An extra of the project that goes in too
    #[arg(long, value_name = "NAME")]
    pub extra: Vec<String>,
    /// A group of [dependency-groups] that goes in too
    #[arg(long, value_name = "NAME")]
    pub group: Vec<String>,
    /// Refuse to build unless a lock is there that fits exactly
    #[arg(long, conflicts_with = "frozen")]
    pub locked: bool,
    /// Take `uv.lock` as it is, without a look whether it fits
    #[arg(long)]
    pub frozen: bool,
    /// Use nothing but what caches hold
    #[arg(long)]
    pub offline: bool,
    /// The app's icon: an .ico, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub icon: Option<PathBuf>,
    /// The app has windows of its own, and wants no console
    #[arg(long)]
    pub windowed: bool,
    /// A file or directory that goes in, into this directory beside the app's modules (`.` for there)
    #[arg(long, value_name = "SRC:DEST")]
    pub add_data: Vec<String>,
    /// Leave out what can't be reached from the entry point: see `minimal` in docs/CONFIG.md
    #[arg(long)]
    pub minimal: bool,
    /// How small to make the bundle, at the cost of time
    #[arg(long, value_name = "HOW", value_parser = compression_parser())]
    pub compression: Option<Compression>,
    /// Do not import the entry point to see that it works
    #[arg(long)]
    pub no_check: bool,
    /// Leave the bundle unsigned, whatever [tool.ekiben.sign] says
    #[arg(long)]
    pub no_sign: bool,
    /// Say only what went wrong
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say each step, and the commands that are run
    #[arg(short, long)]
    pub verbose: bool,
}

/// `ekiben inspect`.
#[derive(Debug, Args)]
pub struct InspectCommand {
    /// The bundle
    pub file: PathBuf,
    /// List the files too
    #[arg(long)]
    pub files: bool,
    /// Say what takes the room: by layer, distribution and kind of file
    #[arg(long)]
    pub sizes: bool,
    /// Write what takes the room as a page with a map of boxes
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// `ekiben extract`.
#[derive(Debug, Args)]
pub struct ExtractCommand {
    /// The bundle
    pub file: PathBuf,
    /// A directory that does not exist yet, or is empty
    pub directory: PathBuf,
}

/// `ekiben verify`.
#[derive(Debug, Args)]
pub struct VerifyCommand {
    /// The bundle
    pub file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `ekiben publish`.
#[derive(Debug, Args)]
pub struct PublishCommand {
    /// The bundle
    pub file: PathBuf,
    /// The file to replace, or the directory it is in
    pub destination: PathBuf,
    /// Replace also what is no bundle, or another app
    #[arg(long)]
    pub force: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `ekiben completions`.
#[derive(Debug, Args)]
pub struct CompletionsCommand {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// One of the names of [`Compression`], which `--help` and completions list.
fn compression_parser() -> impl TypedValueParser<Value = Compression> {
    PossibleValuesParser::new(Compression::NAMES).try_map(|name| name.parse::<Compression>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        super::Cli::command().debug_assert();
    }
}
