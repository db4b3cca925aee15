//! `self service logs [-n N] [-f]`: what the service has said.

use super::{Answer, LaunchError, SelfCommand, Target, failed, system};
use crate::self_cmd::wording;

/// As many lines as `systemctl status` shows is too few to see a traceback.
const LINES: u32 = 100;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let lines = match command.options.value("-n") {
        None => LINES,
        Some(value) => value.to_str().and_then(|value| value.parse().ok()).ok_or_else(|| LaunchError::Misuse {
            what: format!("`-n {}` is not a number of lines", wording::text(value)),
            help: "write a number".to_owned(),
        })?,
    };
    let target = Target::of(command)?;
    let code =
        system::logs(target.id(), lines, command.options.has("-f")).map_err(failed(command, "read the log of"))?;
    Ok(Answer { text: String::new(), code })
}
