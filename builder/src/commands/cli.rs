//! The command line: types for clap, without behaviour.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use bundle::Compression;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::cli_release::{DiffCommand, KeygenCommand, ReleaseCommand, RootCommand};
use crate::host::cache;
use crate::platform::Target;

/// Turns a Python project into one executable file that needs no Python where it runs.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The command line of this process. Ends it where there is nothing else to do than to say something.
    pub fn of_this_process() -> Self {
        let matches = Self::described().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The description of all verbs. Each says the version as ekiben's, not as its own.
    pub fn described() -> clap::Command {
        Self::command().mut_subcommands(|verb| verb.display_name("ekiben"))
    }
}

/// One verb each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a bundle: one executable file with CPython, the dependencies and the app in it
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildCommand),
    /// Build a bundle and run it
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunCommand),
    /// Begin a project: write a settings file with the usual keys as comments
    Init(InitCommand),
    /// Show what a bundle holds
    Inspect(InspectCommand),
    /// Extract a bundle's files into a new directory
    Extract(ExtractCommand),
    /// Check every byte of a bundle's payload
    Verify(VerifyCommand),
    /// Replace the bundle that people use, for example on a share
    Publish(PublishCommand),
    /// Show what builds keep for later ones, and remove it
    Cache(CacheCommand),
    /// Print the JSON schema of the settings, for editors
    Schema,
    /// Show what a new version changes, and what the update to it costs
    Diff(DiffCommand),
    /// Make a key to sign releases with
    Keygen(KeygenCommand),
    /// Publish bundles in a release folder, from which apps update themselves
    Release(Box<ReleaseCommand>),
    /// Say which keys may sign releases
    Root(RootCommand),
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

const RUN_EXAMPLES: &str = "\
Examples:
  ekiben run tool.py a b          a script with two arguments
  ekiben run -- --verbose         the project in this directory, with an option
  ekiben run . serve --port 80    the same; all that follows the first argument is the app's too";

/// `ekiben build`.
#[derive(Debug, Args)]
pub struct BuildCommand {
    /// What to build, and how.
    #[command(flatten)]
    pub build: BuildOptions,
    /// Write what `lazy-imports = "auto"` has found into the configuration, in place of `"auto"`
    #[arg(long)]
    pub write: bool,
    /// Print what was built as JSON
    #[arg(long)]
    pub json: bool,
    /// Print how long each step took
    #[arg(long)]
    pub timings: bool,
}

/// `ekiben run`.
#[derive(Debug, Args)]
pub struct RunCommand {
    /// What to build, and how.
    #[command(flatten)]
    pub build: BuildOptions,
    /// The app's arguments: the first that is not an option of ekiben's, and all that follow
    #[arg(value_name = "ARGUMENTS", allow_hyphen_values = true)]
    pub words: Vec<OsString>,
    /// The app's arguments, options too
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

impl RunCommand {
    /// All arguments of the app.
    pub fn arguments(&self) -> impl Iterator<Item = &OsString> {
        self.words.iter().chain(&self.arguments)
    }
}

/// `ekiben init`.
#[derive(Debug, Args)]
pub struct InitCommand {
    /// The project's directory
    #[arg(default_value = ".")]
    pub directory: PathBuf,
}

/// `ekiben cache`.
#[derive(Debug, Args)]
pub struct CacheCommand {
    /// What to do with it.
    #[command(subcommand)]
    pub verb: CacheVerb,
}

/// What can be done with the cache.
#[derive(Debug, Subcommand)]
pub enum CacheVerb {
    /// Print where it is
    Dir,
    /// Print how large it is, by what it holds
    Size {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove what is in it; later builds make it again
    Clean {
        /// Only what no build has used for so long, such as 30d, 12h or 2w
        #[arg(long, value_name = "AGE", value_parser = cache::age)]
        older_than: Option<Duration>,
    },
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
    /// Replace what stands under that name even if it is not a bundle
    #[arg(long)]
    pub force: bool,
    /// The name of the app [default: the project's, the script's or the directory's]
    #[arg(long)]
    pub name: Option<String>,
    /// What to build for: one of these, or its triple [default: this machine]
    #[arg(short, long, value_parser = TargetName)]
    pub target: Option<String>,
    /// The version of CPython in the bundle, such as 3.13
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
    /// The package whose command PROJECT names: `--from awscli aws`
    #[arg(long, value_name = "PACKAGE")]
    pub from: Option<String>,
    /// A further package to include
    #[arg(long, value_name = "PACKAGE")]
    pub with: Vec<String>,
    /// An extra of the project to include
    #[arg(long, value_name = "NAME")]
    pub extra: Vec<String>,
    /// A group of [dependency-groups] to include
    #[arg(long, value_name = "NAME")]
    pub group: Vec<String>,
    /// Refuse to build without a lock file that fits exactly
    #[arg(long, conflicts_with = "frozen")]
    pub locked: bool,
    /// Use `uv.lock` without checking whether it is up to date
    #[arg(long)]
    pub frozen: bool,
    /// Use caches alone, and no network
    #[arg(long)]
    pub offline: bool,
    /// The app's icon: an .ico, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub icon: Option<PathBuf>,
    /// The app has windows of its own and needs no console
    #[arg(long)]
    pub windowed: bool,
    /// A file or directory to include, and the directory beside the app's modules to put it in (`.` for their own)
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
    /// Print errors alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print each step, and the commands that are run
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
    /// Print what takes the space: by layer, distribution and kind of file
    #[arg(long)]
    pub sizes: bool,
    /// Write what takes the space as a web page with a treemap
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
    /// Replace also what is not a bundle, or another app
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

/// Takes any name, so that a wrong one is answered in our words, and lists the short ones.
#[derive(Debug, Clone)]
struct TargetName;

impl TypedValueParser for TargetName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Target::all().map(|target| PossibleValue::new(target.short()).alias(target.triple()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::described().debug_assert();
    }

    #[test]
    fn the_arguments_of_a_run_begin_with_the_first_that_is_not_an_option() {
        for (line, project, arguments) in [
            ("run t.py a b", "t.py", "a b"),
            ("run t.py --minimal a --minimal -v", "t.py", "a --minimal -v"),
            ("run t.py --port 80", "t.py", "--port 80"),
            ("run -- a -v", ".", "a -v"),
            ("run t.py -- a -v", "t.py", "a -v"),
            ("run t.py a -- b", "t.py", "a -- b"),
            ("run -q t.py", "t.py", ""),
        ] {
            let words = ["ekiben"].into_iter().chain(line.split_whitespace());
            let Command::Run(run) = Cli::try_parse_from(words).unwrap().command else { unreachable!() };
            assert_eq!(run.build.project.to_str(), Some(project), "{line}");
            let all: Vec<_> = run.arguments().map(|word| word.to_str().unwrap()).collect();
            assert_eq!(all.join(" "), arguments, "{line}");
        }
    }

    #[test]
    fn every_verb_says_the_version_of_ekiben() {
        for line in ["ekiben -V", "ekiben build -V", "ekiben cache --version"] {
            let said = Cli::described().try_get_matches_from(line.split(' ')).unwrap_err().to_string();
            assert_eq!(said, concat!("ekiben ", env!("CARGO_PKG_VERSION"), "\n"), "{line}");
        }
    }
}
