//! `self service status`: whether it runs. Ends with 0 when it does, 3 when not, 4 when it is not installed, as `systemctl
//! status` does.

use super::{Answer, LaunchError, SelfCommand, Target, failed, system};
use crate::self_cmd::json;

const NOT_RUNNING: u32 = 3;
const NOT_INSTALLED: u32 = 4;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(command)?;
    let name = target.name.as_str();
    let Some(status) = system::status(target.id()).map_err(failed(command, "ask for the state of"))? else {
        return Ok(Answer { text: format!("{name} is not installed\n"), code: NOT_INSTALLED });
    };
    let number = |value: Option<i64>| value.map(|value| value.to_string());
    let members = [
        ("process", number(status.process.map(i64::from))),
        ("exit_code", number(status.exit_code)),
        ("restarts", number(status.restarts.map(i64::from))),
    ];
    let text = if command.options.has("--json") {
        let mut all = vec![
            ("service", json::string(name)),
            ("state", json::string(&status.state)),
            ("running", status.is_running.to_string()),
            ("at_boot", status.at_boot.to_string()),
            ("root", json::path(target.root.path())),
        ];
        all.extend(members.into_iter().map(|(member, value)| (member, json::optional(value))));
        json::object(&all) + "\n"
    } else {
        let mut text = [name, " is ", &status.state].concat();
        for (member, value) in members {
            if let Some(value) = value {
                text.extend([", ", member, " ", &value]);
            }
        }
        text + if status.at_boot { "; it starts at boot\n" } else { "; it does not start at boot\n" }
    };
    Ok(Answer { text, code: if status.is_running { 0 } else { NOT_RUNNING } })
}
