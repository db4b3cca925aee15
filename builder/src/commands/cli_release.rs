//! The command line of releases: types for clap, without behaviour.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use release::place::ChannelName;

use crate::release::span::Span;

/// `ekiben keygen`.
#[derive(Debug, Args)]
pub struct KeygenCommand {
    /// Where to write the secret key; the public one gets `.pub` at its end
    #[arg(default_value = "ekiben.key")]
    pub file: PathBuf,
    /// Do not encrypt the key: for a store of secrets, which hands it to CI
    #[arg(long)]
    pub no_password: bool,
}

/// `ekiben release`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct ReleaseCommand {
    /// Something else than adding bundles.
    #[command(subcommand)]
    pub verb: Option<ReleaseVerb>,
    /// The release folder
    #[arg(required = true)]
    pub directory: Option<PathBuf>,
    /// Bundles of one version, for one target each
    #[arg(value_name = "BUNDLE")]
    pub bundles: Vec<PathBuf>,
    /// The channel that gets them
    #[arg(long, default_value = ChannelName::STABLE, value_parser = ChannelName::new)]
    pub channel: ChannelName,
    /// Which part of all machines gets the version: 10%
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub rollout: Option<u8>,
    /// How long clients believe the channel: 12h, 90d [default: as before, at first 90d]
    #[arg(long, value_name = "SPAN")]
    pub expires: Option<Span>,
    /// Users should have the version soon
    #[arg(long)]
    pub critical: bool,
    /// The oldest version that may still be installed
    #[arg(long, value_name = "VERSION")]
    pub minimum: Option<String>,
    /// A version that must not be installed, and that clients leave
    #[arg(long, value_name = "VERSION")]
    pub withdraw: Vec<String>,
    /// Which keys sign.
    #[command(flatten)]
    pub keys: KeyOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ekiben release updates dist/*                        publish what was built
  ekiben release updates dist/* --rollout 10%          for a tenth of all machines
  ekiben release updates --rollout 100%                the newest version, for all
  ekiben release updates --withdraw 1.4.0              take a version back
  ekiben release updates --expires 90d                 sign the channel again

docs/UPDATES.md describes releases in full.";

/// `ekiben release …`.
#[derive(Debug, Subcommand)]
pub enum ReleaseVerb {
    /// Show what is published
    Status(FolderCommand),
    /// Check every file: signatures, expiry, digests
    Check(FolderCommand),
    /// Remove old versions
    Prune(PruneCommand),
}

/// A release folder, to be looked at.
#[derive(Debug, Args)]
pub struct FolderCommand {
    /// The release folder
    pub directory: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `ekiben release prune`.
#[derive(Debug, Args)]
pub struct PruneCommand {
    /// The release folder
    pub directory: PathBuf,
    /// How many versions each channel keeps
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub keep: usize,
    /// Which keys sign.
    #[command(flatten)]
    pub keys: KeyOptions,
}

/// `ekiben root`.
#[derive(Debug, Args)]
pub struct RootCommand {
    /// What to do.
    #[command(subcommand)]
    pub verb: RootVerb,
}

/// `ekiben root …`.
#[derive(Debug, Subcommand)]
pub enum RootVerb {
    /// Add a public key to those that may sign
    Add(RootKeyCommand),
    /// Remove a public key
    Remove(RootKeyCommand),
    /// Say how many keys must sign
    Threshold(ThresholdCommand),
    /// Add a signature to all that waits for one
    Sign(SignCommand),
}

/// `ekiben root add` and `ekiben root remove`.
#[derive(Debug, Args)]
pub struct RootKeyCommand {
    /// The release folder
    pub directory: PathBuf,
    /// The public key: its file or its text
    #[arg(value_name = "KEY")]
    pub public_key: String,
    /// The id of the app, for a folder without a root
    #[arg(long, value_name = "ID")]
    pub app: Option<String>,
    /// Which keys sign.
    #[command(flatten)]
    pub keys: KeyOptions,
}

/// `ekiben root threshold`.
#[derive(Debug, Args)]
pub struct ThresholdCommand {
    /// The release folder
    pub directory: PathBuf,
    /// How many keys must sign
    pub threshold: usize,
    /// Which keys sign.
    #[command(flatten)]
    pub keys: KeyOptions,
}

/// `ekiben root sign`.
#[derive(Debug, Args)]
pub struct SignCommand {
    /// The release folder
    pub directory: PathBuf,
    /// Which keys sign.
    #[command(flatten)]
    pub keys: KeyOptions,
}

/// `ekiben diff`.
#[derive(Debug, Args)]
pub struct DiffCommand {
    /// The bundle that users have
    pub old: PathBuf,
    /// The bundle that they get
    pub new: PathBuf,
    /// List all files
    #[arg(long)]
    pub files: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which keys sign.
#[derive(Debug, Args)]
pub struct KeyOptions {
    /// A secret key [default: the one in EKIBEN_SIGNING_KEY]
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
}

/// `10%`, or `10`.
fn percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|number| *number <= 100);
    number.ok_or_else(|| format!("`{text}` is not a part such as 10%"))
}
