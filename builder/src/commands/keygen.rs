//! `ekiben keygen`: a key pair to sign releases with.

use std::process::ExitCode;

use super::print;
use crate::commands::cli_release::KeygenCommand;
use crate::release::secret_key::{self, Protection};

pub(super) fn run(command: &KeygenCommand) -> anyhow::Result<ExitCode> {
    let protection = if command.no_password { Protection::None } else { Protection::Password };
    let (public_file, public) = secret_key::generate(&command.file, protection)?;
    print(&format!(
        "secret key {}\npublic key {}\n\nKeep a copy of the secret key where it can't be lost. What the app gets:\n\n\
         [tool.ekiben.update]\nkeys = [\"{public}\"]\n",
        command.file.display(),
        public_file.display()
    ))
}
