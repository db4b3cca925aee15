//! `self service status`: whether it runs. Ends with 0 when it does, 3 when not, 4 when it is not installed, as `systemctl
//! status` does.

use serde::Serialize;

use super::{Answer, LaunchError, SelfCommand, Target, failed, system};
use crate::self_cmd::json::{self, PathValue};
use crate::service::Status;

const NOT_RUNNING: u32 = 3;
const NOT_INSTALLED: u32 = 4;

#[derive(Serialize)]
struct StatusAnswer<'a> {
    service: &'a str,
    state: &'a str,
    running: bool,
    at_boot: bool,
    root: PathValue,
    process: Option<u32>,
    exit_code: Option<i64>,
    restarts: Option<u32>,
}

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(command)?;
    let name = target.name.as_str();
    let found = system::status(target.id()).map_err(failed(command, "ask for the state of"))?;
    let code = match &found {
        None => NOT_INSTALLED,
        Some(status) if status.is_running => 0,
        Some(_) => NOT_RUNNING,
    };
    let status = found.unwrap_or_else(|| Status { state: "not installed".to_owned(), ..Status::default() });
    let text = if command.options.has("--json") {
        json::line(&StatusAnswer {
            service: name,
            state: &status.state,
            running: status.is_running,
            at_boot: status.at_boot,
            root: target.root.path().into(),
            process: status.process,
            exit_code: status.exit_code,
            restarts: status.restarts,
        })
    } else {
        let number = |value: Option<i64>| value.map(|value| value.to_string());
        let members = [
            ("process", number(status.process.map(i64::from))),
            ("exit_code", number(status.exit_code)),
            ("restarts", number(status.restarts.map(i64::from))),
        ];
        let mut text = [name, " is ", &status.state].concat();
        for (member, value) in members {
            if let Some(value) = value {
                text.extend([", ", member, " ", &value]);
            }
        }
        text + if status.at_boot { "; it starts at boot\n" } else { "; it does not start at boot\n" }
    };
    Ok(Answer { text, code })
}
