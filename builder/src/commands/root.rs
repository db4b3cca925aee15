//! `ekiben root`: which keys may sign releases, and signatures from several machines.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use bundle::record::AppId;
use release::PublicKey;

use super::print;
use crate::commands::cli_release::{RootCommand, RootKeyCommand, RootVerb};
use crate::release::add::words;
use crate::release::folder::Folder;
use crate::release::offer::{self, Offered};
use crate::release::roots::{self, Change};
use crate::release::secret_key::Signer;
use crate::report::failure::Help as _;

pub(super) fn run(command: &RootCommand) -> anyhow::Result<ExitCode> {
    let done = match &command.verb {
        RootVerb::Add(command) => change_key(command, Change::Add)?,
        RootVerb::Remove(command) => change_key(command, Change::Remove)?,
        RootVerb::Threshold(command) => {
            let change = Change::Threshold(command.threshold);
            let signers = Signer::all(&command.keys.key)?;
            roots::change(&Folder::open(&command.directory)?, None, &change, &signers)?
        }
        RootVerb::Sign(command) => {
            let signers = Signer::all(&command.keys.key)?;
            offer::sign_pending(&Folder::open(&command.directory)?, &signers)?
        }
    };
    let mut said = String::new();
    for (name, offered) in &done {
        writeln!(said, "{name}: {}", words(offered))?;
    }
    if done.is_empty() {
        said.push_str("nothing waits for signatures\n");
    } else if done.iter().any(|(_, offered)| *offered != Offered::Published) {
        said.push_str("the other keys sign with `ekiben root sign`\n");
    }
    print(&said)
}

fn change_key(command: &RootKeyCommand, change: fn(PublicKey) -> Change) -> anyhow::Result<Vec<(String, Offered)>> {
    let app = command.app.as_deref().map(AppId::new).transpose()?;
    let key = public_key(&command.public_key)?;
    let signers = Signer::all(&command.keys.key)?;
    roots::change(&Folder::open(&command.directory)?, app.as_ref(), &change(key), &signers)
}

/// A public key, by its file or its text.
fn public_key(given: &str) -> anyhow::Result<PublicKey> {
    let text = match Path::new(given).is_file() {
        true => std::fs::read_to_string(given)?,
        false => given.to_owned(),
    };
    PublicKey::new(&text).or_fail(format!("could not use `{given}`"), "name a .pub file, or the key that stands in it")
}
