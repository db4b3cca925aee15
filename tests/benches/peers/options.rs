//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Measures ekiben beside its peers: the same apps, the same interpreter, the same packages, one machine, runs in turn.
///
/// Everything that is built is kept in target/bench-cache, so a second run is quick. Figures are medians; only ratios
/// within one run mean anything.
#[derive(Debug, Parser)]
#[command(name = "bench", after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Options {
    /// What to ask [default: everything]
    #[arg(value_name = "QUESTION", value_parser = crate::questions::NAMES)]
    pub(crate) questions: Vec<String>,
    /// With which apps
    #[arg(long, value_delimiter = ',', value_parser = ["hello", "terminal", "data"], default_value = "hello,terminal,data")]
    pub(crate) apps: Vec<String>,
    /// Which contestants, by the beginning of their names [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) contestants: Vec<String>,
    /// Which not, of all apps or of one: `nuitka:data`
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) without: Vec<String>,
    /// How many rounds, however long they take [default: as many as fit into about a minute for each app]
    #[arg(long, value_name = "N")]
    pub(crate) rounds: Option<usize>,
    /// The CPython that all of them get [default: the newest 3.13 of pyenv or on PATH]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) python: Option<PathBuf>,
    /// Minutes after which a build is given up
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    pub(crate) limit: u64,
    /// Seconds of a build from which on it is not measured again, but told as it was when it went into the cache
    #[arg(long, value_name = "SECONDS", default_value_t = 25)]
    pub(crate) patience: u64,
    /// Try again what could not be built before
    #[arg(long)]
    pub(crate) retry: bool,
    /// Build what is missing in the cache, and ask nothing
    #[arg(long)]
    pub(crate) prepare: bool,
    /// Write all figures here
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draw a picture of them here
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

const EXAMPLES: &str = "\
Examples:
  .ci/bench                                     everything, with all apps and contestants
  .ci/bench warm first --apps hello             two questions, one app
  .ci/bench build --contestants ekiben,pyinst   two contestants
  .ci/bench --svg docs/benchmarks.svg           and a picture
  .ci/bench --without nuitka:data               without a build that takes very long

The questions:
  launcher  what the launcher alone adds        memory   peak memory of the launcher in a first start
  warm      a later start                       size     the bundle
  first     a first start                       build    building it from nothing
  cores     a first start on one core, on two   rebuild  the same after a change to one line of the app
  beside    a first start of a new version      update   what that change means for those who have the old one";

impl Options {
    /// Whether this question is asked.
    pub(crate) fn asks(&self, question: &str) -> bool {
        !self.prepare && (self.questions.is_empty() || self.questions.iter().any(|asked| asked == question))
    }

    /// Whether this contestant takes part, with an app or with any.
    pub(crate) fn invites(&self, contestant: &str, app: Option<&str>) -> bool {
        let contestant = contestant.to_lowercase();
        let is_meant = |name: &String| contestant.starts_with(&name.to_lowercase());
        let is_left_out = self.without.iter().any(|name| match name.split_once(':') {
            Some((name, of)) => Some(of) == app && is_meant(&name.to_owned()),
            None => is_meant(name),
        });
        !is_left_out && (self.contestants.is_empty() || self.contestants.iter().any(is_meant))
    }
}
